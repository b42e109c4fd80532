#include "run/run.h"

#include <string.h>

#include "core/record.h"
#include "core/status.h"
#include "core/verdict.h"
#include "os/clock.h"
#include "os/console.h"
#include "os/door.h"
#include "os/host.h"
#include "report/console.h"
#include "run/abilities.h"
#include "run/targets.h"
#include "run/watch.h"

/* Most tests are over before there is anything to look at. */
#define FIRST_LOOK_MS 20u

/* The header: all that is known before the test starts */

static void fill_capabilities(struct hb_run_header *header)
{
    struct hb_ability abilities[HB_CAPABILITIES_MAX];
    size_t count = hb_run_abilities(abilities, HB_CAPABILITIES_MAX);

    for (size_t i = 0; i < count; i++) {
        struct hb_capability *at = &header->launcher.capabilities[i];

        (void)hb_text_copy(at->name, sizeof(at->name), abilities[i].name);
        at->available = abilities[i].available;
        (void)hb_text_copy(at->detail, sizeof(at->detail), abilities[i].detail);
    }
    header->launcher.capability_count = count;
}

static void fill_header(struct hb_run_header *header,
                        const struct hb_settings *settings,
                        const struct hb_host *host, const char *cwd)
{
    memset(header, 0, sizeof(*header));
    header->name = settings->name;
    header->attempt = settings->attempt;
    header->command = settings->options.command;
    header->command_count = settings->options.command_count;
    header->cwd = cwd;
    header->started_at_unix_ms = hb_clock_unix_ms();
    header->host.windows = host->windows;
    header->host.os = host->os;
    header->host.release = host->release;
    header->host.arch = host->arch;
    header->host.cpus = host->cpus;
    header->host.name = host->name;
    header->launcher.version = HBTEST_VERSION;
    header->launcher.pid = hb_host_pid();
    header->policy = settings->options.policy;
    fill_capabilities(header);
}

/* The start */

/* On disk before the test exists: valid, and saying that the run was lost. It
 * is made where the true one will be. What is large is static: the stack may be
 * small (ulimit -s), and tests inherit its limit. */
static bool write_pessimistic(struct hb_watch *watch, struct hb_error *err)
{
    struct hb_result *lost = &watch->funnel.result;
    bool ok;

    hb_record_init(lost, &watch->header);
    hb_judge_lost(lost);
    ok = hb_artifacts_write(&watch->artifacts, lost, err);
    hb_record_free(lost);
    return ok;
}

static bool offer_premature_file(struct hb_watch *watch, struct hb_error *err)
{
    const char *given = watch->settings->premature_file;

    if (given != NULL) {
        (void)hb_text_copy(watch->premature_file, sizeof(watch->premature_file),
                           given);
    } else {
        hb_artifacts_path(&watch->artifacts, "premature-exit",
                          watch->premature_file);
    }
    if (given != NULL) { /* left over by an attempt before this one */
        hb_file_remove(given);
        return true;
    }
    return hb_environment_set("TEST_PREMATURE_EXIT_FILE", watch->premature_file,
                              err);
}

/* Cores that nobody could collect would stay where the test runs. */
static bool wants_cores(const struct hb_watch *watch)
{
    const struct hb_options *options = &watch->settings->options;

    return options->dump != HB_DUMP_NONE && options->dump_budget > 0 &&
           hb_run_capability(&watch->header, "postmortem")->available;
}

/* What is left behind on purpose could not end any more without us. */
static bool may_hold(const struct hb_policy *policy)
{
    return policy->hold_exit == HB_HOLD_ON && policy->leak != HB_LEAK_IGNORE;
}

static bool prepare(struct hb_watch *watch, struct hb_error *err)
{
    const struct hb_options *options = &watch->settings->options;
    uint32_t wait_ms = hb_look_wait_ms(options);
    struct hb_process_spec spec = {
        .command = options->command,
        .count = options->command_count,
        .recorder = true,
        .notify = true,
        .cores = wants_cores(watch),
        .exit_monitor = options->exit_monitor,
        .hold_exit = may_hold(&options->policy) && wait_ms > 0,
        .hold_ms = wait_ms,
        .beat_every_ms = (uint32_t)options->policy.beat_every_ms,
        .token = hb_host_random(),
    };
    size_t size = 0;
    void *memory;

    if (!offer_premature_file(watch, err) ||
        !hb_process_prepare(&spec, &watch->process, err)) {
        return false;
    }
    memory = hb_process_recorder(watch->process, &size);
    if (memory != NULL) {
        watch->recorder = hb_recorder_new(memory, size, spec.token,
                                          watch->start_ms, spec.beat_every_ms);
    }
    if (watch->recorder != NULL) {
        hb_recorder_let_wait(watch->recorder, wait_ms,
                             options->policy.hold_exit != HB_HOLD_OFF ? wait_ms
                                                                      : 0);
    }
    watch->completion = hb_completion_new(hb_funnel_observe, &watch->funnel);
    return true;
}

