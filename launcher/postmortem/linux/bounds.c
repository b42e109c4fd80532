#include "postmortem/bounds.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

/* Address space, not memory: files of symbols are mapped. An address
 * sanitizer reserves more than that for itself. */
#define ADDRESS_SPACE_MAX ((rlim_t)4 << 30)
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CAN_LIMIT_ADDRESSES 0
#elif defined(__has_feature)
#define CAN_LIMIT_ADDRESSES                                                    \
    !(__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define CAN_LIMIT_ADDRESSES 1
#endif

/* The kernel lets go of every process that we hold. */
static void end_here(int signal_number)
{
    (void)signal_number;
    _exit(HB_STATUS_LIMIT);
}

static void lower(__rlimit_resource_t resource, rlim_t most)
{
    struct rlimit limit;

    if (getrlimit(resource, &limit) == 0 && limit.rlim_cur > most) {
        limit.rlim_cur = most;
        (void)setrlimit(resource, &limit);
    }
}

static void start_alarm(uint64_t limit_ms)
{
    struct itimerval timer = { 0 };
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    action.sa_handler = end_here;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGALRM, &action, NULL);
    timer.it_value.tv_sec = (time_t)(limit_ms / 1000u);
    timer.it_value.tv_usec = (suseconds_t)(limit_ms % 1000u) * 1000;
    (void)setitimer(ITIMER_REAL, &timer, NULL);

    sigset_t set; /* who started us may have blocked it */

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGALRM);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void hb_bounds_set(uint64_t limit_ms)
{
    (void)unsetenv("DEBUGINFOD_URLS");
    lower(RLIMIT_CORE, 0);
    if (CAN_LIMIT_ADDRESSES) {
        lower(RLIMIT_AS, ADDRESS_SPACE_MAX);
    }
    if (limit_ms > 0) {
        start_alarm(limit_ms);
    }
}
