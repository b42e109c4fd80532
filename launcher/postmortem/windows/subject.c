#include "postmortem/windows/subject.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "os/clock.h"
#include "os/windows/widen.h"
#include "postmortem/windows/locks.h"

void hb_subject_open(struct hb_subject *subject, uint32_t pid)
{
    memset(subject, 0, sizeof(*subject));
    subject->opened.pid = pid;
    subject->failed = !hb_opened_open(pid, &subject->opened, &subject->err);
}

void hb_subject_close(struct hb_subject *subject)
{
    hb_session_end(&subject->session);
    hb_modules_free(&subject->modules);
    free(subject->traces);
    subject->traces = NULL;
    hb_opened_close(&subject->opened);
}

void hb_subject_crashed(struct hb_subject *subject, uint32_t tid,
                        uint64_t pointers)
{
    const struct hb_memory *memory = &subject->opened.memory;
    struct hb_crashed *crashed = &subject->crashed;
    uint64_t parts[2] = { 0, 0 }; /* record, and context */
    EXCEPTION_RECORD record;

    crashed->tid = tid;
    if (subject->failed || pointers == 0 ||
        !hb_memory_copy(memory, pointers, parts, sizeof(parts)) ||
        !hb_memory_copy(memory, parts[0], &record, sizeof(record)) ||
        !hb_memory_copy(memory, parts[1], &crashed->context,
                        sizeof(crashed->context))) {
        return;
    }
    crashed->pointers = pointers;
    crashed->has_context = true;
}

static const char *word_of(enum hb_thread_state state)
{
    static const char *const words[] = {
        [HB_THREAD_UNKNOWN] = "",
        [HB_THREAD_RUNNING] = "running",
        [HB_THREAD_WAITING] = "waiting",
        [HB_THREAD_UNINTERRUPTIBLE] = "waiting",
        [HB_THREAD_STOPPED] = "suspended",
        [HB_THREAD_TRACED] = "traced",
        [HB_THREAD_DEAD] = "ended",
    };

    return words[state];
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    return (hash ^ word) * 1099511628211u; /* FNV-1a, by whole words */
}

/* The registers that calls preserve too; the others of a thread that waits in
 * the system are whatever the last look left there. */
static struct hb_trace trace_of(const struct hb_taken *taken,
                                const struct hb_walked *walked)
{
    const CONTEXT *context = &taken->context;
    const uint64_t registers[] = {
        context->Rip, context->Rsp, context->Rbp, context->Rbx, context->Rsi,
        context->Rdi, context->R12, context->R13, context->R14, context->R15,
    };
    uint64_t hash = 14695981039346656037u;

    for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
        hash = mix(hash, registers[i]);
    }
    for (size_t i = 0; i < walked->count; i++) {
        hash = mix(mix(hash, walked->addresses[i]), walked->stacks[i]);
    }
    return (struct hb_trace){ taken->seen.tid, hash, taken->seen.cpu_us };
}

/* A thread that is new since the first sample moved. The looks themselves
 * cost the thread some CPU time, and a clock tick counts as a whole. */
static bool has_moved(const struct hb_subject *subject,
                      const struct hb_trace *trace)
{
    enum { TICKS_US = 35000 };

    for (size_t i = 0; i < subject->trace_count; i++) {
        const struct hb_trace *before = &subject->traces[i];

        if (before->tid == trace->tid) {
            return before->stack != trace->stack ||
                   trace->cpu_us > before->cpu_us + TICKS_US;
        }
    }
    return true;
}

static void tell_thread(struct hb_subject *subject, struct hb_taken *taken,
                        uint32_t sample, bool locks, struct hb_teller *teller)
{
    const struct hb_crashed *crashed = &subject->crashed;
    static struct hb_frame frames[HB_FRAMES_MAX];
    static struct hb_walked walked;
    struct hb_found_thread thread = {
        .pid = subject->opened.pid,
        .tid = taken->seen.tid,
        .sample = sample,
        .frames = frames,
    };

    if (crashed->tid != 0 && crashed->tid == thread.tid) {
        thread.crashed = true;
        if (crashed->has_context) {
            taken->has_context = true;
            taken->context = crashed->context;
        }
    }
    hb_session_walk(&subject->session, taken, &walked);
    thread.frame_count =
        hb_session_words(&subject->session, &walked, frames, HB_FRAMES_MAX);
    struct hb_trace trace = trace_of(taken, &walked);

    if (sample == 0) {
        subject->traces[subject->trace_count++] = trace;
    } else {
        thread.moved = has_moved(subject, &trace);
    }
    (void)hb_text_copy(thread.name, sizeof(thread.name), taken->seen.name);
    (void)hb_text_copy(thread.state, sizeof(thread.state),
                       word_of(taken->seen.state));
    (void)hb_text_copy(thread.cut_short, sizeof(thread.cut_short),
                       walked.cut_short);
    hb_modules_tell_frames(&subject->modules, frames, thread.frame_count,
                           teller);
    hb_tell_thread(teller, &thread);
    if (locks) {
        hb_locks_of_thread(&subject->opened, taken, frames, thread.frame_count,
                           teller);
    }
}

static bool begin(struct hb_subject *subject, struct hb_error *err)
{
    return hb_modules_read(&subject->opened, &subject->modules, err) &&
           hb_session_begin(subject->opened.process, &subject->opened.memory,
                            &subject->modules, &subject->session, err);
}

/* Room to remember the first sample, and DbgHelp, made when both are needed
 * for the first time. */
static bool prepare(struct hb_subject *subject, size_t thread_count,
                    struct hb_error *err)
{
    if (subject->traces == NULL) {
        subject->traces = calloc(thread_count + 1, sizeof(*subject->traces));
        subject->taken_at_ms = hb_clock_ms();
    }
    if (subject->traces == NULL) {
        return hb_fail_memory(err);
    }
    return subject->session.help != NULL || begin(subject, err);
}

static bool take_sample(struct hb_subject *subject, uint32_t sample, bool locks,
                        struct hb_teller *teller, struct hb_error *err)
{
    struct hb_taken_list list = { NULL, 0, 0 };

    if (!hb_taken_all(&subject->opened, &list, err)) {
        return false;
    }
    if (list.pause_us > subject->pause_us) {
        subject->pause_us = list.pause_us;
    }
    bool ok = prepare(subject, list.count, err);

    for (size_t i = 0; ok && i < list.count; i++) {
        tell_thread(subject, &list.items[i], sample, locks, teller);
    }
    hb_taken_free(&list);
    return ok;
}

void hb_subject_sample(struct hb_subject *subject, uint32_t sample, bool locks,
                       struct hb_teller *teller)
{
    uint64_t from_ms = hb_clock_ms();

    if (subject->failed || (sample > 0 && !subject->has_stacks)) {
        return;
    }
    subject->has_stacks =
        take_sample(subject, sample, locks, teller, &subject->stacks_err);
    subject->duration_ms += hb_clock_ms() - from_ms;
}
