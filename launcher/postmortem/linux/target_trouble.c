/*
 * Why a process cannot be seized. The kernel says EPERM for many things; what
 * it looked at can be looked at again.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "os/linux/stat.h"
#include "postmortem/linux/target_parts.h"

#define CAP_SYS_PTRACE_BIT 19u

/* "Uid: real effective ...": of these the one that is not ours, as a
 * set-user-ID program has one. */
static bool find_user(const char *text, uint64_t *out_user)
{
    const char *at = strstr(text, "\nUid:");
    bool found = false;

    at += at != NULL ? strlen("\nUid:") : 0;
    for (int i = 0; at != NULL && i < 2; i++) {
        at += strspn(at, "\t ");
        if (!hb_proc_number(&at, out_user)) {
            break;
        }
        found = true;
        if (*out_user != (uint64_t)geteuid()) {
            break;
        }
    }
    return found;
}

/* The bit in our effective set, which the file has in hex. */
static bool has_capability(unsigned bit)
{
    char text[4096];

    if (hb_proc_read("self/status", text, sizeof(text)) == 0) {
        return false;
    }
    const char *at = strstr(text, "CapEff:\t");
    if (at == NULL || strnlen(at, 8 + 16) < 8 + 16) {
        return false;
    }
    char digit = at[8 + 15 - bit / 4];
    unsigned value = (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
    return (value >> (bit % 4) & 1u) != 0;
}

static bool fail_traced(pid_t pid, uint64_t tracer, struct hb_error *err)
{
    struct hb_stat stat;

    if (hb_stat_read_process((uint32_t)tracer, &stat)) {
        return hb_fail(err, HB_ERR_READ, EPERM,
                       "cannot stop process %d: it is traced by process %u "
                       "('%s')",
                       (int)pid, (unsigned)tracer, stat.name);
    }
    return hb_fail(err, HB_ERR_READ, EPERM,
                   "cannot stop process %d: it is traced by process %u",
                   (int)pid, (unsigned)tracer);
}

static bool is_filtered(void)
{
    char text[4096];

    return hb_proc_read("self/status", text, sizeof(text)) > 0 &&
           strstr(text, "\nSeccomp:\t2") != NULL;
}

static bool fail_of_right(pid_t pid, uint64_t user, int error,
                          struct hb_error *err)
{
    char text[16];
    const char *at = text;
    uint64_t scope = 0;

    if (user != (uint64_t)geteuid()) {
        return hb_fail(err, HB_ERR_READ, error,
                       "cannot stop process %d: it runs as user %u, we as %u "
                       "without CAP_SYS_PTRACE",
                       (int)pid, (unsigned)user, (unsigned)geteuid());
    }
    if (hb_proc_read("sys/kernel/yama/ptrace_scope", text, sizeof(text)) > 0 &&
        hb_proc_number(&at, &scope) && scope > 0) {
        return hb_fail(err, HB_ERR_READ, error,
                       "cannot stop process %d: Yama forbids it "
                       "(kernel.yama.ptrace_scope is %u, and we have no "
                       "CAP_SYS_PTRACE)",
                       (int)pid, (unsigned)scope);
    }
    return hb_fail(err, HB_ERR_READ, error,
                   "cannot stop process %d: %s(set-user-ID, "
                   "prctl, or no right to read its program's file), or a "
                   "policy of this system forbids it, and we have no "
                   "CAP_SYS_PTRACE",
                   (int)pid,
                   is_filtered() ? "a seccomp filter forbids it, or it is not "
                                   "dumpable "
                                 : "it is not dumpable ");
}

bool hb_memory_is_refused(pid_t pid, int error, struct hb_error *err)
{
    if (error != EPERM && error != ENOSYS) {
        return false;
    }
    (void)hb_fail(err, HB_ERR_READ, error,
                  "cannot read the memory of process %d: this system forbids "
                  "process_vm_readv (seccomp, or a kernel without it)",
                  (int)pid);
    return true;
}

bool hb_target_refused(pid_t pid, uint64_t tracer, int error,
                       struct hb_error *err)
{
    char path[40];
    char text[4096];
    uint64_t user = 0;

    (void)snprintf(path, sizeof(path), "%d/status", (int)pid);
    if (error == ESRCH || hb_proc_read(path, text, sizeof(text)) == 0) {
        return hb_fail(err, HB_ERR_READ, ESRCH,
                       "cannot stop process %d: it has ended", (int)pid);
    }
    if (tracer != 0) {
        return fail_traced(pid, tracer, err);
    }
    if (strstr(text, "\nVmSize:") == NULL) { /* a kernel's thread has none */
        return hb_fail(err, HB_ERR_READ, error,
                       "cannot stop process %d: it has ended, or is the "
                       "kernel's",
                       (int)pid);
    }
    if ((error == EPERM || error == EACCES) && find_user(text, &user) &&
        !has_capability(CAP_SYS_PTRACE_BIT)) {
        return fail_of_right(pid, user, error, err);
    }
    return hb_fail(err, HB_ERR_READ, error,
                   "cannot stop process %d: this system forbids it (seccomp "
                   "or a security module)",
                   (int)pid);
}
