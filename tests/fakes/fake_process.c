#include <stdlib.h>
#include <string.h>

#include "fakes/fake_helper.h"
#include "fakes/fake_state.h"
#include "hbtest/protocol.h"
#include "os/door.h"
#include "os/process.h"

struct hb_process {
    void *recorder;
};

bool hb_process_prepare(const struct hb_process_spec *spec,
                        struct hb_process **out_process, struct hb_error *err)
{
    static struct hb_process process;

    (void)spec;
    if (fake_fails(err, HB_ERR_INTERNAL)) {
        return false;
    }
    process.recorder = calloc(1, HBTEST_RECORDER_SIZE);
    fake.open++;
    *out_process = &process;
    return true;
}

void *hb_process_recorder(struct hb_process *process, size_t *out_size)
{
    *out_size = HBTEST_RECORDER_SIZE;
    return process->recorder;
}

bool hb_process_start(struct hb_process *process, uint32_t *out_pid,
                      struct hb_error *err)
{
    (void)process;
    if (fake_fails(err, HB_ERR_START)) {
        return false;
    }
    *out_pid = PID;
    return true;
}

static void tell(struct hb_event *out_event, const struct hb_event *event)
{
    *out_event = *event;
    if (event->kind == HB_EVENT_EXIT) {
        out_event->pid = PID;
        fake.ended = true;
    }
}

static void pass_time(uint64_t to_ms)
{
    uint64_t stalled_ms = fake.stall_at_ms + fake.stall_ms;

    if (to_ms > fake.now_ms) {
        fake.now_ms = to_ms;
    }
    if (fake.stall_ms > 0 && fake.now_ms >= fake.stall_at_ms) {
        fake.now_ms = stalled_ms > fake.now_ms ? stalled_ms : fake.now_ms;
        fake.stall_ms = 0;
    }
}

bool hb_process_next(struct hb_process *process, uint64_t until_ms,
                     struct hb_event *out_event, struct hb_error *err)
{
    (void)process;
    if (fake_fails(err, HB_ERR_INTERNAL)) {
        return false;
    }
    if (fake.has_ending) {
        fake.has_ending = false;
        tell(out_event, &fake.ending);
        return true;
    }
    uint64_t scripted_ms = fake.next < fake.event_count
                               ? fake.events[fake.next].at_ms
                               : UINT64_MAX;

    if (fake_helper_next(scripted_ms < until_ms ? scripted_ms : until_ms,
                         out_event)) {
        return true;
    }
    if (scripted_ms <= until_ms && fake.next < fake.event_count) {
        const struct fake_event *next = &fake.events[fake.next++];

        pass_time(next->at_ms);
        tell(out_event, &next->event);
        return true;
    }
    pass_time(until_ms);
    *out_event = (struct hb_event){ .kind = HB_EVENT_NONE };
    return true;
}

void fake_os_cores(const struct hb_core_trace *trace)
{
    fake.cores = *trace;
}

void hb_process_cores(struct hb_process *process,
                      struct hb_core_trace *out_trace)
{
    (void)process;
    *out_trace = fake.cores;
}

void hb_process_spare_core(struct hb_process *process, uint32_t pid)
{
    (void)process;
    (void)pid;
}

void fake_os_hold_warning(const char *warning)
{
    fake.hold_warning = warning;
}

int fake_os_lets_leave(void)
{
    return fake.lets_leave;
}

uint64_t fake_os_let_leave_ms(void)
{
    return fake.let_leave_ms;
}

const char *hb_process_hold_warning(const struct hb_process *process)
{
    (void)process;
    return fake.hold_warning;
}

void hb_process_let_leave(struct hb_process *process)
{
    (void)process;
    fake.lets_leave++;
    fake.let_leave_ms = fake.now_ms;
}

void hb_process_wake(volatile uint32_t *word)
{
    (void)word;
}

bool hb_process_cpu_us(struct hb_process *process, uint64_t *out_us)
{
    (void)process;
    *out_us = 0;
    return true;
}

size_t hb_process_sample(struct hb_process *process,
                         struct hb_thread_sample *samples, size_t room,
                         struct hb_dialog *out_dialog)
{
    (void)process;
    memset(out_dialog, 0, sizeof(*out_dialog));
    if (room == 0) {
        return 0;
    }
    samples[0] = fake.thread;
    return 1;
}

size_t hb_process_tree(struct hb_process *process,
                       struct hb_tree_process *processes, size_t room)
{
    size_t count = fake.child_count > 0 ? fake.child_count : 1;

    (void)process;
    if (fake.now_ms >= fake.child_until_ms) {
        return 0;
    }
    for (size_t i = 0; i < count && i < room; i++) {
        processes[i] =
            (struct hb_tree_process){ .pid = PID + 1 + (uint32_t)i, .ppid = 1 };
    }
    return count;
}

static void end_by(uint32_t signal)
{
    if (!fake.ended && !fake.has_ending) {
        fake.has_ending = true;
        fake.ending = (struct hb_event){
            .kind = HB_EVENT_EXIT,
            .exit = { .kind = HB_EXIT_SIGNAL, .value = signal },
        };
    }
}

bool hb_process_stop(struct hb_process *process, struct hb_error *err)
{
    (void)process;
    if (fake_fails(err, HB_ERR_INTERNAL)) {
        return false;
    }
    fake.stops++;
    if (fake.heeds_stop) {
        end_by(15);
    }
    return true;
}

bool hb_process_signal(struct hb_process *process, uint32_t signal)
{
    (void)process;
    fake.signal = signal;
    return !fake.ended;
}

bool hb_process_kill(struct hb_process *process, struct hb_error *err)
{
    (void)process;
    if (fake_fails(err, HB_ERR_INTERNAL)) {
        return false;
    }
    fake.kills++;
    fake.child_until_ms = 0;
    end_by(9);
    return true;
}

void hb_process_release(struct hb_process *process)
{
    (void)process;
}

struct hb_output_state hb_process_output(const struct hb_process *process,
                                         enum hb_stream stream)
{
    struct hb_output_state state = { 0 };
    uint64_t until_ms = fake.now_ms < fake.blocked_until_ms
                            ? fake.now_ms
                            : fake.blocked_until_ms;

    (void)process;
    if (stream == HB_STDOUT && fake.blocked_until_ms > 0) {
        state.blocked_ms = until_ms > fake.blocked_from_ms
                               ? until_ms - fake.blocked_from_ms
                               : 0;
        state.waits_ms =
            fake.now_ms < fake.blocked_until_ms ? state.blocked_ms : 0;
    }
    return state;
}

bool hb_process_has_writer(const struct hb_process *process,
                           enum hb_stream stream)
{
    (void)process;
    return stream != HB_STDOUT || fake.blocked_until_ms == 0 ||
           fake.now_ms < fake.child_until_ms;
}

void hb_process_drop_output(struct hb_process *process)
{
    (void)process;
}

void hb_process_free(struct hb_process *process)
{
    if (process != NULL) {
        free(process->recorder);
        process->recorder = NULL;
        fake.helper.running = false;
        fake.open--;
    }
}
