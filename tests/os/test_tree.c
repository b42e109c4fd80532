#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "collect.h"
#include "os/clock.h"
#include "os/host.h"
#include "skip.h"
#include "system.h"

#define ROOM 32

static struct collect run;
static struct hb_tree_process tree[ROOM];

static int end_run(void **state)
{
    (void)state;
    collect_free(&run);
    return 0;
}

/* The pids that the helper printed as "child N". */
static size_t printed_children(uint32_t *pids)
{
    const char *at = run.output[HB_STDOUT];
    size_t count = 0;

    while ((at = strstr(at, "child ")) != NULL && count < ROOM) {
        char text[16];
        uint64_t pid = 0;

        at += strlen("child ");
        (void)hb_text_copy_bytes(text, sizeof(text), at, strcspn(at, "\r\n"));
        assert_true(hb_parse_u64(text, &pid));
        pids[count++] = (uint32_t)pid;
    }
    return count;
}

static bool is_in_tree(uint32_t pid, size_t count)
{
    for (size_t i = 0; i < count && i < ROOM; i++) {
        if (tree[i].pid == pid) {
            return true;
        }
    }
    return false;
}

static bool was_told(uint32_t pid)
{
    for (size_t i = 0; i < run.child_count; i++) {
        if (run.children[i].pid == pid) {
            return true;
        }
    }
    return false;
}

static void the_tree_lists_the_program_and_its_children(void **state)
{
    (void)state;
    uint32_t pids[ROOM] = { 0 };

    collect_start(&run, WORDS("children", "3"));
    collect_until_line(&run, "ready");
    assert_int_equal(printed_children(pids), 3);
    size_t count = hb_process_tree(run.process, tree, ROOM);
    assert_int_equal(count, 4);
    assert_true(is_in_tree(run.pid, count));
    for (size_t i = 0; i < 3; i++) {
        assert_true(is_in_tree(pids[i], count));
    }
    assert_non_null(strstr(tree[0].image, "os_child"));
}

static void the_tree_counts_beyond_the_room_it_is_given(void **state)
{
    (void)state;
    collect_start(&run, WORDS("children", "3"));
    collect_until_line(&run, "ready");
    assert_int_equal(hb_process_tree(run.process, tree, 1), 4);
    assert_int_equal(hb_process_tree(run.process, NULL, 0), 4);
}

static void each_child_is_told_of_once(void **state)
{
    (void)state;
    uint32_t pids[ROOM] = { 0 };

    collect_start(&run, WORDS("children", "2"));
    collect_until_line(&run, "ready");
    assert_int_equal(printed_children(pids), 2);
    /* Linux tells of those that a look finds, Windows as they start. */
    while (run.child_count < 2) {
        (void)hb_process_tree(run.process, tree, ROOM);
        collect_now(&run);
    }
    for (int i = 0; i < 3; i++) {
        (void)hb_process_tree(run.process, tree, ROOM);
        collect_now(&run);
    }
    assert_int_equal(run.child_count, 2);
    assert_true(was_told(pids[0]) && was_told(pids[1]));
    assert_int_equal(run.children[0].ppid, run.pid);
}

static void an_empty_tree_is_empty(void **state)
{
    (void)state;
    collect_run(&run, WORDS("exit", "0"));
    assert_int_equal(hb_process_tree(run.process, tree, ROOM), 0);
}

static void what_the_program_leaves_behind_is_listed_without_it(void **state)
{
    (void)state;
    uint32_t pids[ROOM] = { 0 };

    collect_run(&run, WORDS("leave", "3"));
    assert_int_equal(run.exit.value, 3);
    assert_int_equal(printed_children(pids), 1);
    assert_int_equal(hb_process_tree(run.process, tree, ROOM), 1);
    assert_int_equal(tree[0].pid, pids[0]);
}

static void what_is_left_behind_ends_with_the_run(void **state)
{
    (void)state;
    uint32_t pids[ROOM] = { 0 };

    collect_run(&run, WORDS("leave", "0"));
    assert_int_equal(printed_children(pids), 1);
    assert_true(system_is_alive(pids[0]));
    collect_free(&run);
    assert_true(system_await_end(pids[0]));
}

static void what_is_released_lives_on(void **state)
{
    (void)state;
    uint32_t pids[ROOM] = { 0 };

    collect_run(&run, WORDS("leave", "0"));
    assert_int_equal(printed_children(pids), 1);
    hb_process_release(run.process);
    collect_free(&run);
    assert_true(system_is_alive(pids[0]));
    system_kill(pids[0]);
    assert_true(system_await_end(pids[0]));
}

