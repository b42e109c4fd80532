#include "core/summary.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "core/blame.h"
#include "core/fault.h"
#include "core/leaving.h"
#include "core/record_cases.h"
#include "core/record_processes.h"
#include "core/status.h"
#include "core/summary_parts.h"

#define STATUS_TEXT_SIZE 128
/* More of what was left behind does not help a person. */
#define LEFT_NAMED 5u

void hb_summary_add(struct hb_result *result, const char *separator,
                    const char *text)
{
    size_t used = strlen(result->summary);

    if (text[0] == '\0') {
        return;
    }
    (void)hb_text_format(result->summary + used, sizeof(result->summary) - used,
                         "%s%s", used > 0 ? separator : "", text);
}

static void add_subcode(struct hb_result *result)
{
    char text[STATUS_TEXT_SIZE];
    uint32_t subcode = 0;

    if (hb_fault_subcode(result, &subcode)) {
        const char *name = hb_fast_fail_name(subcode);

        (void)hb_text_format(text, sizeof(text), "%lu%s%s",
                             (unsigned long)subcode, name != NULL ? " " : "",
                             name != NULL ? name : "");
        hb_summary_add(result, ", subcode ", text);
    }
}

static void add_status(struct hb_result *result)
{
    char text[STATUS_TEXT_SIZE];
    const char *meaning = hb_exit_meaning(result->exit);

    if (!result->ended) {
        return;
    }
    hb_exit_describe(result->exit, text, sizeof(text));
    hb_summary_add(result, "; ", text);
    if (meaning != NULL) {
        hb_summary_add(result, ": ", meaning);
    }
    add_subcode(result);
}

void hb_summary_place(struct hb_result *result)
{
    const struct hb_case *at = hb_cases_in_flight(result);
    char text[HB_CASE_NAME_SIZE + 64];

    if (at == NULL) {
        return;
    }
    (void)hb_text_format(text, sizeof(text), "in case \"%s%s%s\"",
                         at->suite != NULL ? at->suite : "",
                         at->suite != NULL ? "." : "", at->name);
    hb_summary_add(result, " ", text);
}

static void add_time(struct hb_result *result)
{
    char duration[HB_TIME_SIZE];
    char text[HB_TIME_SIZE + 16];
    uint64_t time_ms = result->ended_ms != HB_UNKNOWN_MS ? result->ended_ms
                                                         : result->duration_ms;

    if (result->verdict == HB_VERDICT_TIMEOUT) {
        time_ms = result->fired_ms; /* stopping it took what it took */
    }
    hb_format_duration(duration, time_ms);
    (void)hb_text_format(text, sizeof(text), "after %s", duration);
    hb_summary_add(result, " ", text);
}

void hb_summary_note(struct hb_result *result)
{
    char text[HB_CASE_NAME_SIZE + 32];

    if (result->heartbeat.last_note[0] == '\0') {
        return;
    }
    (void)hb_text_format(text, sizeof(text), "last note \"%s\"",
                         result->heartbeat.last_note);
    hb_summary_add(result, "; ", text);
}

static void add_failed_cases(struct hb_result *result)
{
    size_t failed = hb_cases_count(result, HB_CASE_FAILED);
    char text[HB_CASE_NAME_SIZE + 64];

    for (size_t i = 0; failed > 0 && i < result->case_count; i++) {
        const struct hb_case *at = &result->cases[i];

        if (at->status != HB_CASE_FAILED) {
            continue;
        }
        (void)hb_text_format(
            text, sizeof(text), "%zu of %zu cases failed, first \"%s%s%s\"",
            failed, result->case_count, at->suite != NULL ? at->suite : "",
            at->suite != NULL ? "." : "", at->name);
        hb_summary_add(result, "; ", text);
        if (at->message != NULL) {
            char line[160];

            (void)hb_text_copy(line, sizeof(line), at->message);
            line[strcspn(line, "\r\n")] = '\0';
            hb_summary_add(result, ": ", line);
        }
        return;
    }
}

static void add_bail_out(struct hb_result *result)
{
    char text[sizeof(result->completion.bailed_out) + 16];

    if (result->completion.bailed_out[0] != '\0') {
        (void)hb_text_format(text, sizeof(text), "bailed out: %s",
                             result->completion.bailed_out);
        hb_summary_add(result, "; ", text);
    }
}

