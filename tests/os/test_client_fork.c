#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/client_desk.h"
#include "skip.h"

/*
 * Linux alone: processes that are made by forking.
 */
#define VERSION " attached 0 hbtest " HBTEST_VERSION "\n"
#define VERSION_1 " attached 1 hbtest " HBTEST_VERSION "\n"

static void reap(void)
{
    while (wait(NULL) > 0) {
    }
}

static int role_fork(void)
{
    (void)hbtest_start();
    hbtest_beat();
    if (fork() == 0) {
        hbtest_beat();
        hbtest_beat();
        hbtest_note("child");
        _exit(0);
    }
    reap();
    hbtest_note("parent");
    _exit(0);
}

/* The kernel's fork, which no handler of the C library sees. */
static int role_raw_fork(void)
{
    (void)hbtest_start();
    if (syscall(SYS_fork) == 0) {
        hbtest_beat();
        _exit(0);
    }
    reap();
    _exit(0);
}

static int role_silent_child(void)
{
    (void)hbtest_start();
    if (fork() == 0) {
        exit(4);
    }
    reap();
    _exit(0);
}

static int role_vfork(void)
{
    (void)hbtest_start();
    if (vfork() == 0) {
        _exit(0);
    }
    reap();
    hbtest_note("parent");
    _exit(0);
}

static int role_grandchildren(void)
{
    (void)hbtest_start();
    for (int i = 0; i < 40; i++) {
        if (fork() == 0) {
            hbtest_beat();
            hbtest_note("child");
            _exit(0);
        }
        reap();
    }
    _exit(0);
}

static int role_many_at_once(void)
{
    (void)hbtest_start();
    for (int i = 0; i < 40; i++) {
        if (fork() == 0) {
            (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
            hbtest_beat();
            hbtest_note("child");
            (void)pause();
            _exit(0);
        }
    }
    (void)pause();
    return 0;
}

static int role_child_starts(void)
{
    (void)hbtest_start();
    if (fork() == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (hbtest_start() == 1) {
            (void)usleep(1000);
        }
        _exit(1);
    }
    (void)pause();
    return 0;
}

static int role_exec(void)
{
    char *argv[] = { "test", "after-exec", NULL };

    (void)hbtest_start();
    hbtest_beat();
    (void)execv("/proc/self/exe", argv);
    return 1;
}

static int role_after_exec(void)
{
    int result = hbtest_start();

    hbtest_beat();
    hbtest_note("after");
    _exit(result == 1 ? 0 : 1);
}

static int close_all(void)
{
    return (int)syscall(SYS_close_range, 3u, ~0u, 0u);
}

static int role_close_all(void)
{
    (void)hbtest_start();
    if (close_all() != 0) {
        return 1;
    }
    hbtest_beat();
    hbtest_note("closed");
    _exit(0);
}

/* A heartbeat's files never take a number that the test could get. */
static int role_lowest_number(void)
{
    (void)close_all();
    (void)hbtest_start();
    for (int i = 0; i < 3000; i++) {
        int fd = dup(1);

        if (fd != 3) {
            return 1;
        }
        (void)close(fd);
    }
    _exit(0);
}

static const struct role roles[] = {
    { "fork", role_fork },
    { "raw-fork", role_raw_fork },
    { "silent-child", role_silent_child },
    { "vfork", role_vfork },
    { "grandchildren", role_grandchildren },
    { "many-at-once", role_many_at_once },
    { "child-starts", role_child_starts },
    { "exec", role_exec },
    { "after-exec", role_after_exec },
    { "close-all", role_close_all },
    { "lowest-number", role_lowest_number },
    { NULL, NULL },
};

static void a_forked_child_has_a_lane_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(run_role("fork"), 0);
    assert_int_equal(lane_at(0)->beats, 1);
    assert_int_equal(lane_at(1)->beats, 2);
    (void)all_seen();
    assert_non_null(strstr(seen.text, "A" VERSION));
    assert_non_null(strstr(seen.text, "B" VERSION_1));
    assert_non_null(strstr(seen.text, "B note 0 child\n"));
    assert_non_null(strstr(seen.text, "A note 0 parent\n"));
}

