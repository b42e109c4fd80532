#include "postmortem/linux/target.h"

#include <elf.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/linux/stat.h"
#include "postmortem/linux/target_parts.h"

/* The word of ptrace(2) for a stop that is no signal's; <linux/ptrace.h> has
 * it, but clashes with <sys/ptrace.h>. */
#define EVENT_STOP 128

#define BURY_WITHIN_MS 200u
#define HURRY 10 /* of the system's steps of niceness */

static bool ask(int request, pid_t tid, uintptr_t address, uintptr_t data)
{
    return ptrace((enum __ptrace_request)request, tid, address, data) == 0;
}

static size_t read_set(pid_t tid, unsigned note, void *bytes, size_t room)
{
    struct iovec range = { bytes, room };

    return ask(PTRACE_GETREGSET, tid, note, (uintptr_t)&range) ? range.iov_len
                                                               : 0;
}

static void note_stop(struct hb_target_item *item, int status)
{
    struct hb_target_thread *seen = &item->seen;
    int signal = status & 0x7f;

    item->stopped = true;
    if (status >> 8 == EVENT_STOP) {
        seen->stop_signal = signal == SIGTRAP ? 0 : signal;
    } else {
        item->signal = signal;
    }
    /* 32-bit programs have a smaller set. */
    seen->has_registers =
        read_set(seen->tid, NT_PRSTATUS, &seen->registers,
                 sizeof(seen->registers)) == sizeof(seen->registers);
}

/* True if the thread is no longer waited for. The end of a process is for its
 * parent to take, which we may be; that of its other threads is for us, and
 * until we take it the process has not ended. */
static bool take_stop(const struct hb_target *target,
                      struct hb_target_item *item)
{
    siginfo_t info = { 0 };
    int what = WSTOPPED | WEXITED | WNOHANG | __WALL;
    int keeps = item->seen.tid == target->pid ? WNOWAIT : 0;

    if (waitid(P_PID, (id_t)item->seen.tid, &info, what | keeps) < 0) {
        item->ended = errno != EINTR;
        return item->ended;
    }
    if (info.si_pid == 0) {
        return false;
    }
    if (info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED) {
        item->ended = true;
        return true;
    }
    if (keeps != 0) {
        (void)waitid(P_PID, (id_t)item->seen.tid, &info,
                     WSTOPPED | WNOHANG | __WALL);
    }
    note_stop(item, info.si_status);
    return true;
}

static size_t take_stops(struct hb_target *target)
{
    size_t waiting = 0;

    for (size_t i = 0; i < target->count; i++) {
        struct hb_target_item *item = &target->items[i];

        if (item->seized && !item->stopped && !item->ended &&
            !take_stop(target, item)) {
            waiting++;
        }
    }
    return waiting;
}

/* Threads stop within microseconds; who sleeps in between, however short, may
 * lose the processor for milliseconds. */
static void wait_a_moment(unsigned turn)
{
    const struct timespec moment = { 0, turn < 512 + 64 ? 20000 : 1000000 };

    if (turn < 512) {
        (void)sched_yield();
    } else {
        (void)ppoll(NULL, 0, &moment, NULL);
    }
}

/* No signal tells of a stop that another thread could not eat. */
static void await_stops(struct hb_target *target, uint64_t until_ms)
{
    for (unsigned turn = 0; take_stops(target) > 0; turn++) {
        if (hb_clock_ms() >= until_ms) {
            return;
        }
        wait_a_moment(turn);
    }
}

/* A thread that is not ours to seize. False if that is true of all. */
static bool take_refusal(struct hb_target *target, struct hb_target_item *item,
                         int error, struct hb_error *err)
{
    uint64_t tracer = hb_target_tracer(target, item->seen.tid);

    if (tracer == (uint64_t)syscall(SYS_gettid)) {
        item->seized = true; /* it would not stop for the last target */
        return true;
    }
    item->ended = error == ESRCH;
    return tracer == 0 || hb_target_refused(target->pid, tracer, error, err);
}

/* Seizes the threads from `first` on. What the kernel refuses for the first
 * of a process it refuses for all; later ones may have ended. */
static bool seize(struct hb_target *target, size_t first, struct hb_error *err)
{
    int error = ESRCH;
    size_t seized = first;

    for (size_t i = first; i < target->count; i++) {
        struct hb_target_item *item = &target->items[i];

        if (item->ended) {
            continue;
        }
        item->seized = ask(PTRACE_SEIZE, item->seen.tid, 0, 0);
        if (!item->seized) {
            error = errno;
            if (!take_refusal(target, item, error, err)) {
                return false;
            }
        }
        seized += item->seized;
    }
    return seized > 0 || hb_target_refused(target->pid, 0, error, err);
}

/* While others stand still for us nobody else should come first, if we may say
 * so. */
static void hurry(struct hb_target *target)
{
    target->priority = getpriority(PRIO_PROCESS, 0);
    (void)setpriority(PRIO_PROCESS, 0, target->priority - HURRY);
}

