#include "os/process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <hbtest/protocol.h>

#include "os/clock.h"
#include "os/door.h"
#include "os/linux/bytes.h"
#include "os/linux/spawn.h"
#include "os/linux/state.h"

#define KILL_WITHIN_MS 5000

#define LAST_WORDS_MOST 64u

void *hb_process_recorder(struct hb_process *process, size_t *out_size)
{
    if (process->recorder != NULL) {
        *out_size = HBTEST_RECORDER_SIZE;
    }
    return process->recorder;
}

/*
 * A test that reads from the terminal, and shares it with us in the
 * foreground, must stay in our process group: in another it would be stopped
 * as soon as it read, and Ctrl-C would not reach it. Every other test leads a
 * group of its own, so that signals meant for it do not hit us.
 */
static bool wants_own_group(void)
{
    return tcgetpgrp(STDIN_FILENO) != getpgrp();
}

static void close_test_end(struct hb_output *output)
{
    if (output->test_end >= 0) {
        (void)close(output->test_end);
        output->test_end = -1;
    }
}

static void open_hold(struct hb_process *process)
{
    if (process->spec.hold_exit) {
        process->hold =
            hb_hold_open(process->spec.hold_ms, &process->hold_warning);
    }
}

bool hb_process_start(struct hb_process *process, uint32_t *out_pid,
                      struct hb_error *err)
{
    size_t count = process->spec.count;
    char **command = calloc(count + 1, sizeof(*command));
    struct hb_spawn spawn = {
        .command = command,
        .environment =
            process->environment != NULL ? process->environment : environ,
        .search = getenv("PATH"),
        .output = { process->outputs[0].test_end,
                    process->outputs[1].test_end },
        .kept = process->memory,
        .own_group = wants_own_group(),
        .parent = getpid(),
    };
    pid_t pid = 0;

    if (command == NULL) {
        return hb_fail_memory(err);
    }
    open_hold(process);
    spawn.hold = process->hold;
    memcpy(command, process->spec.command, count * sizeof(*command));
    hb_cores_prepare(process);
    spawn.core_limit = process->cores.raises ? &process->cores.limit : NULL;
    bool ok = hb_spawn_start(&spawn, &pid) || hb_spawn_diagnose(&spawn, err);
    free(command);
    if (!ok) {
        return false;
    }
    close_test_end(&process->outputs[0]);
    close_test_end(&process->outputs[1]);
    process->pid = pid;
    process->own_group = spawn.own_group;
    if (process->hold != NULL) {
        process->hold_warning = hb_hold_started(process->hold);
    }
    *out_pid = (uint32_t)pid;
    return true;
}

/* A stream has something to say without poll(). */
static bool needs_no_poll(const struct hb_output *output)
{
    bool failed = output->pass.error != 0 && !output->told_error;

    return output->fd >= 0 && (output->tell_gone || output->dropped || failed);
}

static size_t fill_poll(const struct hb_process *process,
                        struct pollfd *entries, unsigned *bits)
{
    size_t count = 0;

    entries[count] = (struct pollfd){ process->signals, POLLIN, 0 };
    bits[count++] = HB_READY_SIGNAL;
    if (process->notify >= 0) {
        entries[count] = (struct pollfd){ process->notify, POLLIN, 0 };
        bits[count++] = HB_READY_NOTIFY;
    }
    for (int i = 0; i < HB_STREAM_COUNT; i++) {
        const struct hb_output *output = &process->outputs[i];

        if (output->fd < 0) {
            continue;
        }
        entries[count] = output->blocked
                             ? (struct pollfd){ output->pass.fd, POLLOUT, 0 }
                             : (struct pollfd){ output->fd, POLLIN, 0 };
        bits[count++] = (unsigned)HB_READY_STDOUT << i;
    }
    if (process->hold != NULL) {
        entries[count] =
            (struct pollfd){ hb_hold_news(process->hold), POLLIN, 0 };
        bits[count++] = HB_READY_HOLD;
    }
    if (process->helper.out >= 0) {
        entries[count] = (struct pollfd){ process->helper.out, POLLIN, 0 };
        bits[count++] = HB_READY_HELPER;
    }
    return count;
}

