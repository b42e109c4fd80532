#include <string.h>

#include "base/text.h"
#include "core/options.h"
#include "core/secrets.h"

static bool check_command(const struct hb_options *options,
                          struct hb_error *err)
{
    if (options->help || options->version) {
        return true;
    }
    if (options->replay != NULL && options->doctor) {
        return hb_fail(err, HB_ERR_USAGE, 0,
                       "--replay and --doctor are two things to do");
    }
    if (options->replay != NULL || options->doctor) {
        return options->command_count == 0 ||
               hb_fail(err, HB_ERR_USAGE, 0,
                       "--%s runs nothing, and a program is given: '%.80s'",
                       options->doctor ? "doctor" : "replay",
                       options->command[0]);
    }
    if (options->command_count == 0) {
        return hb_fail(err, HB_ERR_USAGE, 0,
                       "no program is given (hbtest-launch [OPTIONS] [--] "
                       "PROGRAM [ARG...])");
    }
    return options->command[0][0] != '\0' ||
           hb_fail(err, HB_ERR_USAGE, 0, "the program's name is empty");
}

static bool check_limits(const struct hb_policy *policy, struct hb_error *err)
{
    char timeout[HB_TIME_SIZE];
    char hang_after[HB_TIME_SIZE];

    if (policy->hang_after_auto || policy->hang_after_ms == HB_NO_LIMIT) {
        return true;
    }
    hb_format_duration(hang_after, policy->hang_after_ms);
    if (policy->progress == 0) {
        return hb_fail(err, HB_ERR_USAGE, 0,
                       "--progress none leaves nothing that --hang-after (%s) "
                       "could miss",
                       hang_after);
    }
    if (policy->timeout_ms < policy->hang_after_ms) {
        hb_format_duration(timeout, policy->timeout_ms);
        return hb_fail(err, HB_ERR_USAGE, 0,
                       "--timeout (%s) is shorter than --hang-after (%s): no "
                       "hang would ever be noticed",
                       timeout, hang_after);
    }
    return true;
}

bool hb_options_check(const struct hb_options *options, struct hb_error *err)
{
    if (!check_command(options, err) || !check_limits(&options->policy, err)) {
        return false;
    }
    if (options->junit != NULL && options->json != NULL &&
        strcmp(options->junit, options->json) == 0) {
        return hb_fail(err, HB_ERR_USAGE, 0,
                       "--junit and --json both write '%.200s'", options->json);
    }
    return true;
}

/* "--list-tests" without its dashes and its value. GoogleTest takes one dash
 * as well, doctest short forms and a prefix of its own. A bare "-l" is no
 * listing: too many programs mean something else by it. */
static bool lists(const char *name, size_t size)
{
    static const char *const words[] = {
        "gtest_list_tests",
        "benchmark_list_tests",
        "list-tests",
        "list-test-names-only",
        "list-tags",
        "list-reporters",
        "list-listeners",
        "list-test-cases",
        "list-test-suites",
        "ltc",
        "lts",
        "dt-list-test-cases",
        "dt-list-test-suites",
        "dt-list-reporters",
        "dt-ltc",
        "dt-lts",
        "list_content",
        "list_labels",
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strlen(words[i]) == size && memcmp(words[i], name, size) == 0) {
            return true;
        }
    }
    return false;
}

/* GoogleTest looks at the first letter alone, doctest at these words. */
static bool is_off(const char *value)
{
    return value[0] == '0' || value[0] == 'f' || value[0] == 'F' ||
           strcmp(value, "no") == 0 || strcmp(value, "off") == 0;
}

bool hb_options_is_listing(const struct hb_options *options)
{
    bool listing = false;
    bool bare_list = false;
    bool has_format = false;

    for (size_t i = 1; i < options->command_count; i++) {
        const char *word = options->command[i];
        size_t dashes = strspn(word, "-");
        const char *name = word + dashes;
        size_t size = strcspn(name, "=");

        if (dashes < 1 || dashes > 2) {
            continue;
        }
        bare_list = bare_list || strcmp(word, "--list") == 0;
        has_format = has_format || strncmp(word, "--format", 8) == 0;
        if (lists(name, size)) {
            listing = name[size] == '\0' || !is_off(name + size + 1);
        }
    }
    /* nextest asks Rust programs with "--list --format terse". */
    return listing || (bare_list && has_format);
}

bool hb_options_redacts(const struct hb_options *options, const char *name)
{
    return hb_redact_fits(options->redact, options->redact_count, name);
}
