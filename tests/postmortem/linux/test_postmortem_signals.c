/* Signals and job control, while a process is stopped by us. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "target_desk.h"

static struct target_desk desk;
static struct hb_target *target;

static int end_desk(void **state)
{
    (void)state;
    hb_target_release(target);
    target = NULL;
    if (desk.pid != 0) { /* a case that failed */
        (void)kill(desk.pid, SIGKILL);
        (void)system_wait(&desk.child);
    }
    memset(&desk, 0, sizeof(desk));
    return 0;
}

static void start(const char *word, const char *count)
{
    target_desk_start(&desk, word, count);
}

static void stop(void)
{
    target = target_desk_stop(&desk);
}

static void release(void)
{
    hb_target_release(target);
    target = NULL;
}

static void signals_that_arrive_meanwhile_are_not_lost(void **state)
{
    (void)state;
    start("threads", "2");
    stop();
    pid_t worker = hb_target_thread(target, 1)->tid;
    assert_int_equal(kill(desk.pid, SIGUSR1), 0);
    for (int i = 0; i < 10; i++) { /* these queue up */
        assert_int_equal(sigqueue(desk.pid, SIGRTMIN, (union sigval){ 0 }), 0);
        assert_int_equal(syscall(SYS_tgkill, desk.pid, worker, SIGRTMIN), 0);
    }
    release();
    /* What was sent to the process may be any thread's to take. */
    while (target_desk_facts(&desk).queued_signals < 20 ||
           target_desk_facts(&desk).plain_signals < 1) {
    }
    target_desk_ask(&desk, '.');
    assert_int_equal(target_desk_facts(&desk).plain_signals, 1);
    assert_int_equal(target_desk_facts(&desk).queued_signals, 20);
    target_desk_end(&desk);
}

static void a_signal_in_flight_is_handed_on(void **state)
{
    (void)state;
    start("spin", "2");
    for (unsigned i = 1; i <= 200; i++) {
        assert_int_equal(sigqueue(desk.pid, SIGRTMIN, (union sigval){ 0 }), 0);
        stop();
        release();
        while (target_desk_facts(&desk).queued_signals < i) {
        }
    }
    assert_int_equal(target_desk_facts(&desk).queued_signals, 200);
    target_desk_end(&desk);
}

static void await_job_stop(void)
{
    siginfo_t info = { 0 };

    assert_int_equal(waitid(P_PID, (id_t)desk.pid, &info, WSTOPPED), 0);
    assert_int_equal(info.si_code, CLD_STOPPED);
}

/* On its way back to where it stood it counts as running for a moment. */
static void await_state(const char *wanted)
{
    char text[32] = "";

    while (strcmp(text, wanted) != 0) {
        target_status(desk.pid, "State", text, sizeof(text));
    }
}

static void what_job_control_stopped_stays_stopped(void **state)
{
    (void)state;
    start("spin", "2");
    assert_int_equal(kill(desk.pid, SIGSTOP), 0);
    await_job_stop();
    stop();
    uint64_t turns = target_desk_facts(&desk).turns;
    for (size_t i = 0; i < 3; i++) {
        assert_true(hb_target_thread(target, i)->has_registers);
        assert_int_equal(hb_target_thread(target, i)->stop_signal, SIGSTOP);
        assert_int_equal(hb_target_thread(target, i)->state, 'T');
    }
    release();
    await_state("T (stopped)");
    assert_int_equal(target_desk_facts(&desk).turns, turns);
    assert_int_equal(kill(desk.pid, SIGCONT), 0);
    target_desk_ask(&desk, '.');
    target_desk_end(&desk);
}

static void a_job_control_stop_that_comes_meanwhile_takes_place(void **state)
{
    (void)state;
    start("threads", "2");
    stop();
    assert_int_equal(kill(desk.pid, SIGSTOP), 0);
    release();
    await_job_stop();
    await_state("T (stopped)");
    assert_int_equal(kill(desk.pid, SIGCONT), 0);
    target_desk_ask(&desk, '.');
    target_desk_end(&desk);
}

static void a_continue_that_comes_meanwhile_is_heard(void **state)
{
    (void)state;
    start("threads", "2");
    assert_int_equal(kill(desk.pid, SIGSTOP), 0);
    await_job_stop();
    stop();
    assert_int_equal(kill(desk.pid, SIGCONT), 0);
    release();
    target_desk_ask(&desk, '.');
    target_desk_end(&desk);
}

static void a_kill_that_comes_meanwhile_is_the_parents_to_see(void **state)
{
    (void)state;
    start("threads", "2");
    stop();
    assert_int_equal(kill(desk.pid, SIGKILL), 0);
    release();
    assert_int_equal(system_wait(&desk.child), 1000 + SIGKILL);
    desk.pid = 0;
}

#define CASE(name) cmocka_unit_test_teardown(name, end_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(signals_that_arrive_meanwhile_are_not_lost),
        CASE(a_signal_in_flight_is_handed_on),
        CASE(what_job_control_stopped_stays_stopped),
        CASE(a_job_control_stop_that_comes_meanwhile_takes_place),
        CASE(a_continue_that_comes_meanwhile_is_heard),
        CASE(a_kill_that_comes_meanwhile_is_the_parents_to_see),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