/* Who cannot see the tree says so. */
static void warn_of_blindness(struct hb_watch *watch)
{
    const struct hb_capability *tree =
        hb_run_capability(&watch->header, "process_tree");

    if (!tree->available) {
        hb_watch_tell_text(watch, HB_OBS_WARNING, tree->detail);
    }
}

static void warn_of_hold(struct hb_watch *watch)
{
    const struct hb_policy *policy = &watch->header.policy;
    const char *warning = hb_process_hold_warning(watch->process);

    if (policy->hold_exit == HB_HOLD_ON && !may_hold(policy)) {
        warning = "--hold-exit=on: not held, since --leak=ignore may leave "
                  "processes that need us to end";
    }
    if (warning != NULL) {
        hb_watch_tell_text(watch, HB_OBS_WARNING, warning);
    }
}

static bool start(struct hb_watch *watch, struct hb_error *err)
{
    struct hb_observation seen = {
        .kind = HB_OBS_STARTED,
        .source = HB_SOURCE_KERNEL,
    };

    if (!hb_process_start(watch->process, &seen.pid, err)) {
        return false;
    }
    watch->awake_ms = hb_clock_ms();
    seen.at_ms = hb_watch_now_ms(watch);
    hb_funnel_tell(&watch->funnel, &seen);
    warn_of_blindness(watch);
    warn_of_hold(watch);
    watch->recorder_at_ms = hb_clock_ms() + FIRST_LOOK_MS;
    watch->recorder_idle_ms = FIRST_LOOK_MS;
    uint64_t every_ms = hb_supervisor_cpu_every_ms(&watch->funnel.supervisor);
    watch->cpu_at_ms =
        every_ms == HB_NO_LIMIT ? every_ms : hb_clock_ms() + every_ms;
    return true;
}

/* A start that failed is a finding about the test's command line, and goes
 * into the record like any other end. */
static void tell_failure(struct hb_watch *watch, const struct hb_error *err)
{
    char why[HB_REASON_SIZE];
    struct hb_observation seen = {
        .kind = HB_OBS_FAILURE,
        .at_ms = hb_watch_now_ms(watch),
        .text = why,
    };

    hb_reason_say(err, why, sizeof(why));
    switch (err->code) {
    case HB_ERR_NOT_FOUND:
        seen.cause_hint = HB_CAUSE_NOT_FOUND;
        break;
    case HB_ERR_NOT_EXECUTABLE:
        seen.cause_hint = HB_CAUSE_NOT_EXECUTABLE;
        break;
    case HB_ERR_START:
        seen.cause_hint = HB_CAUSE_CANNOT_START;
        break;
    default:
        seen.cause_hint = HB_CAUSE_INTERNAL;
        break;
    }
    hb_funnel_tell(&watch->funnel, &seen);
}

/* The end */

/* What went wrong with our own job is said in any case. */
static void say_failures(const struct hb_watch *watch,
                         struct hb_outcome *outcome)
{
    const struct hb_result *result = &watch->funnel.result;

    if (result->cause == HB_CAUSE_CANNOT_WRITE) {
        hb_buffer_format(&outcome->words, "hbtest-launch: %s\n",
                         result->summary);
    }
    if (watch->not_passed_on[0] != '\0') {
        hb_buffer_format(&outcome->words, "hbtest-launch: %s\n",
                         watch->not_passed_on);
    }
}

static void say_verdict(const struct hb_watch *watch,
                        struct hb_outcome *outcome)
{
    const struct hb_settings *settings = watch->settings;
    const struct hb_result *result = &watch->funnel.result;
    bool well = result->verdict == HB_VERDICT_PASS ||
                result->verdict == HB_VERDICT_SKIP;
    bool color =
        settings->options.color == HB_WHEN_ALWAYS ||
        (settings->options.color == HB_WHEN_AUTO && hb_console_has_color());

    if ((!well || settings->options.verbose) && !settings->options.quiet) {
        hb_console_verdict(result, color, watch->artifacts.folder,
                           &outcome->words);
    } else {
        say_failures(watch, outcome);
    }
    if (settings->dashboard && !well) {
        hb_console_ctest_tags(result, watch->artifacts.folder, &outcome->words);
    }
    hb_watch_say_github(watch, &outcome->words);
}

