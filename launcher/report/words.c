#include "report/words.h"

#include <string.h>

#include "base/facts.h"
#include "core/observation.h"
#include "core/policy.h"

#define WORDS(table)                                                           \
    {                                                                          \
        (table), sizeof(table) / sizeof((table)[0])                            \
    }

static const char *const observations[HB_OBS_COUNT] = {
    [HB_OBS_TIMER] = "timer",
    [HB_OBS_GAP] = "gap",
    [HB_OBS_STARTED] = "started",
    [HB_OBS_ATTACHED] = "attached",
    [HB_OBS_REFUSED] = "refused",
    [HB_OBS_ALIVE] = "alive",
    [HB_OBS_BEAT] = "beat",
    [HB_OBS_NOTE] = "note",
    [HB_OBS_PLAN] = "plan",
    [HB_OBS_EXPECTED] = "expected",
    [HB_OBS_CASE_BEGIN] = "case-begin",
    [HB_OBS_CASE_END] = "case-end",
    [HB_OBS_CASE_DETAIL] = "case-detail",
    [HB_OBS_COMPLETE] = "complete",
    [HB_OBS_PAUSE] = "pause",
    [HB_OBS_RESUME] = "resume",
    [HB_OBS_HANG_AFTER] = "hang-after",
    [HB_OBS_READY] = "ready",
    [HB_OBS_STOPPING] = "stopping",
    [HB_OBS_BAD_TEXT] = "bad-text",
    [HB_OBS_DAMAGE] = "damage",
    [HB_OBS_LOST] = "lost",
    [HB_OBS_EXITING] = "exiting",
    [HB_OBS_CRASHING] = "crashing",
    [HB_OBS_LEAVING] = "leaving",
    [HB_OBS_OUTPUT] = "output",
    [HB_OBS_OUTPUT_CLOSED] = "output-closed",
    [HB_OBS_BLOCKED] = "output-blocked",
    [HB_OBS_CPU] = "cpu",
    [HB_OBS_CHILD] = "child",
    [HB_OBS_CHILD_EXIT] = "child-exit",
    [HB_OBS_EXIT] = "exit",
    [HB_OBS_SAMPLE] = "sample",
    [HB_OBS_LEFT] = "left",
    [HB_OBS_HELD_OUTPUT] = "held-output",
    [HB_OBS_SETTLED] = "settled",
    [HB_OBS_PREMATURE_FILE] = "premature-file",
    [HB_OBS_STOP_REQUEST] = "stop-request",
    [HB_OBS_MODULE] = "module",
    [HB_OBS_THREAD] = "thread",
    [HB_OBS_LOCK] = "lock",
    [HB_OBS_EXCEPTION] = "exception",
    [HB_OBS_UNWRITTEN] = "unwritten",
    [HB_OBS_MACHINE] = "machine",
    [HB_OBS_EVIDENCE] = "evidence",
    [HB_OBS_EVIDENCE_DONE] = "evidence-done",
    [HB_OBS_STOPPED] = "stopped",
    [HB_OBS_KILLED] = "killed",
    [HB_OBS_WARNING] = "warning",
    [HB_OBS_FAILURE] = "failure",
    [HB_OBS_CLOSED] = "closed",
};
const struct hb_words hb_words_observation = WORDS(observations);

static const char *const sources[HB_SOURCE_COUNT] = {
    [HB_SOURCE_LAUNCHER] = "launcher", [HB_SOURCE_KERNEL] = "kernel",
    [HB_SOURCE_RECORDER] = "recorder", [HB_SOURCE_NOTIFY] = "notify",
    [HB_SOURCE_CMOCKA] = "cmocka",     [HB_SOURCE_GTEST] = "gtest",
    [HB_SOURCE_TAP] = "tap",
};
const struct hb_words hb_words_source = WORDS(sources);

static const char *const cases[HB_CASE_STATUS_COUNT] = {
    [HB_CASE_PASSED] = "passed",   [HB_CASE_FAILED] = "failed",
    [HB_CASE_SKIPPED] = "skipped", [HB_CASE_RUNNING] = "running",
    [HB_CASE_LOST] = "lost",
};
const struct hb_words hb_words_case = WORDS(cases);

