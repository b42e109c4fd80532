/*
 * The child runs on our own memory until it execs (as with vfork, but on a
 * stack of its own), so starting it costs the same however big we are, and
 * what went wrong is simply there when we go on. Between clone and exec there
 * are system calls only.
 */
#include "os/linux/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/linux/signals.h"

#define STACK_SIZE (32u * 1024u)

/* The C library's other name for clone(2). ThreadSanitizer puts itself before
 * the first one, which it takes for a fork(2). */
/* NOLINTNEXTLINE(bugprone-reserved-identifier) */
int __clone(int (*run)(void *context), void *stack, int flags, void *context,
            ...);

/* What says only that there is no such file. */
static bool is_vague(int error)
{
    return error == ENOENT || error == ENOTDIR || error == ELOOP ||
           error == ENAMETOOLONG;
}

/* A file that is there but must not be executed is worth more to people than
 * the next folder's "not found". */
static void remember(struct hb_spawn *spawn, const char *path, int error)
{
    if (spawn->error != 0 && is_vague(error)) {
        return;
    }
    size_t length = strnlen(path, sizeof(spawn->attempted) - 1);

    memcpy(spawn->attempted, path, length);
    spawn->attempted[length] = '\0';
    spawn->error = error;
}

/* True if the search ends here: as execvp(3) has it, but for folders in PATH
 * that lead in a circle or are too long, which shells pass over. */
static bool is_final(int error)
{
    return !is_vague(error) && error != EACCES && error != ESTALE &&
           error != ENODEV && error != ETIMEDOUT;
}

static bool attempt(struct hb_spawn *spawn, const char *path)
{
    (void)execve(path, spawn->command, spawn->environment);
    int error = errno;

    remember(spawn, path, error);
    return is_final(error);
}

static void search(struct hb_spawn *spawn, const char *name)
{
    const char *from = spawn->search != NULL ? spawn->search : HB_SPAWN_SEARCH;
    size_t name_size = strlen(name) + 1;
    char path[PATH_MAX];

    for (;;) {
        size_t length = strcspn(from, ":");

        if (length + 1 + name_size <= sizeof(path)) {
            memcpy(path, from, length);
            if (length > 0) { /* an empty entry is the working directory */
                path[length] = '/';
            }
            memcpy(path + length + (length > 0), name, name_size);
            if (attempt(spawn, path)) {
                return;
            }
        }
        if (from[length] == '\0') {
            return;
        }
        from += length + 1;
    }
}

void hb_spawn_exec(struct hb_spawn *spawn)
{
    const char *name = spawn->command[0];

    spawn->error = 0;
    if (name[0] == '\0') {
        remember(spawn, name, ENOENT);
    } else if (strchr(name, '/') != NULL) {
        (void)attempt(spawn, name);
    } else {
        search(spawn, name);
        if (spawn->error == 0) { /* no folder was short enough */
            remember(spawn, name, ENAMETOOLONG);
        }
    }
}

static bool set_up(struct hb_spawn *spawn)
{
    if (spawn->own_group && setpgid(0, 0) < 0) {
        return false;
    }
    if (spawn->parent != 0) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) {
            return false;
        }
        if (getppid() != spawn->parent) { /* it died before the call */
            _exit(127);
        }
        /* Where Yama allows tracing to ancestors alone, this lets our helper,
         * which is none, look at the program. Fails where there is no Yama. */
        (void)prctl(PR_SET_PTRACER, (unsigned long)spawn->parent);
    }
    for (int i = 0; i < 2; i++) {
        if (spawn->output[i] >= 0 && dup2(spawn->output[i], 1 + i) < 0) {
            return false;
        }
    }
    if (spawn->core_limit != NULL) { /* without it there is no core, no more */
        (void)setrlimit(RLIMIT_CORE, spawn->core_limit);
    }
    return spawn->kept < 0 || fcntl(spawn->kept, F_SETFD, 0) == 0;
}

static int run_child(void *context)
{
    struct hb_spawn *spawn = context;

    if (set_up(spawn)) {
        hb_signals_restore();
        if (spawn->hold != NULL) {
            hb_hold_child(spawn->hold);
        }
        hb_spawn_exec(spawn);
    } else {
        spawn->error = errno;
    }
    spawn->returned = true;
    hb_hold_leave(127);
}

bool hb_spawn_start(struct hb_spawn *spawn, pid_t *out_pid)
{
    static _Alignas(16) char stack[STACK_SIZE];

    spawn->error = 0;
    spawn->returned = false;
    spawn->attempted[0] = '\0';
    pid_t pid = __clone(run_child, stack + sizeof(stack),
                        CLONE_VM | CLONE_VFORK | SIGCHLD, spawn);

    if (pid < 0) {
        spawn->error = errno;
        return false;
    }
    if (spawn->returned) { /* the child wrote it while we were suspended */
        siginfo_t ended;

        (void)waitid(P_PID, (id_t)pid, &ended, WEXITED);
        return false;
    }
    *out_pid = pid;
    return true;
}
