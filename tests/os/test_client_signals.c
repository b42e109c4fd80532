#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/client_desk.h"
#include "skip.h"

/*
 * Linux alone: calls from signal handlers, and signals near the heartbeat.
 */
static void reap(void)
{
    while (wait(NULL) > 0) {
    }
}

static volatile sig_atomic_t handled;

static void handler(int number)
{
    (void)number;
    hbtest_beat();
    hbtest_note("signal");
    handled++;
}

static int role_signals(void)
{
    struct sigaction action = { .sa_handler = handler };
    struct itimerval often = { { 0, 100 }, { 0, 100 } };
    int notes = 0;

    (void)hbtest_start();
    (void)sigaction(SIGALRM, &action, NULL);
    (void)setitimer(ITIMER_REAL, &often, NULL);
    for (; handled < 200 && notes < 2000; notes++) {
        hbtest_beat();
        hbtest_note("main");
    }
    _exit(0);
}

/* The first call of a child comes from its signal handler. */
static int role_signal_in_child(void)
{
    struct sigaction action = { .sa_handler = handler };

    (void)hbtest_start();
    (void)sigaction(SIGUSR1, &action, NULL);
    if (fork() == 0) {
        (void)raise(SIGUSR1);
        _exit(0);
    }
    reap();
    _exit(0);
}

static int role_takes_all_signals(void)
{
    sigset_t all;

    (void)hbtest_start();
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, NULL);
    (void)kill(getpid(), SIGTERM); /* kills if any thread takes it */
    (void)usleep(1000);
    _exit(6);
}

static const struct role roles[] = {
    { "signals", role_signals },
    { "signal-in-child", role_signal_in_child },
    { "takes-all-signals", role_takes_all_signals },
    { NULL, NULL },
};

static void signal_handlers_may_beat_and_note(void **state)
{
    (void)state;
    assert_int_equal(run_role("signals"), 0);
    (void)all_seen();
    assert_true(recorder_log_count(&seen, " note 0 main") > 0);
    assert_int_equal(lane_at(0)->beats,
                     recorder_log_count(&seen, " note 0 main") +
                         recorder_log_count(&seen, " note 0 signal"));
    assert_int_equal(recorder_log_count(&seen, "damage"), 0);
}

static void a_first_call_may_come_from_a_handler(void **state)
{
    (void)state;
    if (UNDER_TSAN) {
        skip_because("ThreadSanitizer does not take this");
    }
    assert_int_equal(run_role("signal-in-child"), 0);
    assert_non_null(strstr(all_seen(), "B note 0 signal\n"));
}

static void the_heartbeat_takes_no_signal(void **state)
{
    (void)state;
    assert_int_equal(run_role("takes-all-signals"), 6);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(signal_handlers_may_beat_and_note),
        CASE(a_first_call_may_come_from_a_handler),
        CASE(the_heartbeat_takes_no_signal),
    };
    int status = 0;

    if (played_role(argc, argv, roles, &status)) {
        return status;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