static void say_pass(struct hb_result *result)
{
    char text[96];
    size_t passed = hb_cases_count(result, HB_CASE_PASSED);

    if (passed > 0) {
        (void)hb_text_format(text, sizeof(text), "%zu case%s passed", passed,
                             passed == 1 ? "" : "s");
        hb_summary_add(result, "", text);
        add_time(result);
        return;
    }
    hb_summary_add(result, "", "exit code 0");
    add_time(result);
    if (!result->completion.seen) {
        hb_summary_add(
            result, "; ",
            "the program does not speak to us, so its status alone was "
            "judged");
    }
}

static void say_fail(struct hb_result *result)
{
    if (result->cause == HB_CAUSE_NO_CASES) {
        hb_summary_add(
            result, "",
            "the program ran no case (--allow-empty if that is meant)");
        return;
    }
    if (result->cause == HB_CAUSE_STATUS_MISMATCH) {
        hb_summary_add(
            result, "",
            hb_cases_count(result, HB_CASE_FAILED) > 0 ||
                    result->completion.failed
                ? "the program says that it failed, and its status says pass"
                : "the program says that all is well, and its status says "
                  "failed");
    }
    add_bail_out(result);
    add_failed_cases(result);
    add_status(result);
    add_time(result);
}

static void say_skip(struct hb_result *result)
{
    hb_summary_add(result, "",
                   result->cause == HB_CAUSE_SKIP_CODE
                       ? "the program's skip status"
                       : "every case was skipped");
    add_time(result);
}

/* abort() sends its signal as well, and is none of these. */
static bool add_sender(struct hb_result *result)
{
    uint32_t sender = 0;
    char text[80];

    if (result->cause == HB_CAUSE_ABORT || !hb_fault_sender(result, &sender)) {
        return false;
    }
    (void)hb_text_format(text, sizeof(text),
                         sender == result->pid
                             ? "(no fault: the program sent it to itself)"
                             : "(no fault: process %u sent it)",
                         (unsigned)sender);
    hb_summary_add(result, " ", text);
    return true;
}

/* "at 0x8": what a wrong access wanted. Windows tells the instruction. */
static void add_address(struct hb_result *result)
{
    const struct hb_found_exception *seen = &result->finds.exception;
    char text[32];

    if (add_sender(result) || !result->finds.has_exception ||
        seen->pid != result->pid || result->header->host.windows ||
        result->cause != HB_CAUSE_ACCESS_VIOLATION) {
        return;
    }
    (void)hb_text_format(text, sizeof(text), "at 0x%" PRIx64, seen->address);
    hb_summary_add(result, " ", text);
}

/* "in parse (parse.c:12)": where the thread stood that crashed. */
static void add_culprit(struct hb_result *result)
{
    const struct hb_stack *stack = NULL;
    char place[HB_PLACE_SIZE];
    char text[HB_PLACE_SIZE + 4];

    if (hb_blame(result, &stack, 1) == 0 || !stack->crashed) {
        return;
    }
    const struct hb_stack_frame *frame = hb_blame_frame(result, stack);
    if (frame != NULL) {
        hb_blame_place(result, frame, place);
        (void)hb_text_format(text, sizeof(text), "in %s", place);
        hb_summary_add(result, " ", text);
    }
}

static void say_crash(struct hb_result *result)
{
    if (result->cause == HB_CAUSE_DLL_NOT_FOUND &&
        result->bad_text[0] != '\0') {
        hb_summary_add(result, "", result->bad_text);
        return;
    }
    add_status(result);
    add_address(result);
    add_culprit(result);
    hb_summary_place(result);
    add_time(result);
    add_failed_cases(result);
    hb_summary_note(result);
}

static void add_cpu_limit(struct hb_result *result)
{
    char limit[HB_TIME_SIZE];
    char used[HB_TIME_SIZE];
    char text[2 * HB_TIME_SIZE + 64];

    hb_format_duration(limit, result->resources.cpu_limit_ms);
    hb_format_duration(used, result->resources.program_ms);
    (void)hb_text_format(text, sizeof(text),
                         "it had used %s of CPU time, and its hard limit "
                         "(ulimit -t) is %s",
                         used, limit);
    hb_summary_add(result, "; ", text);
}

