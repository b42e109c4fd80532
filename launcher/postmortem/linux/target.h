#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

#include "base/error.h"

/*
 * A living process that is stopped for a moment: every thread is seized and
 * interrupted, so that registers and memory hold still. No signal is sent and
 * none is lost; system calls restart, but for the few that the kernel ends
 * with EINTR. What was stopped before stays stopped. If this program dies, the
 * kernel lets the target go on.
 *
 * One thread of this program only: ptrace belongs to the thread that seized.
 * Linux lets only one process trace another, so there is one target of a
 * process at a time.
 */
struct hb_target;

struct hb_target_thread {
    pid_t tid;
    struct user_regs_struct registers;
    bool has_registers; /* false: it ended while we stopped it, or cannot be
                           stopped (uninterruptible): state says; or it runs
                           in 32 bits */
    char state;         /* letter of /proc/.../stat before the stop */
    char name[32];
    uint64_t cpu_us;
    int stop_signal; /* it was stopped by this before us; 0: it ran */
};

/*
 * Seizes and interrupts all threads, also those that are born meanwhile; a
 * thread that does not stop within `limit_ms` is left out with has_registers
 * false. On success the caller must hb_target_release(). The error says who
 * traces it already, or which right is missing (Yama, capability, user).
 */
bool hb_target_stop(pid_t pid, uint32_t limit_ms, struct hb_target **out,
                    struct hb_error *err);

/* Lets every thread go on as it was. What is known of the threads can still
 * be asked for, but not hb_target_registers(). Twice is fine. */
void hb_target_go_on(struct hb_target *target);

/* Lets every thread go on, and frees. NULL is fine. */
void hb_target_release(struct hb_target *target);

size_t hb_target_count(const struct hb_target *target);
/* Borrowed until the release. The leader is the first, even if it has ended
 * before the others. */
const struct hb_target_thread *hb_target_thread(const struct hb_target *target,
                                                size_t i);
pid_t hb_target_pid(const struct hb_target *target);

/* Floating point and extended state (NT_PRFPREG, NT_X86_XSTATE) of thread `i`
 * into `bytes`; returns its size, 0 if it cannot be had. */
size_t hb_target_registers(const struct hb_target *target, size_t i,
                           unsigned note, void *bytes, size_t room);

/* Microseconds from the first interrupt until all went on; 0 before that. */
uint64_t hb_target_pause_us(const struct hb_target *target);

/* Copies memory of a process, stopped or not; never that of a device. Returns
 * the bytes that could be read from the start of the range on; the first hole
 * ends it. */
size_t hb_memory_read(pid_t pid, uint64_t address, void *bytes, size_t size);

/* True, with the reason, if the kernel's number for a read of nothing says
 * that no memory of any process may be read. */
bool hb_memory_is_refused(pid_t pid, int error, struct hb_error *err);