static void a_kill_ends_all_of_a_deep_tree(void **state)
{
    (void)state;
    struct hb_error err = { 0 };

    collect_start(&run, WORDS("chain", "6"));
    collect_until_line(&run, "ready");
    size_t count = hb_process_tree(run.process, tree, ROOM);
    assert_int_equal(count, 7);
    assert_true(hb_process_kill(run.process, &err));
    assert_int_equal(hb_process_tree(run.process, NULL, 0), 0);
    for (size_t i = 0; i < count; i++) {
        assert_false(system_is_alive(tree[i].pid));
    }
    collect_all(&run);
    assert_int_not_equal(run.exit.value, 0);
}

static void a_killed_program_still_has_its_exit_told(void **state)
{
    (void)state;
    struct hb_error err = { 0 };

    collect_start(&run, WORDS("ready"));
    collect_until_line(&run, "ready");
    assert_true(hb_process_kill(run.process, &err));
    assert_true(hb_process_kill(run.process, &err)); /* nothing left: fine */
    collect_all(&run);
    if (!system_is_windows) {
        assert_int_equal(run.exit.kind, HB_EXIT_SIGNAL);
        assert_int_equal(run.exit.value, 9);
    }
}

static void
a_program_that_has_ended_can_be_killed_and_keeps_its_code(void **state)
{
    (void)state;
    struct hb_error err = { 0 };

    collect_start(&run, WORDS("exit", "6"));
    collect_until(&run, HB_EVENT_OUTPUT_CLOSED);
    assert_true(system_await_end(run.pid));
    assert_true(hb_process_kill(run.process, &err));
    collect_all(&run);
    assert_int_equal(run.exit.kind, HB_EXIT_CODE);
    assert_int_equal(run.exit.value, 6);
}

static void a_storm_of_processes_loses(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    struct hb_host host;

    hb_host_read(&host);
    if (strstr(host.os, "Wine") != NULL) {
        skip_because(
            "Wine's server crashes when who is just starting is killed");
    }
    collect_start(&run, WORDS("storm"));
    collect_until_line(&run, "ready");
    while (hb_process_tree(run.process, NULL, 0) < 8) {
    }
    assert_true(hb_process_kill(run.process, &err));
    assert_int_equal(hb_process_tree(run.process, NULL, 0), 0);
}

static void a_request_to_stop_is_heard_by_the_whole_tree(void **state)
{
    (void)state;
    struct hb_error err = { 0 };

    collect_start(&run, WORDS("children", "2"));
    collect_until_line(&run, "ready");
    if (!hb_process_stop(run.process, &err)) {
        skip_because("no way to ask: Wine knows no CTRL_BREAK");
    }
    collect_all(&run);
    assert_int_not_equal(run.exit.value, 0);
    while (hb_process_tree(run.process, NULL, 0) > 0) {
        collect_until(&run, HB_EVENT_CHILD_EXIT);
    }
}

static void who_ignores_a_request_to_stop_is_killed(void **state)
{
    (void)state;
    struct hb_error err = { 0 };

    collect_start(&run, WORDS("stubborn"));
    collect_until_line(&run, "ready");
    if (!hb_process_stop(run.process, &err)) {
        skip_because("no way to ask: Wine knows no CTRL_BREAK");
    }
    collect_now(&run);
    assert_true(system_is_alive(run.pid));
    assert_true(hb_process_kill(run.process, &err));
    assert_false(system_is_alive(run.pid));
}

static void a_child_that_holds_the_pipe_does_not_hold_us(void **state)
{
    (void)state;
    collect_start(&run, WORDS("hold", "0"));
    collect_until(&run, HB_EVENT_EXIT);
    assert_false(run.closed[HB_STDOUT]);
    hb_process_drop_output(run.process);
    collect_all(&run);
    assert_non_null(strstr(run.output[HB_STDOUT], "ready"));
    assert_int_equal(hb_process_tree(run.process, tree, ROOM), 1);
}

#define CASE(name) cmocka_unit_test_teardown(name, end_run)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_tree_lists_the_program_and_its_children),
        CASE(the_tree_counts_beyond_the_room_it_is_given),
        CASE(each_child_is_told_of_once),
        CASE(an_empty_tree_is_empty),
        CASE(what_the_program_leaves_behind_is_listed_without_it),
        CASE(what_is_left_behind_ends_with_the_run),
        CASE(what_is_released_lives_on),
        CASE(a_kill_ends_all_of_a_deep_tree),
        CASE(a_killed_program_still_has_its_exit_told),
        CASE(a_program_that_has_ended_can_be_killed_and_keeps_its_code),
        CASE(a_storm_of_processes_loses),
        CASE(a_request_to_stop_is_heard_by_the_whole_tree),
        CASE(who_ignores_a_request_to_stop_is_killed),
        CASE(a_child_that_holds_the_pipe_does_not_hold_us),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
