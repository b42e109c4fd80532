#include "report/story.h"

#include <inttypes.h>

#include "base/text.h"
#include "core/blame.h"
#include "core/leaving.h"
#include "core/machine.h"
#include "core/record_cases.h"
#include "core/record_processes.h"
#include "core/signature_frames.h"
#include "core/status.h"
#include "report/stacks.h"
#include "report/story_evidence.h"
#include "report/words.h"

/* More threads than this do not help a person. */
#define THREADS_TOLD 12u
#define BLAMED_TOLD 3u
#define FRAMES_TOLD 10u
#define LEFT_TOLD 5u

struct teller {
    const struct hb_result *result;
    hb_story_line *line;
    void *context;
    struct hb_buffer text; /* of the line that is being put together */
};

/* "a, b, c": what separates the clauses of a line. */
static void separate(struct teller *teller)
{
    if (teller->text.size > 0) {
        hb_buffer_text(&teller->text, ", ");
    }
}

/* Hands the line on, unless there is nothing in it. */
static void tell(struct teller *teller, const char *label)
{
    if (teller->text.size > 0 && !teller->text.failed) {
        teller->line(teller->context, label, teller->text.bytes);
    }
    teller->text.size = 0;
}

static void add_duration(struct teller *teller, const char *before, uint64_t ms,
                         const char *after)
{
    char duration[HB_TIME_SIZE];

    if (ms != HB_UNKNOWN_MS) {
        hb_format_duration(duration, ms);
        separate(teller);
        hb_buffer_format(&teller->text, "%s%s%s", before, duration, after);
    }
}

static void tell_exit(struct teller *teller)
{
    const struct hb_result *result = teller->result;
    char status[128];

    if (!result->ended) {
        return;
    }
    if (result->exit.kind == HB_EXIT_NONE) {
        hb_buffer_text(&teller->text, "no status can be had");
    } else {
        hb_exit_describe(result->exit, status, sizeof(status));
        hb_buffer_text(&teller->text, status);
    }
    if (result->exit.core_dumped) {
        hb_buffer_text(&teller->text, ", core dumped");
    }
    add_duration(teller, "after ", result->ended_ms, "");
    tell(teller, "exit");
}

static void tell_place(struct teller *teller)
{
    const struct hb_result *result = teller->result;
    const struct hb_case *at = hb_cases_in_flight(result);

    hb_buffer_format(&teller->text, "phase %s", hb_phase_name(result->phase));
    if (at != NULL) {
        hb_buffer_format(&teller->text, ", in case \"%s%s%s\"",
                         at->suite != NULL ? at->suite : "",
                         at->suite != NULL ? "." : "", at->name);
    } else if (result->heartbeat.last_case[0] != '\0') {
        hb_buffer_format(&teller->text, ", last case \"%s\"",
                         result->heartbeat.last_case);
    }
    if (result->heartbeat.last_note[0] != '\0') {
        hb_buffer_format(&teller->text, ", last note \"%s\"",
                         result->heartbeat.last_note);
    }
    tell(teller, "where");
}

static void tell_life(struct teller *teller)
{
    const struct hb_heartbeat *heartbeat = &teller->result->heartbeat;

    if (!heartbeat->seen) {
        return;
    }
    hb_buffer_format(&teller->text, "last by %s", heartbeat->source);
    add_duration(teller, "", heartbeat->gap_at_end_ms, " before the end");
    add_duration(teller, "longest silence ", heartbeat->longest_gap_ms, "");
    if (heartbeat->beats > 0) {
        separate(teller);
        hb_buffer_format(&teller->text, "%" PRIu64 " beat%s", heartbeat->beats,
                         heartbeat->beats == 1 ? "" : "s");
    }
    tell(teller, "progress");
}

static void tell_stats(struct teller *teller)
{
    const struct hb_stats *stats = &teller->result->heartbeat.last_stats;

    if (!teller->result->heartbeat.has_stats) {
        return;
    }
    hb_buffer_format(&teller->text,
                     "%" PRIu64 " KiB resident, %" PRIu64
                     " ms of CPU time, %u threads, %u handles",
                     stats->rss_kib, stats->cpu_ms, (unsigned)stats->threads,
                     (unsigned)stats->handles);
    tell(teller, "last stats");
}

