#include "os/linux/signals.h"

#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <unistd.h>

static struct {
    bool taken;
    sigset_t mask;
    struct sigaction pipe;
    struct sigaction file;
    struct sigaction child;
} inherited;

static const struct {
    int number;
    const char *name;
} requests[] = {
    { SIGINT, "SIGINT" },
    { SIGTERM, "SIGTERM" },
    { SIGHUP, "SIGHUP" },
    { SIGQUIT, "SIGQUIT" },
};
#define REQUEST_COUNT (sizeof(requests) / sizeof(requests[0]))

/* Meant for the test, whoever they were sent to: without us they would have
 * reached it. That of a timer is of one that was set before we were executed
 * in its place ("alarm 5; exec"). */
static const int passed_on[] = { SIGUSR1, SIGUSR2, SIGALRM,   SIGVTALRM,
                                 SIGPROF, SIGIO,   SIGSTKFLT, SIGPWR };
#define PASSED_COUNT (sizeof(passed_on) / sizeof(passed_on[0]))

void hb_signals_held(sigset_t *out_held)
{
    (void)sigemptyset(out_held);
    for (size_t i = 0; i < REQUEST_COUNT; i++) {
        (void)sigaddset(out_held, requests[i].number);
    }
    (void)sigaddset(out_held, SIGCHLD);
    (void)sigaddset(out_held, SIGURG); /* of a process that crashes */
    for (size_t i = 0; i < PASSED_COUNT; i++) {
        (void)sigaddset(out_held, passed_on[i]);
    }
    for (int signal = SIGRTMIN; signal <= SIGRTMAX; signal++) {
        (void)sigaddset(out_held, signal); /* with HB_SIGNAL_GUARD_LOST */
    }
}

void hb_signals_take(void)
{
    sigset_t held;
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    /* Inherited as ignored, children would vanish without a status. Stops are
     * told too: see hb_tree_let_go(). */
    struct sigaction plain = { .sa_handler = SIG_DFL };

    if (inherited.taken) {
        return;
    }
    inherited.taken = true;
    hb_signals_held(&held);
    (void)sigprocmask(SIG_BLOCK, &held, &inherited.mask);
    (void)sigaction(SIGPIPE, &ignore, &inherited.pipe);
    /* A limit on file sizes costs the logs, not the launcher. */
    (void)sigaction(SIGXFSZ, &ignore, &inherited.file);
    (void)sigaction(SIGCHLD, &plain, &inherited.child);
}

void hb_signals_restore(void)
{
    if (inherited.taken) {
        (void)sigaction(SIGPIPE, &inherited.pipe, NULL);
        (void)sigaction(SIGXFSZ, &inherited.file, NULL);
        (void)sigaction(SIGCHLD, &inherited.child, NULL);
        (void)sigprocmask(SIG_SETMASK, &inherited.mask, NULL);
    }
}

bool hb_signal_asks_to_stop(uint32_t signal)
{
    for (size_t i = 0; i < REQUEST_COUNT; i++) {
        if ((uint32_t)requests[i].number == signal) {
            return true;
        }
    }
    return false;
}

bool hb_signal_is_passed_on(uint32_t signal)
{
    for (size_t i = 0; i < PASSED_COUNT; i++) {
        if ((uint32_t)passed_on[i] == signal) {
            return true;
        }
    }
    return signal >= (uint32_t)SIGRTMIN && signal <= (uint32_t)SIGRTMAX;
}

const char *hb_request_name(uint32_t signal)
{
    for (size_t i = 0; i < REQUEST_COUNT; i++) {
        if ((uint32_t)requests[i].number == signal) {
            return requests[i].name;
        }
    }
    return signal == (uint32_t)HB_SIGNAL_GUARD_LOST ? "guard lost" : "signal";
}

void hb_standard_streams_fill(void)
{
    struct pollfd streams[3] = { { .fd = 0 }, { .fd = 1 }, { .fd = 2 } };

    if (poll(streams, 3, 0) <= 0) {
        return; /* the usual case: all three are open */
    }
    for (int i = 0; i < 3; i++) {
        if (streams[i].revents & POLLNVAL) {
            /* The lowest free number is this one. */
            (void)open("/dev/null", O_RDWR | O_CLOEXEC);
        }
    }
}