/* A record that cannot be written changes the verdict, and what can be written
 * after all says so. */
static void write_record(struct hb_watch *watch)
{
    struct hb_result *result = &watch->funnel.result;
    struct hb_error err = { 0 };
    char why[HB_REASON_SIZE];

    if (!hb_artifacts_write(&watch->artifacts, result, &err)) {
        hb_reason_say(&err, why, sizeof(why));
        hb_judge_unwritten(result, why);
        hb_artifacts_salvage(&watch->artifacts, result);
    }
}

/* Our words begin a line, whatever the test left on stderr. */
static void say_at_line_start(const struct hb_watch *watch,
                              struct hb_outcome *outcome)
{
    hb_buffer_text(&outcome->words, watch->in_line ? "\n" : "");
    say_verdict(watch, outcome);
    if (watch->in_line && outcome->words.size == 1) {
        outcome->words.size = 0;
    }
}

static void finish(struct hb_watch *watch, struct hb_outcome *outcome)
{
    struct hb_result *result = &watch->funnel.result;
    struct hb_error err = { 0 };
    char why[HB_REASON_SIZE];

    if (!hb_artifacts_close_logs(&watch->artifacts, &err)) {
        hb_watch_warn(watch, "the log of the output is not in order: ", &err);
    }
    hb_watch_explain(watch);
    hb_watch_keep_symbols(watch);
    hb_watch_check_summary(watch);
    hb_funnel_close(&watch->funnel, hb_watch_now_ms(watch));
    if (!hb_artifacts_keep(&watch->artifacts, result, &err)) {
        hb_reason_say(&err, why, sizeof(why));
        hb_record_warn(result, "%s", why);
    }
    write_record(watch);
    outcome->status = result->exit_status;
    outcome->by_signal = result->exit_by_signal;
    say_at_line_start(watch, outcome);
}

bool hb_run(const struct hb_settings *settings, struct hb_outcome *outcome,
            struct hb_error *err)
{
    return hb_run_shown(settings, outcome, NULL, NULL, err);
}

bool hb_run_shown(const struct hb_settings *settings,
                  struct hb_outcome *outcome,
                  void (*show)(const struct hb_result *result, void *context),
                  void *context, struct hb_error *err)
{
    static struct hb_watch watch;
    static char cwd[HB_PATH_SIZE];
    struct hb_host host;
    struct hb_error failure = { 0 };
    bool ok = false;

    if (!hb_targets_check(settings, err)) {
        return false;
    }
    if (watch.settings != NULL) { /* of an earlier run; a fresh page is zero */
        memset(&watch, 0, sizeof(watch));
    }
    watch.settings = settings;
    watch.start_ms = hb_clock_ms();
    watch.suspended_ms = hb_clock_suspended_ms();
    hb_host_read(&host);
    cwd[0] = '\0';
    (void)hb_path_current(cwd, sizeof(cwd), &failure);
    fill_header(&watch.header, settings, &host, cwd);
    if (!hb_veil_new(&settings->options, &watch.veil, err) ||
        !hb_veil_header(watch.veil, &watch.header, err) ||
        !hb_artifacts_open(&watch.artifacts, settings, &watch.header, err)) {
        goto out;
    }
    watch.artifacts.veil = watch.veil;
    if (!write_pessimistic(&watch, err)) {
        goto out;
    }
    hb_funnel_init(&watch.funnel, &watch.header, watch.artifacts.timeline);
    watch.funnel.veil = watch.veil;
    if (!prepare(&watch, &failure) || !start(&watch, &failure) ||
        !hb_watch_loop(&watch, &failure)) {
        tell_failure(&watch, &failure);
    }
    finish(&watch, outcome);
    ok = true;

out:
    hb_look_free(&watch.look);
    hb_completion_free(watch.completion);
    hb_recorder_free(watch.recorder);
    hb_process_free(watch.process);
    hb_artifacts_close(&watch.artifacts);
    if (ok && show != NULL) { /* on Windows no open file can be removed */
        show(&watch.funnel.result, context);
    }
    if (!ok) {
        hb_artifacts_withdraw(&watch.artifacts);
    }
    hb_funnel_free(&watch.funnel);
    hb_buffer_free(&watch.masks[HB_STDOUT].line);
    hb_buffer_free(&watch.masks[HB_STDERR].line);
    hb_veil_free(watch.veil);
    return ok;
}
