/*
 * Linux alone: a process that leaves before it said that it is done says so
 * and waits. The case is the launcher.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/client_desk.h"
#include "os/linux/exit_roles.h"

#define FOR_EVER_MS 600000u

static struct hb_leaving said;
static size_t said_count;

static void keep(void *context, const struct hb_observation *seen_now)
{
    (void)context;
    if (seen_now->kind == HB_OBS_LEAVING) {
        said = *seen_now->leaving;
        said_count++;
    }
}

static size_t read_leavings(void)
{
    (void)hb_recorder_read(recorder, host_clock_ms(), keep, NULL);
    return said_count;
}

static struct host_child start(const char *role, uint32_t wait_ms)
{
    struct host_child child;

    said_count = 0;
    memset(&said, 0, sizeof(said));
    hb_recorder_let_wait(recorder, 0, wait_ms);
    assert_true(host_start(NULL, role, &child));
    return child;
}

/* The status of waitpid(2). */
static int await(const struct host_child *child)
{
    int status = 0;

    assert_int_equal(waitpid((pid_t)child->pid, &status, 0), child->pid);
    (void)close((int)child->output);
    return status;
}

static bool has_ended(const struct host_child *child)
{
    siginfo_t ended = { 0 };

    assert_int_equal(
        waitid(P_PID, child->pid, &ended, WEXITED | WNOHANG | WNOWAIT), 0);
    return ended.si_pid != 0;
}

/* Plays a role that leaves, looks on until it waits, and lets it go. */
static int leave(const char *role)
{
    struct host_child child = start(role, FOR_EVER_MS);
    volatile uint32_t *word;

    while (read_leavings() == 0) {
        assert_false(has_ended(&child));
        host_yield();
    }
    assert_false(has_ended(&child));
    assert_int_equal(said.pid, child.pid);
    word = hb_recorder_let_go(recorder);
    assert_non_null(word);
    assert_null(hb_recorder_let_go(recorder));
    int status = await(&child);

    (void)read_leavings();
    assert_int_equal(said_count, 1);
    return status;
}

static void expect_code(const char *role, const char *call, unsigned kind,
                        uint32_t value)
{
    int status = leave(role);

    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 5);
    assert_string_equal(said.call, call);
    assert_int_equal(said.kind, kind);
    assert_int_equal(said.value, value);
}

static void each_way_to_exit_is_told_and_waits(void **state)
{
    (void)state;
    expect_code("returns", "exit", HB_LEAVING_CODE, 5);
    assert_int_equal(said.tid, said.pid);
    expect_code("exit", "exit", HB_LEAVING_CODE, 5);
    expect_code("_exit", "_exit", HB_LEAVING_CODE, 5);
    expect_code("_Exit", "_Exit", HB_LEAVING_CODE, 5);
    expect_code("quick_exit", "quick_exit", HB_LEAVING_UNKNOWN, 0);
}

static void the_thread_that_leaves_is_told(void **state)
{
    (void)state;
    expect_code("thread", "exit", HB_LEAVING_CODE, 5);
    assert_int_not_equal(said.tid, said.pid);
}

static void of_a_crowd_the_first_one_speaks(void **state)
{
    (void)state;
    expect_code("crowd", "_exit", HB_LEAVING_CODE, 5);
}

static void work_after_the_goodbye_takes_it_back(void **state)
{
    (void)state;
    expect_code("done-and-begins-again", "_exit", HB_LEAVING_CODE, 5);
}

static void expect_signal(const char *role, int signal)
{
    int status = leave(role);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), signal);
    assert_string_equal(said.call, role);
    assert_int_equal(said.kind, HB_LEAVING_SIGNAL);
    assert_int_equal(said.value, signal);
}

static void each_way_to_kill_itself_is_told_and_waits(void **state)
{
    (void)state;
    expect_signal("kill", SIGKILL);
    expect_signal("raise", SIGTERM);
}

/* Ends by itself, with 5, and tells nothing. */
static void expect_unheld(const char *role, uint32_t wait_ms)
{
    struct host_child child = start(role, wait_ms);
    int status = await(&child);

    if (!WIFEXITED(status) || WEXITSTATUS(status) != 5 ||
        read_leavings() != 0) {
        fail_msg("%s: status 0x%x, %zu told", role, (unsigned)status,
                 said_count);
    }
}

static void who_is_no_test_or_is_done_just_goes(void **state)
{
    static const char *const names[] = {
        "done",        "done-and-returns", "forked",
        "forked-exit", "vforked",          "forked-and-spoke",
        "forked-kill", "survives",         "not-started",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        expect_unheld(names[i], FOR_EVER_MS);
    }
}

static void a_launcher_that_does_not_ask_is_not_waited_for(void **state)
{
    (void)state;
    expect_unheld("_exit", 0);
    expect_unheld("returns", 0);
}

static void a_launcher_that_does_not_answer_is_not_waited_for(void **state)
{
    (void)state;
    struct host_child child = start("exit", 30);
    int status = await(&child);

    assert_int_equal(WEXITSTATUS(status), 5);
    assert_int_equal(read_leavings(), 1);
}

static void a_launcher_that_is_gone_is_not_waited_for(void **state)
{
    (void)state;
    pid_t gone = fork();

    if (gone == 0) {
        _exit(0);
    }
    assert_int_equal(waitpid(gone, NULL, 0), gone);
    uint32_t kept = host.pid;

    host.pid = (uint32_t)gone;
    offer(1, host.handle, HBTEST_RECORDER_SIZE, TOKEN, false);
    host.pid = kept;
    struct host_child child = start("exit", FOR_EVER_MS);

    assert_int_equal(WEXITSTATUS(await(&child)), 5);
    assert_int_equal(read_leavings(), 1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(each_way_to_exit_is_told_and_waits),
        CASE(the_thread_that_leaves_is_told),
        CASE(of_a_crowd_the_first_one_speaks),
        CASE(work_after_the_goodbye_takes_it_back),
        CASE(each_way_to_kill_itself_is_told_and_waits),
        CASE(who_is_no_test_or_is_done_just_goes),
        CASE(a_launcher_that_does_not_ask_is_not_waited_for),
        CASE(a_launcher_that_does_not_answer_is_not_waited_for),
        CASE(a_launcher_that_is_gone_is_not_waited_for),
    };

    if (argc == 2) {
        return exit_role(argv[1]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
