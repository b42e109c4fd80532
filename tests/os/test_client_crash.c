/*
 * Linux alone: a process that dies of a signal says so and waits. The case is
 * the launcher.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/client_desk.h"
#include "os/linux/crash_roles.h"

#define FOR_EVER_MS 600000u

static struct hb_found_exception said;
static size_t said_count;

static void keep(void *context, const struct hb_observation *seen_now)
{
    (void)context;
    if (seen_now->kind == HB_OBS_CRASHING) {
        said = *seen_now->exception;
        said_count++;
    }
}

static size_t read_crashes(void)
{
    (void)hb_recorder_read(recorder, host_clock_ms(), keep, NULL);
    return said_count;
}

static struct host_child start(const char *role, uint32_t wait_ms)
{
    struct host_child child;

    said_count = 0;
    memset(&said, 0, sizeof(said));
    hb_recorder_let_wait(recorder, wait_ms, 0);
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

static const struct hbtest_lane *lane_of(uint32_t pid)
{
    uint32_t i = 0;

    while (i + 1 < HBTEST_LANE_COUNT && lane_at(i)->pid != pid) {
        i++;
    }
    return lane_at(i);
}

#define ANY_REASON 0

/* Plays a role that crashes, looks on until it waits, and lets it go on. */
static void die(const char *role, int signal, int reason)
{
    struct host_child child = start(role, FOR_EVER_MS);

    while (read_crashes() == 0) {
        assert_false(has_ended(&child));
        host_yield();
    }
    assert_false(has_ended(&child));
    assert_int_equal(lane_of(child.pid)->crash, HBTEST_CRASH_WAITS);
    assert_int_equal(said.pid, child.pid);
    assert_int_equal(said.code, signal);
    if (reason != ANY_REASON) {
        assert_int_equal((int)said.reason, reason);
    }
    assert_true(hb_recorder_let_go(recorder) == &lane_of(child.pid)->crash);
    assert_null(hb_recorder_let_go(recorder));
    int status = await(&child);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), signal);
    (void)read_crashes();
    assert_int_equal(said_count, 1);
}

static void a_fault_is_told_and_waits_until_it_may_go_on(void **state)
{
    (void)state;
    die("fault", SIGSEGV, SEGV_MAPERR);
    assert_int_equal(said.tid, said.pid);
    assert_int_equal(said.address, 0);
}

static void what_was_raised_keeps_its_signal(void **state)
{
    (void)state;
    die("abort", SIGABRT, SI_TKILL);
    die("raise", SIGBUS, SI_TKILL);
    die("breakpoint", SIGTRAP, SI_KERNEL);
}

static void a_full_stack_can_still_tell(void **state)
{
    (void)state;
    die("overflow", SIGSEGV, ANY_REASON);
    assert_true(said.address - said.stack + 8192 < 16384);
    die("thread-overflow", SIGSEGV, ANY_REASON);
    assert_true(said.address - said.stack + 8192 < 16384);
    assert_int_not_equal(said.tid, said.pid);
}

static void of_a_crowd_the_first_one_speaks(void **state)
{
    (void)state;
    die("crowd", SIGSEGV, SEGV_MAPERR);
}

static void expect_signal(const struct host_child *child, int signal)
{
    int status = await(child);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), signal);
}

static void a_launcher_that_does_not_answer_is_not_waited_for(void **state)
{
    (void)state;
    struct host_child child = start("fault", 30);

    expect_signal(&child, SIGSEGV);
    assert_int_equal(read_crashes(), 1);
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
    struct host_child child = start("fault", FOR_EVER_MS);

    expect_signal(&child, SIGSEGV);
    assert_int_equal(read_crashes(), 1);
}

static void a_launcher_that_asks_for_no_wait_gets_none(void **state)
{
    (void)state;
    struct host_child child = start("fault", 0);

    expect_signal(&child, SIGSEGV);
    assert_int_equal(read_crashes(), 1);
    assert_int_equal(lane_at(0)->crash, HBTEST_CRASH_NONE);
}

static void handlers_of_the_program_stay(void **state)
{
    static const struct {
        const char *role;
        int code;
    } rows[] = {
        { "own-handler-before", 7 },
        { "own-handler-after", 7 },
        { "ignored", 5 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct host_child child = start(rows[i].role, FOR_EVER_MS);
        int status = await(&child);

        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), rows[i].code);
        assert_int_equal(read_crashes(), 0);
    }
}

static void a_forked_child_tells_of_itself_and_does_not_wait(void **state)
{
    (void)state;
    struct host_child child = start("child", FOR_EVER_MS);
    int status = await(&child);

    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), SIGSEGV);
    assert_int_equal(read_crashes(), 1);
    assert_int_not_equal(said.pid, child.pid);
}

static void threads_that_end_leave_nothing_behind(void **state)
{
    (void)state;
    struct host_child child = start("many-threads", FOR_EVER_MS);
    int status = await(&child);

    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(a_fault_is_told_and_waits_until_it_may_go_on),
        CASE(what_was_raised_keeps_its_signal),
        CASE(a_full_stack_can_still_tell),
        CASE(of_a_crowd_the_first_one_speaks),
        CASE(a_launcher_that_does_not_answer_is_not_waited_for),
        CASE(a_launcher_that_is_gone_is_not_waited_for),
        CASE(a_launcher_that_asks_for_no_wait_gets_none),
        CASE(handlers_of_the_program_stay),
        CASE(a_forked_child_tells_of_itself_and_does_not_wait),
        CASE(threads_that_end_leave_nothing_behind),
    };

    if (argc == 2) {
        return crash_role(argv[1]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