/* NULL is for ever. */
static const struct timespec *time_left(uint64_t until_ms,
                                        struct timespec *target)
{
    if (until_ms == UINT64_MAX) {
        return NULL;
    }
    uint64_t now_ns = hb_clock_ns();
    uint64_t left_ns = 0;

    if (until_ms > now_ns / 1000000u) {
        uint64_t left_ms = until_ms - now_ns / 1000000u;

        /* A day at most: sums below stay in range, and it is asked again. */
        left_ms = left_ms < 86400000u ? left_ms : 86400000u;
        left_ns = left_ms * 1000000u - now_ns % 1000000u;
    }
    target->tv_sec = (time_t)(left_ns / 1000000000u);
    target->tv_nsec = (long)(left_ns % 1000000000u);
    return target;
}

/* Fills `process->ready`. False only for a failure of the system. */
static bool wait_ready(struct hb_process *process, uint64_t until_ms,
                       struct hb_error *err)
{
    struct pollfd entries[6];
    unsigned bits[6];
    struct timespec left;
    size_t count = fill_poll(process, entries, bits);
    int found = ppoll(entries, count, time_left(until_ms, &left), NULL);

    if (found < 0 && errno != EINTR) {
        return hb_fail(err, HB_ERR_INTERNAL, errno, "cannot wait for events");
    }
    for (size_t i = 0; i < count && found > 0; i++) {
        if (entries[i].revents != 0) {
            process->ready |= bits[i];
        }
    }
    return true;
}

static bool serve_output(struct hb_process *process, enum hb_stream stream,
                         struct hb_event *out_event)
{
    static const enum hb_event_kind kinds[] = {
        [HB_OUTPUT_NOTHING] = HB_EVENT_NONE,
        [HB_OUTPUT_BYTES] = HB_EVENT_OUTPUT,
        [HB_OUTPUT_ENDED] = HB_EVENT_OUTPUT_CLOSED,
        [HB_OUTPUT_READER_GONE] = HB_EVENT_READER_GONE,
        [HB_OUTPUT_NOT_PASSED] = HB_EVENT_NOT_PASSED,
    };
    struct hb_output *output = &process->outputs[stream];

    if (output->fd >= 0) {
        out_event->stream = stream;
        out_event->os_code = output->pass.error;
        out_event->kind =
            kinds[hb_output_step(output, &out_event->bytes, &out_event->size)];
    }
    return out_event->kind != HB_EVENT_NONE;
}

/* What a program sent before it ended is told before its end; a flood of
 * datagrams from others does not hide the end for ever. */
static bool take_last_words(struct hb_process *process,
                            struct hb_event *out_event)
{
    if (process->notify < 0 || process->last_words == LAST_WORDS_MOST ||
        !hb_notify_receive(process, out_event)) {
        process->last_words = 0;
        return false;
    }
    process->last_words++;
    return true;
}

/* Takes one bit off `ready`, so that no source starves another. */
static bool serve_one(struct hb_process *process, unsigned bit,
                      struct hb_event *out_event)
{
    switch (bit) {
    case HB_READY_SIGNAL:
        if (hb_events_signal(process, out_event)) {
            process->ready |= HB_READY_SIGNAL; /* there may be another */
        }
        break;
    case HB_READY_STDOUT:
        return serve_output(process, HB_STDOUT, out_event);
    case HB_READY_STDERR:
        return serve_output(process, HB_STDERR, out_event);
    case HB_READY_NOTIFY:
        (void)hb_notify_receive(process, out_event);
        break;
    case HB_READY_CHILD:
        if (take_last_words(process, out_event)) {
            process->ready |= HB_READY_CHILD;
        } else if (hb_events_reap(process)) {
            process->ready |= HB_READY_CHILD;
            return hb_events_take(process, out_event) ||
                   hb_helper_step(&process->helper, out_event);
        }
        break;
    case HB_READY_HOLD:
        if (hb_hold_take(process->hold, &out_event->leaving)) {
            out_event->kind = HB_EVENT_LEAVING;
            out_event->pid = out_event->leaving.pid;
        }
        break;
    case HB_READY_HELPER:
        return hb_helper_step(&process->helper, out_event);
    default:
        break;
    }
    return out_event->kind != HB_EVENT_NONE;
}