static void a_fork_that_the_library_does_not_see_is_noticed(void **state)
{
    (void)state;
    assert_int_equal(run_role("raw-fork"), 0);
    assert_int_equal(lane_at(0)->beats, 0);
    assert_int_equal(lane_at(1)->beats, 1);
}

static void a_child_that_never_speaks_leaves_no_trace(void **state)
{
    (void)state;
    assert_int_equal(run_role("silent-child"), 0);
    assert_string_equal(all_seen(), "A" VERSION);
}

static void a_vfork_is_no_change(void **state)
{
    (void)state;
    assert_int_equal(run_role("vfork"), 0);
    assert_string_equal(all_seen(), "A" VERSION "A note 0 parent\n");
}

static void lanes_of_dead_children_are_used_again(void **state)
{
    (void)state;
    uint64_t beats = 0;

    assert_int_equal(run_role("grandchildren"), 0);
    for (uint32_t i = 1; i < HBTEST_LANE_COUNT; i++) {
        beats += lane_at(i)->beats;
    }
    (void)all_seen();
    assert_int_equal(beats, 40);
    assert_int_equal(recorder_log_count(&seen, " note 0 child"), 40);
    assert_int_equal(lane_at(0)->beats, 0);
}

/* A place in the ring is taken before its record is whole. */
static void await_notes(size_t count, size_t attached)
{
    size_t notes = 0;
    size_t lanes = 0;

    while (notes < count) {
        host_yield();
        (void)all_seen();
        notes += recorder_log_count(&seen, " note 0 child");
        lanes += recorder_log_count(&seen, " attached ");
    }
    assert_int_equal(notes, count);
    assert_int_equal(lanes, attached);
}

static void with_all_lanes_taken_records_still_arrive(void **state)
{
    (void)state;
    struct host_child child;

    header()->lane_count = 4;
    assert_true(host_start(NULL, "many-at-once", &child));
    await_notes(40, 4);
    host_kill(&child);
    (void)host_wait(&child, NULL, 0);
}

static void a_child_that_starts_beats_by_itself(void **state)
{
    (void)state;
    struct host_child child;

    if (UNDER_TSAN) {
        skip_because("ThreadSanitizer does not take this");
    }
    header()->beat_every_ms = 1;
    assert_true(host_start(NULL, "child-starts", &child));
    while (*(volatile uint64_t *)&lane_at(1)->alive < 3) {
        host_yield();
    }
    host_kill(&child);
    (void)host_wait(&child, NULL, 0);
}

static void an_executed_program_finds_its_lane_again(void **state)
{
    (void)state;
    assert_int_equal(run_role("exec"), 0);
    assert_int_equal(lane_at(0)->beats, 2);
    assert_int_equal(lane_at(1)->pid, 0);
    assert_non_null(strstr(all_seen(), "A note 0 after\n"));
}

static void closing_every_descriptor_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(run_role("close-all"), 0);
    assert_non_null(strstr(all_seen(), "A note 0 closed\n"));
    assert_int_equal(lane_at(0)->beats, 1);
}

static void the_heartbeat_takes_no_descriptor_number(void **state)
{
    (void)state;
    header()->beat_every_ms = 1;
    offer(1, 987, HBTEST_RECORDER_SIZE, TOKEN, true);
    assert_int_equal(run_role("lowest-number"), 0);
    assert_true(lane_at(0)->alive > 0);
    assert_in_range(lane_at(0)->handles, 3, 4); /* its dup() may show */
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(a_forked_child_has_a_lane_of_its_own),
        CASE(a_fork_that_the_library_does_not_see_is_noticed),
        CASE(a_child_that_never_speaks_leaves_no_trace),
        CASE(a_vfork_is_no_change),
        CASE(lanes_of_dead_children_are_used_again),
        CASE(with_all_lanes_taken_records_still_arrive),
        CASE(a_child_that_starts_beats_by_itself),
        CASE(an_executed_program_finds_its_lane_again),
        CASE(closing_every_descriptor_changes_nothing),
        CASE(the_heartbeat_takes_no_descriptor_number),
    };
    int status = 0;

    if (played_role(argc, argv, roles, &status)) {
        return status;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
