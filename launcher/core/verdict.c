#include "core/verdict.h"

#include <string.h>

#include "base/text.h"
#include "core/blame.h"
#include "core/exit_status.h"
#include "core/fault.h"
#include "core/killer.h"
#include "core/leaving.h"
#include "core/record.h"
#include "core/record_cases.h"
#include "core/record_processes.h"
#include "core/signature.h"
#include "core/status.h"
#include "core/summary.h"

#define SIGNAL_KILL 9u

/* What the cases say, counted once. */
struct tally {
    size_t passed;
    size_t failed;
    size_t skipped;
    size_t run;  /* begun */
    size_t lost; /* in flight at the end, or still to come */
};

static struct tally count_cases(const struct hb_result *result)
{
    struct tally tally = { 0 };

    for (size_t i = 0; i < result->case_count; i++) {
        const struct hb_case *at = &result->cases[i];

        tally.passed += at->status == HB_CASE_PASSED;
        tally.failed += at->status == HB_CASE_FAILED;
        tally.skipped += at->status == HB_CASE_SKIPPED && at->begun_by != 0;
        tally.run += at->begun_by != 0;
        tally.lost += at->status == HB_CASE_RUNNING;
        tally.lost += at->status == HB_CASE_LOST;
    }
    tally.lost += result->cases_unlisted > 0;
    return tally;
}

static bool set(struct hb_result *result, enum hb_verdict verdict,
                enum hb_cause cause)
{
    result->verdict = verdict;
    result->cause = cause;
    return true;
}

static bool exited(const struct hb_result *result)
{
    return result->ended && result->exit.kind == HB_EXIT_CODE;
}

static bool exited_with(const struct hb_result *result, uint32_t code)
{
    return exited(result) && result->exit.value == code;
}

/* The tree was ended by us: by the kill, or by being asked. */
static bool ended_by_us(const struct hb_result *result)
{
    bool killed = result->exit.kind == HB_EXIT_SIGNAL
                      ? result->exit.value == SIGNAL_KILL
                      : result->exit.value == HB_OWN_KILL_STATUS;

    return result->stopped_by_us ||
           (result->killed_by_us && (!result->ended || killed));
}

/* The judgements, in the order in which they are tried: the first that knows
 * an answer gives it. */

static bool judge_failure(struct hb_result *result, const struct tally *tally)
{
    (void)tally;
    return result->failure_cause != HB_CAUSE_NONE &&
           set(result, HB_VERDICT_LAUNCHER_ERROR, result->failure_cause);
}

static enum hb_cause hang_cause(const struct hb_result *result)
{
    enum hb_cause cause = hb_hang_cause(result->hang_class);

    /* A circle of locks is proof, whatever other threads do. */
    if (cause == HB_CAUSE_UNKNOWN && hb_blame_has_circle(result)) {
        cause = HB_CAUSE_DEADLOCK;
    }
    if (cause == HB_CAUSE_DIALOG || cause == HB_CAUSE_STOPPED) {
        return cause;
    }
    if (result->phase == HB_PHASE_TEARDOWN) {
        return HB_CAUSE_TEARDOWN_HANG;
    }
    return cause == HB_CAUSE_UNKNOWN && result->phase == HB_PHASE_START_UP
               ? HB_CAUSE_NO_START
               : cause;
}

/* A program that ended by itself between the limit and the kill is judged as
 * what it was. */
static bool judge_limit(struct hb_result *result, const struct tally *tally)
{
    (void)tally;
    if (result->fired == HB_LIMIT_NONE || !ended_by_us(result)) {
        return false;
    }
    if (result->fired == HB_LIMIT_TIMEOUT) {
        return set(result, HB_VERDICT_TIMEOUT, HB_CAUSE_LIMIT);
    }
    if (result->fired == HB_LIMIT_DEADLINE) {
        return set(result, HB_VERDICT_TIMEOUT, HB_CAUSE_DEADLINE);
    }
    return set(result, HB_VERDICT_HANG, hang_cause(result));
}

static bool judge_interrupt(struct hb_result *result, const struct tally *tally)
{
    (void)tally;
    return result->interrupted_by[0] != '\0' &&
           result->fired == HB_LIMIT_NONE &&
           (result->stopped_by_us || result->killed_by_us) &&
           set(result, HB_VERDICT_INTERRUPTED, HB_CAUSE_SIGNAL);
}

/* The kernel says of a hard limit on CPU time nothing but SIGKILL. It counts
 * by ticks, also those of a busy host, and tells by the clock: on a virtual
 * machine the two were seen to differ by a quarter. */
static bool is_cpu_limit(const struct hb_result *result)
{
    const struct hb_resources *used = &result->resources;

    return result->cause == HB_CAUSE_TERMINATED_BY_OTHER &&
           result->exit.value == SIGNAL_KILL && !result->killed_by_us &&
           used->cpu_limit_ms > 0 && used->program_ms >= used->cpu_limit_ms / 2;
}

