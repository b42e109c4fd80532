#include "postmortem/linux/step.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static uint32_t own_count;
static volatile uint32_t *noted = &own_count; /* by both of us */

void hb_step_note(void)
{
    ++*noted;
}

/* The copy has no alarm of ours; its own ends it. */
static void start_alarm(uint64_t limit_ms)
{
    struct sigaction plain = { .sa_handler = SIG_DFL };
    struct itimerval timer = { 0 };

    timer.it_value.tv_sec = (time_t)(limit_ms / 1000u);
    timer.it_value.tv_usec = (suseconds_t)(limit_ms % 1000u) * 1000;
    (void)sigaction(SIGALRM, &plain, NULL);
    (void)setitimer(ITIMER_REAL, &timer, NULL);
}

static bool judge(int status, uint64_t limit_ms, struct hb_error *err)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
        return hb_fail(err, HB_ERR_READ, 0,
                       "stacks were not read within %llu ms",
                       (unsigned long long)limit_ms);
    }
    if (WIFSIGNALED(status)) {
        return hb_fail(err, HB_ERR_READ, 0,
                       "who read the stacks died of signal %d",
                       WTERMSIG(status));
    }
    return WEXITSTATUS(status) == 0 ||
           hb_fail(err, HB_ERR_READ, 0,
                   "who read the stacks ended with exit code %d",
                   WEXITSTATUS(status));
}

static bool run_apart(void (*work)(void *context), void *context,
                      uint64_t limit_ms, struct hb_error *err)
{
    int status = 0;
    pid_t us = getpid();
    pid_t pid = fork();

    if (pid < 0) { /* then without the copy */
        work(context);
        return true;
    }
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == us) {
            start_alarm(limit_ms);
            work(context);
        }
        _exit(0);
    }
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return hb_fail(err, HB_ERR_INTERNAL, errno,
                           "cannot wait for who reads the stacks");
        }
    }
    return judge(status, limit_ms, err);
}

bool hb_step_run(void (*work)(void *context), void *context, uint64_t limit_ms,
                 uint32_t *out_noted, struct hb_error *err)
{
    void *shared = mmap(NULL, sizeof(*noted), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bool ok = true;

    if (shared == MAP_FAILED) {
        work(context);
        *out_noted = own_count;
        return true;
    }
    noted = shared;
    ok = run_apart(work, context, limit_ms, err);
    *out_noted = *noted;
    noted = &own_count;
    (void)munmap(shared, sizeof(*noted));
    return ok;
}