static bool serve_ready(struct hb_process *process, struct hb_event *out_event)
{
    while (process->ready != 0) {
        unsigned bit = process->ready & (~process->ready + 1u);

        process->ready &= ~bit;
        if (serve_one(process, bit, out_event)) {
            return true;
        }
    }
    return false;
}

bool hb_process_next(struct hb_process *process, uint64_t until_ms,
                     struct hb_event *out_event, struct hb_error *err)
{
    struct hb_event event = { 0 };

    for (bool last = false;;) {
        for (int i = 0; i < HB_STREAM_COUNT; i++) {
            if (needs_no_poll(&process->outputs[i])) {
                process->ready |= (unsigned)HB_READY_STDOUT << i;
            }
        }
        if (hb_events_take(process, &event) || serve_ready(process, &event) ||
            last) {
            break;
        }
        if (!wait_ready(process, until_ms, err)) {
            return false;
        }
        /* What poll() found at the last moment is still served. */
        last = hb_clock_ms() >= until_ms;
    }
    *out_event = event;
    return true;
}

const char *hb_process_hold_warning(const struct hb_process *process)
{
    return process->hold_warning;
}

void hb_process_let_leave(struct hb_process *process)
{
    if (process->hold != NULL) {
        hb_hold_let_go(process->hold);
    }
}

static pid_t test_group(const struct hb_process *process)
{
    return process->own_group ? process->pid : 0;
}

bool hb_process_stop(struct hb_process *process, struct hb_error *err)
{
    pid_t group = test_group(process);

    (void)err;
    hb_tree_signal(group, SIGTERM);
    hb_tree_signal(group, SIGCONT); /* a stopped one hears it only then */
    return true;
}

bool hb_process_signal(struct hb_process *process, uint32_t signal)
{
    return process->pid != 0 && !process->ended &&
           kill(process->pid, (int)signal) == 0;
}

bool hb_process_kill(struct hb_process *process, struct hb_error *err)
{
    return hb_tree_kill(test_group(process), KILL_WITHIN_MS, hb_events_reaped,
                        process) ||
           hb_fail(err, HB_ERR_INTERNAL, 0,
                   "cannot end all processes of the test within %d ms",
                   KILL_WITHIN_MS);
}

void hb_process_release(struct hb_process *process)
{
    process->released = true;
}

struct hb_output_state hb_process_output(const struct hb_process *process,
                                         enum hb_stream stream)
{
    return hb_output_state(&process->outputs[stream]);
}

bool hb_process_has_writer(const struct hb_process *process,
                           enum hb_stream stream)
{
    return hb_output_has_writer(&process->outputs[stream]);
}

void hb_process_drop_output(struct hb_process *process)
{
    hb_output_drop(&process->outputs[HB_STDOUT]);
    hb_output_drop(&process->outputs[HB_STDERR]);
}

void hb_process_free(struct hb_process *process)
{
    struct hb_error ignored = { 0 };

    if (process == NULL) {
        return;
    }
    hb_helper_close(&process->helper);
    if (process->pid != 0 && !process->released) {
        (void)hb_process_kill(process, &ignored);
    }
    hb_hold_close(process->hold);
    hb_output_close(&process->outputs[HB_STDOUT]);
    hb_output_close(&process->outputs[HB_STDERR]);
    if (process->recorder != NULL) {
        (void)munmap(process->recorder, HBTEST_RECORDER_SIZE);
    }
    int descriptors[] = { process->memory, process->notify, process->signals };
    for (size_t i = 0; i < sizeof(descriptors) / sizeof(descriptors[0]); i++) {
        if (descriptors[i] >= 0) {
            (void)close(descriptors[i]);
        }
    }
    free(process->environment);
    free(process);
}