static void say_silent_death(struct hb_result *result)
{
    char text[HB_TEXT_SIZE / 2];

    if (result->cause == HB_CAUSE_VANISHED) {
        hb_summary_add(result, "",
                       "the program is gone and no exit status can be had");
    }
    add_status(result);
    if (result->cause == HB_CAUSE_FAST_FAIL ||
        result->cause == HB_CAUSE_HEAP_CORRUPTION) { /* the others are sent */
        add_culprit(result);
    }
    hb_summary_place(result);
    add_time(result);
    if (result->cause == HB_CAUSE_TERMINATED_BY_OTHER) {
        hb_summary_add(
            result, "; ",
            "who ended it is not known (itself and out of memory are not "
            "excluded)");
    }
    if (result->cause == HB_CAUSE_RESOURCE_LIMIT &&
        result->resources.cpu_limit_ms > 0) {
        add_cpu_limit(result);
    }
    hb_leaving_explain(result, text, sizeof(text));
    hb_summary_add(result, "; ", text);
    hb_summary_note(result);
}

static void say_timeout(struct hb_result *result)
{
    hb_summary_add(result, "",
                   result->cause == HB_CAUSE_DEADLINE
                       ? "stopped ahead of the CI job's deadline"
                       : "still going at its total limit");
    add_time(result);
    hb_summary_place(result);
    hb_summary_note(result);
    hb_summary_limits(result);
}

static void say_leak(struct hb_result *result)
{
    hb_summary_add(
        result, "",
        result->cause == HB_CAUSE_PROCESSES
            ? "the program ended in order and left processes behind"
            : "the program ended in order and its output stayed open");
    char text[HB_IMAGE_SIZE + 32];
    size_t left = hb_processes_left(result);
    size_t named = 0;

    for (size_t i = 0; i < result->process_count && named < LEFT_NAMED; i++) {
        const struct hb_process_record *at = &result->processes[i];

        if (at->left_behind) {
            (void)hb_text_format(text, sizeof(text), "%s (pid %u)",
                                 at->process.image, (unsigned)at->process.pid);
            hb_summary_add(result, named == 0 ? ": " : ", ", text);
            named++;
        }
    }
    if (left > named) {
        (void)hb_text_format(text, sizeof(text), "%s%zu%s",
                             named > 0 ? "and " : "", left - named,
                             named > 0 ? " more" : "");
        hb_summary_add(result, named > 0 ? " " : ": ", text);
    }
}

static void say_interrupted(struct hb_result *result)
{
    char text[96];

    (void)hb_text_format(text, sizeof(text), "asked to stop by %s",
                         result->interrupted_by);
    hb_summary_add(result, "", text);
    if (result->killed_by.known && result->killed_by.pid != 0) {
        (void)hb_text_format(text, sizeof(text), "from process %u",
                             (unsigned)result->killed_by.pid);
        hb_summary_add(result, " ", text);
    }
    hb_summary_place(result);
    add_time(result);
}

static void say_failure(struct hb_result *result)
{
    hb_summary_add(result, "", result->failure);
    if (result->cause == HB_CAUSE_LAUNCHER_LOST &&
        result->fired != HB_LIMIT_NONE) { /* it was being stopped for that */
        hb_summary_limits(result);
    }
}

static void say_nothing(struct hb_result *result)
{
    (void)result;
}

void hb_summary_make(struct hb_result *result)
{
    static void (*const say[HB_VERDICT_COUNT])(struct hb_result *) = {
        [HB_VERDICT_NONE] = say_nothing,
        [HB_VERDICT_PASS] = say_pass,
        [HB_VERDICT_FAIL] = say_fail,
        [HB_VERDICT_SKIP] = say_skip,
        [HB_VERDICT_CRASH] = say_crash,
        [HB_VERDICT_SILENT_DEATH] = say_silent_death,
        [HB_VERDICT_HANG] = hb_summary_hang,
        [HB_VERDICT_TIMEOUT] = say_timeout,
        [HB_VERDICT_LEAK] = say_leak,
        [HB_VERDICT_INTERRUPTED] = say_interrupted,
        [HB_VERDICT_LAUNCHER_ERROR] = say_failure,
    };

    result->summary[0] = '\0';
    say[result->verdict](result);
}
