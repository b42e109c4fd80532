#include "run/host_env.h"

#include <string.h>

#include "base/text.h"
#include "os/clock.h"
#include "os/host.h"

/* Set and not empty. */
static const char *value_of(const char *name)
{
    const char *value = hb_environment_get(name);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

static bool is_dashboard(void)
{
    return value_of("DASHBOARD_TEST_FROM_CTEST") != NULL ||
           value_of("DART_TEST_FROM_DART") != NULL;
}

bool hb_host_env_is_ctest(void)
{
    return is_dashboard() || value_of("CTEST_INTERACTIVE_DEBUG_MODE") != NULL;
}

static void apply_ctest(struct hb_settings *settings)
{
    settings->dashboard = is_dashboard();
    settings->options.policy.under_ctest = hb_host_env_is_ctest();
}

/* The limit that the host enforces is a deadline for us: reports must be on
 * disk before it. */
static void apply_time_limit(struct hb_settings *settings, const char *name)
{
    struct hb_policy *policy = &settings->options.policy;
    const char *text = value_of(name);
    uint64_t ms = 0;

    if (text != NULL && settings->options.deadline_text == NULL &&
        hb_parse_duration_ms(text, &ms) && ms > 0) {
        policy->deadline_ms = ms;
    }
}

static void apply_bazel(struct hb_settings *settings)
{
    const char *outputs = value_of("TEST_UNDECLARED_OUTPUTS_DIR");
    const char *target = value_of("TEST_TARGET");
    bool ours = strcmp(settings->artifacts, "hbtest-artifacts") == 0;

    if (value_of("BAZEL_TEST") == NULL && outputs == NULL &&
        value_of("XML_OUTPUT_FILE") == NULL) {
        return;
    }
    settings->junit_copy[1] = value_of("XML_OUTPUT_FILE");
    if (outputs != NULL && ours) {
        (void)hb_text_format(settings->artifacts, sizeof(settings->artifacts),
                             "%s/hbtest-artifacts", outputs);
    }
    if (target != NULL && settings->options.name == NULL) {
        (void)hb_text_copy(settings->name, sizeof(settings->name), target);
    }
    apply_time_limit(settings, "TEST_TIMEOUT");
}

static void apply_nextest(struct hb_settings *settings)
{
    const char *name = value_of("NEXTEST_TEST_NAME");
    const char *attempt = value_of("NEXTEST_ATTEMPT");
    uint64_t number = 0;

    if (name != NULL && settings->options.name == NULL) {
        (void)hb_text_copy(settings->name, sizeof(settings->name), name);
    }
    if (attempt != NULL && hb_parse_u64(attempt, &number) && number > 0 &&
        number < 1000000) {
        settings->attempt = (uint32_t)number;
    }
}

static void apply_github(struct hb_settings *settings)
{
    enum hb_when when = settings->options.github;

    settings->masks = value_of("GITHUB_ACTIONS") != NULL;
    settings->github =
        when == HB_WHEN_ALWAYS || (when == HB_WHEN_AUTO && settings->masks);
    settings->step_summary =
        settings->github ? value_of("GITHUB_STEP_SUMMARY") : NULL;
}

static bool apply_deadline(struct hb_settings *settings, struct hb_error *err)
{
    struct hb_options *options = &settings->options;
    int64_t now_ms = hb_clock_unix_ms();

    if (options->deadline_text == NULL) {
        return true;
    }
    if (options->deadline_unix_ms <= now_ms) {
        return hb_fail(err, HB_ERR_USAGE, 0, "%s: '%s' is already past",
                       options->deadline_origin, options->deadline_text);
    }
    options->policy.deadline_ms =
        (uint64_t)(options->deadline_unix_ms - now_ms);
    return true;
}

bool hb_host_env_apply(struct hb_settings *settings, struct hb_error *err)
{
    apply_ctest(settings);
    apply_bazel(settings);
    apply_nextest(settings);
    apply_github(settings);
    settings->premature_file = value_of("TEST_PREMATURE_EXIT_FILE");
    return apply_deadline(settings, err);
}