static void tell_cases(struct teller *teller)
{
    for (unsigned status = 1; status < HB_CASE_STATUS_COUNT; status++) {
        size_t count =
            hb_cases_count(teller->result, (enum hb_case_status)status);

        if (count > 0) {
            separate(teller);
            hb_buffer_format(&teller->text, "%zu %s", count,
                             hb_word(&hb_words_case, status));
        }
    }
    tell(teller, "cases");
}

static void add_limit(struct teller *teller, const char *name,
                      enum hb_limit limit, uint64_t ms)
{
    char duration[HB_TIME_SIZE] = "off";

    if (ms != HB_NO_LIMIT) {
        hb_format_duration(duration, ms);
    }
    separate(teller);
    hb_buffer_format(&teller->text, "%s %s%s", name, duration,
                     teller->result->fired == limit ? " (fired)" : "");
}

static void tell_limits(struct teller *teller)
{
    const struct hb_policy *policy = &teller->result->header->policy;

    if (teller->result->fired == HB_LIMIT_NONE) {
        return;
    }
    add_limit(teller, "hang-after", HB_LIMIT_HANG,
              teller->result->heartbeat.hang_after_ms);
    add_limit(teller, "timeout", HB_LIMIT_TIMEOUT, policy->timeout_ms);
    add_limit(teller, "exit-within", HB_LIMIT_EXIT_WITHIN,
              policy->exit_within_ms);
    add_limit(teller, "deadline", HB_LIMIT_DEADLINE, policy->deadline_ms);
    tell(teller, "limits");
}

static void tell_killer(struct teller *teller)
{
    const struct hb_killer *by = &teller->result->killed_by;

    if (!by->known) {
        return;
    }
    if (by->name[0] != '\0') {
        hb_buffer_text(&teller->text, by->name);
    }
    if (by->pid != 0) {
        separate(teller);
        hb_buffer_format(&teller->text, "process %u", (unsigned)by->pid);
    }
    if (by->signal[0] != '\0') {
        separate(teller);
        hb_buffer_text(&teller->text, by->signal);
    }
    tell(teller, "ended by");
}

static void tell_dialog(struct teller *teller)
{
    const struct hb_dialog *dialog = &teller->result->dialog;

    if (dialog->shown) {
        hb_buffer_format(&teller->text, "\"%s\": %s", dialog->title,
                         dialog->text);
        tell(teller, "message box");
    }
}

static void tell_thread(struct teller *teller,
                        const struct hb_thread_sample *thread)
{
    const char *state = hb_word(&hb_words_thread, thread->state);
    const char *wait = hb_word(&hb_words_wait, thread->wait);

    hb_buffer_format(&teller->text, "%u", (unsigned)thread->tid);
    if (thread->name[0] != '\0') {
        hb_buffer_format(&teller->text, " \"%s\"", thread->name);
    }
    if (state != NULL) {
        hb_buffer_format(&teller->text, " %s", state);
    }
    if (wait != NULL) {
        hb_buffer_format(&teller->text, " for %s", wait);
    }
    if (thread->wait_name[0] != '\0') {
        hb_buffer_format(&teller->text, " (%s)", thread->wait_name);
    }
    hb_buffer_format(&teller->text, ", %" PRIu64 " ms of CPU time",
                     thread->cpu_us / 1000);
    tell(teller, "thread");
}

static void tell_threads(struct teller *teller)
{
    size_t count = teller->result->thread_count;
    size_t told = count > THREADS_TOLD ? THREADS_TOLD : count;

    for (size_t i = 0; i < told; i++) {
        tell_thread(teller, &teller->result->threads[i]);
    }
    if (told < count) {
        hb_buffer_format(&teller->text, "%zu more", count - told);
        tell(teller, "threads");
    }
}

/* How many frames are worth telling: not those below the outermost that is
 * the test's own, which are the same in every thread. */