static bool judge_status(struct hb_result *result, const struct tally *tally)
{
    (void)tally;
    if (!result->ended || result->exit.kind == HB_EXIT_NONE) {
        return set(result, HB_VERDICT_SILENT_DEATH, HB_CAUSE_VANISHED);
    }
    if (hb_fault_is_abort(result)) {
        return set(result, HB_VERDICT_CRASH, HB_CAUSE_ABORT);
    }
    hb_exit_classify(result->exit, &result->verdict, &result->cause);
    if (hb_fault_is_stack_overflow(result)) {
        result->cause = HB_CAUSE_STACK_OVERFLOW;
    }
    if (result->cause == HB_CAUSE_TERMINATED_BY_OTHER &&
        hb_leaving_ended(result)) {
        result->cause = HB_CAUSE_TERMINATED_BY_SELF;
    }
    if (is_cpu_limit(result)) {
        result->cause = HB_CAUSE_RESOURCE_LIMIT;
    }
    return result->verdict != HB_VERDICT_NONE;
}

/* The dynamic loader ends a program that lacks a library with 127 and a line
 * on stderr. */
static bool judge_loader(struct hb_result *result, const struct tally *tally)
{
    (void)tally;
    return result->bad_text[0] != '\0' && exited_with(result, 127) &&
           set(result, HB_VERDICT_CRASH, HB_CAUSE_DLL_NOT_FOUND);
}

/* cmocka and its like catch the fault of a case and go on: the status then
 * says no more than "failed". */
static bool judge_caught_fault(struct hb_result *result,
                               const struct tally *tally)
{
    (void)tally;
    for (size_t i = 0; i < result->case_count; i++) {
        const struct hb_case *at = &result->cases[i];
        struct hb_exit fault;

        if (at->status == HB_CASE_FAILED && at->message != NULL &&
            hb_exit_caught(at->message, &fault)) {
            hb_exit_classify(fault, &result->verdict, &result->cause);
            return result->verdict == HB_VERDICT_CRASH;
        }
    }
    return false;
}

static bool misses_completion(const struct hb_result *result)
{
    return result->completion.expected && !result->completion.seen;
}

/* A program that finds that it cannot run says so before its cases, or when
 * they are done. One that leaves in their middle has not skipped. */
static bool judge_skip(struct hb_result *result, const struct tally *tally)
{
    const struct hb_policy *policy = &result->header->policy;
    bool midway = misses_completion(result) && tally->lost > 0;

    return policy->has_skip_code && exited_with(result, policy->skip_code) &&
           tally->failed == 0 && !midway && !result->premature_file &&
           set(result, HB_VERDICT_SKIP, HB_CAUSE_SKIP_CODE);
}

/* A fixture that we cannot hear was to say that the test is done. A status of
 * 0 alone is no such word. */
static bool judge_version(struct hb_result *result, const struct tally *tally)
{
    (void)tally;
    if (!result->refused || result->attached || result->completion.seen ||
        !exited_with(result, 0) ||
        result->header->policy.completion == HB_COMPLETION_NEVER) {
        return false;
    }
    (void)hb_text_copy(result->failure, sizeof(result->failure),
                       "the test's fixture speaks another protocol than this "
                       "launcher, so its goodbye could not be heard: build it "
                       "with the client library of this launcher, or let "
                       "--completion never judge it by its status");
    return set(result, HB_VERDICT_LAUNCHER_ERROR, HB_CAUSE_RECORDER_VERSION);
}

static bool judge_completion(struct hb_result *result,
                             const struct tally *tally)
{
    (void)tally;
    return (misses_completion(result) || result->premature_file) &&
           set(result, HB_VERDICT_SILENT_DEATH,
               HB_CAUSE_EXIT_BEFORE_COMPLETION);
}

static bool judge_cases(struct hb_result *result, const struct tally *tally)
{
    bool bailed =
        tally->failed == 0 && result->completion.bailed_out[0] != '\0';
    bool said_no = tally->failed > 0 || result->completion.failed;

    if (said_no && !exited_with(result, 0)) {
        return set(result, HB_VERDICT_FAIL,
                   bailed ? HB_CAUSE_EXIT_CODE : HB_CAUSE_CASE_FAILED);
    }
    if (said_no) {
        return set(result, HB_VERDICT_FAIL, HB_CAUSE_STATUS_MISMATCH);
    }
    if (exited_with(result, 0)) {
        return false;
    }
    return set(result, HB_VERDICT_FAIL,
               result->completion.seen ? HB_CAUSE_STATUS_MISMATCH
                                       : HB_CAUSE_EXIT_CODE);
}

