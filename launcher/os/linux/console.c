#include "os/console.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "os/linux/bytes.h"
#include "os/linux/guard.h"
#include "os/linux/signals.h"
#include "os/linux/spawn.h"

bool hb_console_print(const char *bytes, size_t size, struct hb_error *err)
{
    return hb_write_all(STDOUT_FILENO, bytes, size) ||
           hb_fail(err, HB_ERR_WRITE, errno, "cannot write to stdout");
}

void hb_console_error(const char *bytes, size_t size)
{
    (void)hb_write_all(STDERR_FILENO, bytes, size);
}

bool hb_console_has_color(void)
{
    const char *kind = getenv("TERM");

    return isatty(STDERR_FILENO) && kind != NULL && strcmp(kind, "dumb") != 0;
}

/* A limit of 0 keeps core files away; a core_pattern that is a pipe ignores
 * the limit, hence the second call. */
static void forbid_core(void)
{
    const struct rlimit none = { 0, 0 };

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0);
}

_Noreturn void hb_console_die(uint32_t signal)
{
    struct sigaction plain = { .sa_handler = SIG_DFL };
    sigset_t only;

    hb_guard_expect(signal);
    forbid_core();
    (void)sigaction((int)signal, &plain, NULL);
    (void)sigemptyset(&only);
    (void)sigaddset(&only, (int)signal);
    (void)kill(getpid(), (int)signal);
    (void)sigprocmask(SIG_UNBLOCK, &only, NULL);
    _exit(128 + (int)signal);
}

_Noreturn void hb_console_exit(uint32_t status)
{
    _exit((int)(status & 0xffu));
}

bool hb_console_become(const char *const *command, size_t count,
                       struct hb_error *err)
{
    char **copy = calloc(count + 1, sizeof(*copy));
    struct hb_spawn spawn = {
        .command = copy,
        .environment = environ,
        .search = getenv("PATH"),
    };

    if (copy == NULL) {
        return hb_fail_memory(err);
    }
    memcpy(copy, command, count * sizeof(*copy));
    hb_signals_restore();
    hb_guard_expect(HB_GUARD_EXPECT_ANY);
    hb_spawn_exec(&spawn);
    hb_guard_expect(0);
    bool ok = hb_spawn_diagnose(&spawn, err);
    free(copy);
    return ok;
}
