#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "os/linux/hold_parts.h"
#include "os/linux/stat.h"

/* Calls that send a signal: where their target and the signal stand. */
enum target { TARGET_PROCESS, TARGET_THREAD, TARGET_PIDFD };
static const struct {
    long number;
    const char *name;
    enum target target; /* what argument 0 is */
    unsigned signal;    /* index of the argument */
} calls[] = {
    { SYS_kill, "kill", TARGET_PROCESS, 1 },
    { SYS_tgkill, "tgkill", TARGET_PROCESS, 2 },
    { SYS_tkill, "tkill", TARGET_THREAD, 1 },
    { SYS_rt_sigqueueinfo, "rt_sigqueueinfo", TARGET_PROCESS, 1 },
    { SYS_rt_tgsigqueueinfo, "rt_tgsigqueueinfo", TARGET_PROCESS, 2 },
    { SYS_pidfd_send_signal, "pidfd_send_signal", TARGET_PIDFD, 1 },
};

static bool is_thread_of_root(const struct hb_hold *hold, pid_t tid)
{
    char path[64];

    if (tid == hold->root) {
        return true;
    }
    (void)snprintf(path, sizeof(path), "/proc/%ld/task/%ld", (long)hold->root,
                   (long)tid);
    return tid > 0 && access(path, F_OK) == 0;
}

/* The number behind a name at the beginning of a line of a file in /proc. */
static bool read_line(const char *path, const char *name, bool hex,
                      uint64_t *out_value)
{
    char text[4096];
    char *at = text;

    if (hb_proc_read(path, text, sizeof(text)) == 0) {
        return false;
    }
    while (at != NULL && strncmp(at, name, strlen(name)) != 0) {
        at = strchr(at, '\n');
        at = at != NULL ? at + 1 : NULL;
    }
    if (at == NULL) {
        return false;
    }
    return sscanf(at + strlen(name), hex ? "%" SCNx64 : "%" SCNu64,
                  out_value) == 1;
}

static bool pidfd_is_root(const struct hb_hold *hold, int fd)
{
    char path[64];
    uint64_t pid = 0;

    (void)snprintf(path, sizeof(path), "%ld/fdinfo/%d", (long)hold->root, fd);
    return read_line(path, "Pid:", false, &pid) && pid == (uint64_t)hold->root;
}

static bool targets_root(const struct hb_hold *hold, enum target target,
                         int value)
{
    switch (target) {
    case TARGET_PROCESS:
        return value == hold->root || value == 0 ||
               (value < -1 && -value == getpgid(hold->root));
    case TARGET_THREAD:
        return is_thread_of_root(hold, value);
    case TARGET_PIDFD:
        return pidfd_is_root(hold, value);
    }
    return false;
}

static bool is_harmless(int signal)
{
    static const int some[] = { SIGCHLD, SIGCONT, SIGURG,  SIGWINCH,
                                SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU };

    for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
        if (some[i] == signal) {
            return true;
        }
    }
    return signal <= 0 || signal > 64;
}

/* A signal that the program neither handles nor ignores ends it. (One that is
 * blocked does not, yet; the C library blocks all while it raises one.) */
static bool is_deadly(const struct hb_hold *hold, int signal)
{
    char path[64];
    uint64_t ignored = 0;
    uint64_t caught = 0;

    if (is_harmless(signal)) {
        return false;
    }
    (void)snprintf(path, sizeof(path), "%ld/status", (long)hold->root);
    return signal == SIGKILL ||
           (read_line(path, "SigIgn:", true, &ignored) &&
            read_line(path, "SigCgt:", true, &caught) &&
            (((ignored | caught) >> (signal - 1)) & 1u) == 0);
}

static bool reads_signal(const struct hb_hold *hold,
                         const struct seccomp_data *data,
                         struct hb_leaving *leaving)
{
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        int signal = (int)data->args[calls[i].signal];

        if (data->nr == calls[i].number &&
            targets_root(hold, calls[i].target, (int)data->args[0]) &&
            is_deadly(hold, signal)) {
            (void)hb_text_copy(leaving->call, sizeof(leaving->call),
                               calls[i].name);
            leaving->kind = HB_LEAVING_SIGNAL;
            leaving->value = (uint32_t)signal;
            return true;
        }
    }
    return false;
}

bool hb_hold_reads(const struct hb_hold *hold,
                   const struct seccomp_notif *notice,
                   struct hb_leaving *out_leaving)
{
    struct hb_leaving leaving = { .pid = (uint32_t)hold->root,
                                  .tid = notice->pid };

    if (!is_thread_of_root(hold, (pid_t)notice->pid)) {
        return false;
    }
    if (notice->data.nr == SYS_exit_group) {
        (void)hb_text_copy(leaving.call, sizeof(leaving.call), "exit_group");
        leaving.kind = HB_LEAVING_CODE;
        leaving.value = (uint32_t)notice->data.args[0] & 0xffu;
    } else if (!reads_signal(hold, &notice->data, &leaving)) {
        return false;
    }
    *out_leaving = leaving;
    return true;
}