static const char *const evidence[HB_EVIDENCE_STATUS_COUNT] = {
    [HB_EVIDENCE_CAPTURED] = "captured",
    [HB_EVIDENCE_SKIPPED] = "skipped",
    [HB_EVIDENCE_FAILED] = "failed",
};
const struct hb_words hb_words_evidence = WORDS(evidence);

static const char *const exits[] = {
    [HB_EXIT_NONE] = "none",
    [HB_EXIT_CODE] = "code",
    [HB_EXIT_SIGNAL] = "signal",
    [HB_EXIT_NTSTATUS] = "ntstatus",
};
const struct hb_words hb_words_exit = WORDS(exits);

static const char *const streams[HB_STREAM_COUNT] = {
    [HB_STDOUT] = "stdout",
    [HB_STDERR] = "stderr",
};
const struct hb_words hb_words_stream = WORDS(streams);

static const char *const threads[] = {
    [HB_THREAD_RUNNING] = "running",
    [HB_THREAD_WAITING] = "waiting",
    [HB_THREAD_UNINTERRUPTIBLE] = "uninterruptible",
    [HB_THREAD_STOPPED] = "stopped",
    [HB_THREAD_TRACED] = "traced",
    [HB_THREAD_DEAD] = "dead",
    [HB_THREAD_DUMPING] = "dumping",
};
const struct hb_words hb_words_thread = WORDS(threads);

static const char *const waits[] = {
    [HB_WAIT_LOCK] = "lock",   [HB_WAIT_IO] = "io",
    [HB_WAIT_CHILD] = "child", [HB_WAIT_SLEEP] = "sleep",
    [HB_WAIT_OTHER] = "other",
};
const struct hb_words hb_words_wait = WORDS(waits);

static const char *const completions[] = {
    [HB_COMPLETION_AUTO] = "auto",
    [HB_COMPLETION_ALWAYS] = "always",
    [HB_COMPLETION_NEVER] = "never",
};
const struct hb_words hb_words_completion = WORDS(completions);

static const char *const leaks[] = {
    [HB_LEAK_REPORT] = "report",
    [HB_LEAK_FAIL] = "fail",
    [HB_LEAK_IGNORE] = "ignore",
};
const struct hb_words hb_words_leak = WORDS(leaks);

static const char *const holds[] = {
    [HB_HOLD_AUTO] = "auto",
    [HB_HOLD_ON] = "on",
    [HB_HOLD_OFF] = "off",
};
const struct hb_words hb_words_hold = WORDS(holds);

static const char *const leavings[] = {
    [HB_LEAVING_CODE] = "code",
    [HB_LEAVING_SIGNAL] = "signal",
};
const struct hb_words hb_words_leaving = WORDS(leavings);

static const char *const exit_modes[] = {
    [HB_EXIT_MIRROR] = "mirror",
    [HB_EXIT_VERDICT] = "verdict",
};
const struct hb_words hb_words_exit_mode = WORDS(exit_modes);

static const char *const progress[] = {
    "recorder", "notify", "output", "cpu", "auto",
};
_Static_assert(HB_PROGRESS_RECORDER == 1 << 0 && HB_PROGRESS_NOTIFY == 1 << 1 &&
                   HB_PROGRESS_OUTPUT == 1 << 2 && HB_PROGRESS_CPU == 1 << 3 &&
                   HB_PROGRESS_AUTO == 1 << 4,
               "the words stand in the order of the bits");
const struct hb_words hb_words_progress = WORDS(progress);

const char *hb_word(const struct hb_words *words, unsigned value)
{
    return value < words->count ? words->words[value] : NULL;
}

bool hb_word_find(const struct hb_words *words, const char *word,
                  unsigned *out_value)
{
    for (unsigned value = 0; value < words->count; value++) {
        if (words->words[value] != NULL &&
            strcmp(words->words[value], word) == 0) {
            *out_value = value;
            return true;
        }
    }
    return false;
}