/* Only a framework counts its cases; a goodbye needs none. */
static bool judge_empty(struct hb_result *result, const struct tally *tally)
{
    const bool *by = result->completion.by;

    if (tally->run > 0 ||
        !(by[HB_SOURCE_CMOCKA] || by[HB_SOURCE_GTEST] || by[HB_SOURCE_TAP])) {
        return false;
    }
    if (by[HB_SOURCE_TAP]) { /* 1..0 # SKIP why */
        return set(result, HB_VERDICT_SKIP, HB_CAUSE_ALL_SKIPPED);
    }
    return !result->header->policy.allow_empty &&
           set(result, HB_VERDICT_FAIL, HB_CAUSE_NO_CASES);
}

static bool judge_leak(struct hb_result *result, const struct tally *tally)
{
    (void)tally;
    if (result->header->policy.leak != HB_LEAK_FAIL) {
        return false;
    }
    if (hb_processes_left(result) > 0) {
        return set(result, HB_VERDICT_LEAK, HB_CAUSE_PROCESSES);
    }
    return (result->output_held[HB_STDOUT] || result->output_held[HB_STDERR]) &&
           set(result, HB_VERDICT_LEAK, HB_CAUSE_OUTPUT_OPEN);
}

static bool judge_all_skipped(struct hb_result *result,
                              const struct tally *tally)
{
    return tally->skipped > 0 && tally->skipped == tally->run &&
           set(result, HB_VERDICT_SKIP, HB_CAUSE_ALL_SKIPPED);
}

static bool judge_pass(struct hb_result *result, const struct tally *tally)
{
    (void)tally;
    return set(result, HB_VERDICT_PASS, HB_CAUSE_NONE);
}

typedef bool judgement(struct hb_result *result, const struct tally *tally);

static judgement *const judgements[] = {
    judge_failure,     judge_limit,        judge_interrupt, judge_status,
    judge_loader,      judge_caught_fault, judge_skip,      judge_version,
    judge_completion,  judge_cases,        judge_empty,     judge_leak,
    judge_all_skipped, judge_pass,
};

static void warn_of_leaks(struct hb_result *result)
{
    size_t left = hb_processes_left(result);

    if (left > 0) {
        hb_record_warn(result, "%zu process%s left behind", left,
                       left == 1 ? " was" : "es were");
    }
    if (result->output_held[HB_STDOUT] || result->output_held[HB_STDERR]) {
        hb_record_warn(result, "%s was kept open after the program had ended",
                       result->output_held[HB_STDOUT] ? "stdout" : "stderr");
    }
}

bool hb_judge_expects_completion(const struct hb_result *result)
{
    switch (result->header->policy.completion) {
    case HB_COMPLETION_ALWAYS:
        return true;
    case HB_COMPLETION_NEVER:
        return false;
    case HB_COMPLETION_AUTO:
        break;
    }
    return result->attached || result->dialect_seen;
}

void hb_judge(struct hb_result *result)
{
    struct tally tally = count_cases(result);

    result->completion.expected = hb_judge_expects_completion(result);
    for (size_t i = 0; i < sizeof(judgements) / sizeof(judgements[0]); i++) {
        if (judgements[i](result, &tally)) {
            break;
        }
    }
    hb_exit_status_choose(result);
    hb_killer_name(result);
    warn_of_leaks(result);
    hb_summary_make(result);
    hb_signature_make(result);
}

void hb_judge_lost(struct hb_result *result)
{
    (void)set(result, HB_VERDICT_LAUNCHER_ERROR, HB_CAUSE_LAUNCHER_LOST);
    hb_exit_status_choose(result);
    (void)hb_text_copy(result->summary, sizeof(result->summary),
                       "the launcher was ended before it could write a "
                       "verdict; the timeline tells what it knew");
    hb_signature_make(result);
}

void hb_judge_unwritten(struct hb_result *result, const char *reason)
{
    enum hb_cause cause = result->cause;
    char own[HB_TEXT_SIZE];

    (void)hb_text_format(
        own, sizeof(own), "%s%s%s%s%s", hb_verdict_name(result->verdict),
        cause != HB_CAUSE_NONE ? "/" : "",
        cause != HB_CAUSE_NONE ? hb_cause_name(cause) : "",
        result->summary[0] != '\0' ? ": " : "", result->summary);
    (void)hb_text_format(result->failure, sizeof(result->failure),
                         "the record could not be written: %s", reason);
    (void)hb_text_format(result->summary, sizeof(result->summary),
                         "%s; the test's own verdict: %s", result->failure,
                         own);
    (void)set(result, HB_VERDICT_LAUNCHER_ERROR, HB_CAUSE_CANNOT_WRITE);
    hb_exit_status_choose(result);
    hb_signature_make(result);
}