static void interrupt(struct hb_target *target, size_t first)
{
    if (target->stopped_at_ns == 0) {
        hurry(target);
        target->stopped_at_ns = hb_clock_ns();
    }
    for (size_t i = first; i < target->count; i++) {
        if (target->items[i].seized) {
            (void)ask(PTRACE_INTERRUPT, target->items[i].seen.tid, 0, 0);
        }
    }
}

/* When all that are known stand still, nobody is left to make new ones. */
static bool stop_all(struct hb_target *target, uint64_t until_ms,
                     struct hb_error *err)
{
    size_t known = 0;

    do {
        if (!seize(target, known, err)) {
            return false;
        }
        interrupt(target, known);
        known = target->count;
        await_stops(target, until_ms);
        if (!hb_target_list(target, err)) {
            return false;
        }
    } while (target->count > known && hb_clock_ms() < until_ms);
    return true;
}

static bool has_stopped_one(const struct hb_target *target)
{
    for (size_t i = 0; i < target->count; i++) {
        if (target->items[i].stopped) {
            return true;
        }
    }
    return false;
}

static bool fail_to_stop(const struct hb_target *target, uint32_t limit_ms,
                         struct hb_error *err)
{
    bool ended = true;

    for (size_t i = 0; i < target->count; i++) {
        ended = ended && target->items[i].ended;
    }
    if (ended) {
        return hb_target_refused(target->pid, 0, ESRCH, err);
    }
    return hb_fail(err, HB_ERR_READ, ETIMEDOUT,
                   "cannot stop process %d: no thread of it stopped "
                   "within %u ms (state %c)",
                   (int)target->pid, (unsigned)limit_ms,
                   target->items[0].seen.state);
}

bool hb_target_stop(pid_t pid, uint32_t limit_ms, struct hb_target **out,
                    struct hb_error *err)
{
    struct hb_target *target = calloc(1, sizeof(*target));
    struct hb_stat stat;

    if (target == NULL) {
        return hb_fail(err, HB_ERR_INTERNAL, ENOMEM, "cannot stop process %d",
                       (int)pid);
    }
    target->pid = pid;
    target->is_our_child = hb_stat_read_process((uint32_t)pid, &stat) &&
                           stat.ppid == (uint32_t)getpid();
    bool fine = hb_target_list(target, err) &&
                stop_all(target, hb_clock_ms() + limit_ms, err);
    fine = fine &&
           (has_stopped_one(target) || fail_to_stop(target, limit_ms, err));
    if (!fine) {
        hb_target_release(target);
        return false;
    }
    *out = target;
    return true;
}

/* A stopped thread that cannot be let go was killed; its end is told to
 * nobody else before we have heard of it. */
static void bury(const struct hb_target *target, pid_t tid, uint64_t until_ms)
{
    const struct timespec moment = { 0, 20000 };
    siginfo_t info = { 0 };

    if (tid == target->pid && target->is_our_child) {
        return; /* that is for the one who waits for its child */
    }
    while (waitid(P_PID, (id_t)tid, &info, WEXITED | WNOHANG | __WALL) == 0 &&
           info.si_pid == 0 && hb_clock_ms() < until_ms) {
        (void)ppoll(NULL, 0, &moment, NULL);
    }
}

static void let_go(struct hb_target *target, struct hb_target_item *item,
                   uint64_t until_ms)
{
    if (!item->stopped && !item->ended) {
        (void)take_stop(target, item); /* too late to be of use */
    }
    if (!item->stopped && !item->ended) {
        return; /* the end of this program lets it go, or the next target */
    }
    if (item->ended ||
        !ask(PTRACE_DETACH, item->seen.tid, 0, (uintptr_t)item->signal)) {
        bury(target, item->seen.tid, until_ms);
    }
}

void hb_target_go_on(struct hb_target *target)
{
    uint64_t until_ms = hb_clock_ms() + BURY_WITHIN_MS;

    if (target->gone_on) {
        return;
    }
    for (size_t i = target->count; i > 0; i--) { /* the leader last */
        if (target->items[i - 1].seized) {
            let_go(target, &target->items[i - 1], until_ms);
        }
    }
    target->gone_on = true;
    if (target->stopped_at_ns != 0) {
        target->pause_ns = hb_clock_ns() - target->stopped_at_ns;
        (void)setpriority(PRIO_PROCESS, 0, target->priority);
    }
}

void hb_target_release(struct hb_target *target)
{
    if (target == NULL) {
        return;
    }
    hb_target_go_on(target);
    free(target->items);
    free(target);
}

size_t hb_target_count(const struct hb_target *target)
{
    return target->count;
}

const struct hb_target_thread *hb_target_thread(const struct hb_target *target,
                                                size_t i)
{
    return &target->items[i].seen;
}

pid_t hb_target_pid(const struct hb_target *target)
{
    return target->pid;
}

size_t hb_target_registers(const struct hb_target *target, size_t i,
                           unsigned note, void *bytes, size_t room)
{
    const struct hb_target_item *item = &target->items[i];

    return item->stopped && !target->gone_on
               ? read_set(item->seen.tid, note, bytes, room)
               : 0;
}

uint64_t hb_target_pause_us(const struct hb_target *target)
{
    return target->pause_ns / 1000u;
}
