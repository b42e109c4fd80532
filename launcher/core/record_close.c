#include "core/record.h"

#include "base/text.h"
#include "core/record_cases.h"

/* How long it had been silent when a limit fired, or else at its end. What we
 * did to it after that is no silence of its own. */
static uint64_t silence_of(const struct hb_result *result, uint64_t last_ms)
{
    uint64_t end_ms =
        result->fired != HB_LIMIT_NONE ? result->fired_ms : result->ended_ms;

    return end_ms > last_ms ? end_ms - last_ms : 0;
}

static void take_pulse(struct hb_result *result,
                       const struct hb_supervisor *supervisor)
{
    static const struct {
        enum hb_progress_source source;
        const char *name;
    } names[] = {
        { HB_PROGRESS_RECORDER, "recorder" },
        { HB_PROGRESS_NOTIFY, "notify" },
        { HB_PROGRESS_OUTPUT, "output" },
        { HB_PROGRESS_CPU, "cpu" },
    };
    const struct hb_pulse *pulse = &supervisor->pulse;
    struct hb_heartbeat *heartbeat = &result->heartbeat;

    (void)hb_text_copy(heartbeat->source, sizeof(heartbeat->source), "none");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (pulse->source == names[i].source) {
            (void)hb_text_copy(heartbeat->source, sizeof(heartbeat->source),
                               names[i].name);
        }
    }
    heartbeat->seen = pulse->count > 0;
    heartbeat->progress = pulse->count;
    heartbeat->first_ms = pulse->first_ms;
    heartbeat->last_ms = pulse->last_ms;
    heartbeat->longest_gap_ms = pulse->longest_gap_ms;
    heartbeat->hang_after_ms = hb_supervisor_hang_after_ms(supervisor);
    if (result->ended && pulse->count > 0) {
        heartbeat->gap_at_end_ms = result->ended_ms > pulse->last_ms
                                       ? result->ended_ms - pulse->last_ms
                                       : 0;
        uint64_t silence_ms = silence_of(result, pulse->last_ms);

        if (silence_ms > heartbeat->longest_gap_ms) {
            heartbeat->longest_gap_ms = silence_ms;
        }
    }
}

static void take_completion(struct hb_result *result,
                            const struct hb_supervisor *supervisor)
{
    static const struct {
        enum hb_source source;
        const char *how;
    } names[] = {
        { HB_SOURCE_RECORDER, "goodbye" },
        { HB_SOURCE_CMOCKA, "cmocka" },
        { HB_SOURCE_GTEST, "gtest" },
        { HB_SOURCE_TAP, "tap" },
    };

    (void)hb_text_copy(result->completion.how, sizeof(result->completion.how),
                       "none");
    for (size_t i = sizeof(names) / sizeof(names[0]); i > 0; i--) {
        bool said = supervisor->complete[names[i - 1].source];

        result->completion.by[names[i - 1].source] = said;
        if (said) {
            result->completion.seen = true;
            (void)hb_text_copy(result->completion.how,
                               sizeof(result->completion.how),
                               names[i - 1].how);
        }
    }
}

static uint64_t limit_value(const struct hb_policy *policy,
                            const struct hb_result *result)
{
    switch (result->fired) {
    case HB_LIMIT_HANG:
        return result->heartbeat.hang_after_ms;
    case HB_LIMIT_TIMEOUT:
        return policy->timeout_ms;
    case HB_LIMIT_EXIT_WITHIN:
        return policy->exit_within_ms;
    case HB_LIMIT_DEADLINE:
        return policy->deadline_ms;
    case HB_LIMIT_NONE:
        break;
    }
    return HB_UNKNOWN_MS;
}

static void warn_of_caps(struct hb_result *result)
{
    if (result->cases_beyond_cap > 0) {
        hb_record_warn(result, "%llu cases beyond the first %u are not listed",
                       (unsigned long long)result->cases_beyond_cap,
                       (unsigned)HB_CASES_MAX);
    }
    if (result->cases_unlisted > 0) {
        hb_record_warn(result,
                       "%llu cases were announced; those that are not listed "
                       "never ran",
                       (unsigned long long)result->planned);
    }
    if (result->processes_beyond_cap > 0) {
        hb_record_warn(result,
                       "%llu processes beyond the first %u are not listed",
                       (unsigned long long)result->processes_beyond_cap,
                       (unsigned)HB_PROCESSES_MAX);
    }
    if (result->evidence_beyond_cap > 0) {
        hb_record_warn(
            result,
            "%llu more pieces of evidence, of kinds that are listed, "
            "are not",
            (unsigned long long)result->evidence_beyond_cap);
    }
    if (result->finds.beyond_cap > 0) {
        hb_record_warn(result,
                       "%llu threads, locks or modules beyond what the record "
                       "holds are not in it",
                       (unsigned long long)result->finds.beyond_cap);
    }
    if (result->out_of_memory) {
        hb_record_warn(result, "out of memory: parts of the record are gone");
    }
}

static void warn_of_readers(struct hb_result *result)
{
    static const char *const names[] = { "stdout", "stderr" };
    char time[HB_TIME_SIZE];

    for (size_t i = 0; i < HB_STREAM_COUNT; i++) {
        if (result->output_blocked_ms[i] > 0) {
            hb_format_duration(time, result->output_blocked_ms[i]);
            hb_record_warn(result,
                           "whoever reads the launcher's %s took nothing for "
                           "%s while output waited; that is not silence of "
                           "the test",
                           names[i], time);
        }
    }
}

void hb_record_finish(struct hb_result *result,
                      const struct hb_supervisor *supervisor)
{
    result->phase = supervisor->phase;
    result->fired = supervisor->fired;
    result->fired_ms = supervisor->fired_ms;
    take_pulse(result, supervisor);
    take_completion(result, supervisor);
    result->fired_after_ms = limit_value(supervisor->policy, result);
    if (result->looks[0].taken && result->looks[1].taken) {
        result->hang_class =
            hb_hang_classify(&result->looks[0], &result->looks[1],
                             result->look_ms[1] - result->look_ms[0]);
    }
    result->left_by_itself =
        result->left_by_itself && result->leaving.pid == supervisor->left_pid;
    hb_cases_close(result);
    warn_of_caps(result);
    warn_of_readers(result);
}