static size_t count_frames(const struct hb_result *result,
                           const struct hb_stack *stack)
{
    size_t count = stack->frame_count;

    while (count > 0 && hb_signature_skips(result, &stack->frames[count - 1])) {
        count--;
    }
    return count > 0 ? count : stack->frame_count;
}

/* Of who waits for us at the door, what is above the caller is ours. */
static size_t first_frame(const struct hb_result *result,
                          const struct hb_stack *stack)
{
    const struct hb_stack_frame *caller = hb_leaving_caller(result);

    return caller != NULL && stack == hb_leaving_stack(result)
               ? (size_t)(caller - stack->frames)
               : 0;
}

/* The innermost frames of the threads that are to blame. */
static void tell_stacks(struct teller *teller)
{
    const struct hb_stack *stacks[BLAMED_TOLD];
    size_t count = hb_blame(teller->result, stacks, BLAMED_TOLD);

    for (size_t i = 0; i < count; i++) {
        const struct hb_stack *stack = stacks[i];
        size_t frames = count_frames(teller->result, stack);
        size_t first = first_frame(teller->result, stack);

        for (size_t k = first; k < frames && k < first + FRAMES_TOLD; k++) {
            hb_buffer_format(&teller->text, "%u #%zu ", (unsigned)stack->tid,
                             k);
            hb_stacks_frame(teller->result, &stack->frames[k], &teller->text);
            tell(teller, "stack");
        }
        if (frames > first + FRAMES_TOLD) {
            hb_buffer_format(&teller->text, "%u, %zu more",
                             (unsigned)stack->tid,
                             frames - first - FRAMES_TOLD);
            tell(teller, "stack");
        }
    }
}

static void tell_left(struct teller *teller)
{
    const struct hb_result *result = teller->result;
    size_t left = hb_processes_left(result);
    size_t told = 0;

    for (size_t i = 0; i < result->process_count && told < LEFT_TOLD; i++) {
        const struct hb_process_record *at = &result->processes[i];

        if (at->left_behind) {
            separate(teller);
            hb_buffer_format(&teller->text, "%s (pid %u)", at->process.image,
                             (unsigned)at->process.pid);
            told++;
        }
    }
    if (left > told) {
        separate(teller);
        hb_buffer_format(&teller->text, "%zu more", left - told);
    }
    tell(teller, "left behind");
}

static void tell_machine(struct teller *teller)
{
    hb_machine_describe(teller->result, &teller->text);
    tell(teller, "machine");
}

static void tell_evidence(struct teller *teller)
{
    for (size_t i = 0; hb_story_evidence(teller->result, i, &teller->text);
         i++) {
        tell(teller, "evidence");
    }
}

static void tell_unwritten(struct teller *teller)
{
    const struct hb_finds *finds = &teller->result->finds;

    for (size_t i = 0; i < finds->unwritten_count; i++) {
        hb_stacks_unwritten(&finds->unwritten[i], &teller->text);
        tell(teller, "not written");
    }
}

static void tell_rest(struct teller *teller)
{
    const struct hb_result *result = teller->result;

    for (size_t i = 0; i < result->warning_count; i++) {
        hb_buffer_text(&teller->text, result->warnings[i]);
        tell(teller, "warning");
    }
    if (result->signature.hash[0] != '\0') {
        hb_buffer_format(&teller->text, "%s %s", result->signature.hash,
                         result->signature.text);
        tell(teller, "signature");
    }
}

void hb_story_tell(const struct hb_result *result, hb_story_line *line,
                   void *context)
{
    struct teller teller = {
        .result = result,
        .line = line,
        .context = context,
    };

    tell_exit(&teller);
    tell_place(&teller);
    tell_life(&teller);
    tell_stats(&teller);
    tell_cases(&teller);
    tell_limits(&teller);
    tell_killer(&teller);
    tell_dialog(&teller);
    tell_threads(&teller);
    tell_stacks(&teller);
    tell_unwritten(&teller);
    tell_left(&teller);
    tell_machine(&teller);
    tell_evidence(&teller);
    tell_rest(&teller);
    hb_buffer_free(&teller.text);
}
