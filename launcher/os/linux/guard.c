/*
 * The guard waits in the original process while its child is the launcher.
 * It holds no state but the child's number and one word shared with it: the
 * signal that the launcher means to die of, which tells an end in order from
 * a death.
 */
#include "os/linux/guard.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/console.h"
#include "os/linux/signals.h"
#include "os/linux/tree.h"

#define KILL_WITHIN_MS 5000
#define LAUNCHER_LOST_STATUS 125

static volatile uint32_t *expected; /* NULL: there is no guard */

static pid_t guard_pid; /* 0: there is none */

bool hb_guard_is_lost(void)
{
    return guard_pid != 0 && getppid() != guard_pid;
}

void hb_guard_expect(uint32_t signal)
{
    if (expected != NULL) {
        *expected = signal;
    }
}

static void count_reaped(const struct hb_reaped *reaped, void *context)
{
    size_t *count = context;

    (void)reaped;
    (*count)++;
}

_Noreturn static void end_for(pid_t launcher, const siginfo_t *ended)
{
    char line[160];
    size_t count = 0;
    uint32_t signal = (uint32_t)ended->si_status;

    if (ended->si_code == CLD_EXITED) {
        hb_console_exit((uint32_t)ended->si_status);
    }
    if (*expected == signal || *expected == HB_GUARD_EXPECT_ANY) {
        hb_console_die(signal);
    }
    bool all = hb_tree_kill(0, KILL_WITHIN_MS, count_reaped, &count);
    int length = snprintf(
        line, sizeof(line),
        "hbtest-launch: the launcher (pid %ld) was ended by signal %u; "
        "%s %zu process%s of its test\n",
        (long)launcher, signal, all ? "ended" : "could not end all, but", count,
        count == 1 ? "" : "es");
    if (length > 0) {
        hb_console_error(line, strlen(line));
    }
    hb_console_exit(LAUNCHER_LOST_STATUS);
}

/* What came to us alone (by our number, not by the group or the terminal) goes
 * on to the launcher, with its sender as the value. What it got as well is
 * dropped there. */
static void pass_on(pid_t launcher, const siginfo_t *request)
{
    union sigval sender = { .sival_int = (int)request->si_pid };

    /* A terminal's Ctrl-C goes to its group, its hangup to the session's
     * leader alone, which may be us, and a timer's signal to its owner. */
    if (request->si_code == SI_KERNEL) {
        sender.sival_int = 0;
    }
    if (request->si_code != SI_KERNEL ||
        (request->si_signo != SIGINT && request->si_signo != SIGQUIT)) {
        (void)sigqueue(launcher, request->si_signo, sender);
    }
}

_Noreturn static void guard(pid_t launcher)
{
    sigset_t held;

    (void)prctl(PR_SET_NAME, "hbtest-guard");
    hb_signals_held(&held);
    for (;;) {
        siginfo_t request;
        siginfo_t ended = { 0 };

        if (waitid(P_PID, (id_t)launcher, &ended, WEXITED | WNOHANG) == 0 &&
            ended.si_pid == launcher) {
            end_for(launcher, &ended);
        }
        int signal = sigwaitinfo(&held, &request);
        if (signal > 0 && (hb_signal_asks_to_stop((uint32_t)signal) ||
                           hb_signal_is_passed_on((uint32_t)signal))) {
            pass_on(launcher, &request);
        }
    }
}

static bool share_a_word(struct hb_error *err)
{
    void *page = mmap(NULL, sizeof(*expected), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED) {
        return hb_fail(err, HB_ERR_INTERNAL, errno,
                       "cannot share memory with the guard");
    }
    expected = page;
    return true;
}

/* A block of the heap is zeroed by hand, page by page; a mapping is zero, and
 * what nobody touches of it costs nothing. The heap never has room for one: it
 * grows by less at a time. */
static void map_large_blocks(void)
{
#ifdef M_MMAP_THRESHOLD
    enum { LARGE = 32 * 1024, STEP = 12 * 1024 };

    (void)mallopt(M_MMAP_THRESHOLD, LARGE);
    (void)mallopt(M_TOP_PAD, STEP);
    (void)malloc_trim(0); /* what it has grown by until now */
#endif
}

bool hb_guard_start(struct hb_error *err)
{
    pid_t self = getpid();

    map_large_blocks();
    hb_standard_streams_fill();
    if (!share_a_word(err)) {
        return false;
    }
    /* Before there is anything to lose: what comes in between waits. */
    hb_signals_take();
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) {
        return hb_fail(err, HB_ERR_INTERNAL, errno,
                       "cannot become the parent of orphans");
    }
    pid_t pid = fork();
    if (pid < 0) {
        return hb_fail(err, HB_ERR_INTERNAL, errno, "cannot start the guard");
    }
    if (pid > 0) {
        guard(pid);
    }
    if (prctl(PR_SET_PDEATHSIG, HB_SIGNAL_GUARD_LOST) < 0) {
        return hb_fail(err, HB_ERR_INTERNAL, errno, "cannot watch the guard");
    }
    guard_pid = self;
    if (hb_guard_is_lost()) {
        (void)raise(HB_SIGNAL_GUARD_LOST); /* it died before the call */
    }
    return true;
}
