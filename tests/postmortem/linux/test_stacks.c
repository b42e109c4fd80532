#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stack_desk.h"

static struct stack_desk desk;

static int end(void **state)
{
    (void)state;
    stack_desk_kill(&desk);
    told_free();
    return 0;
}

static void start(const char *word)
{
    STACK_DESK_START(&desk, STACK_TARGET_PATH, word);
}

static void in_order(const cJSON *thread, const char *const *symbols,
                     size_t count)
{
    for (size_t i = 1; i < count; i++) {
        int inside = told_place(thread, symbols[i - 1]);
        int outside = told_place(thread, symbols[i]);

        if (inside >= outside) {
            fail_msg("'%s' is not called by '%s'", symbols[i - 1], symbols[i]);
        }
    }
}

static void every_frame_has_its_words(void **state)
{
    (void)state;
    static const char *const symbols[] = { "inner", "middle", "outer", "main" };

    start("nested");
    TOLD_RUN("--pid", desk.pid_text, "--stacks");
    assert_int_equal(told.status, 0);
    const cJSON *thread = told_thread(desk.pid, 0);
    in_order(thread, symbols, 4);
    assert_string_equal(told_text(thread, "cut_short"), "");
    for (size_t i = 0; i < 4; i++) {
        const cJSON *frame = told_frame(thread, told_place(thread, symbols[i]));

        assert_non_null(strstr(told_text(frame, "file"), "stack_target.c"));
        assert_true(told_number(frame, "line") > 0);
        assert_string_equal(told_text(told_module(frame), "path"),
                            STACK_TARGET_PATH);
    }
    assert_true(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(
        told_frame(thread, told_place(thread, "middle")), "inlined")));
    told_is("stacks", desk.pid, "captured", "");
    assert_true(told_number(told_evidence("stacks", desk.pid), "pause_us") > 0);
    assert_non_null(told_find("done", "pid", 0));
}

static void every_module_has_its_id(void **state)
{
    (void)state;
    bool has_program = false;

    start("nested");
    TOLD_RUN("--pid", desk.pid_text, "--stacks");
    for (size_t i = 0; i < told.count; i++) {
        const cJSON *line = told.lines[i];

        if (strcmp(told_text(line, "kind"), "module") == 0) {
            const char *path = told_text(line, "path");

            assert_true(path[0] == '/' || strcmp(path, "[vdso]") == 0);
            has_program |= strcmp(path, STACK_TARGET_PATH) == 0;
            assert_true(strlen(told_text(line, "id")) >= 16);
            assert_true(told_number(line, "size") > 0);
        }
    }
    assert_true(has_program);
}

static void the_target_goes_on_as_if_nothing_had_been(void **state)
{
    (void)state;
    start("nested");
    TOLD_RUN("--pid", desk.pid_text, "--stacks", "--locks", "--samples", "2",
             "--gap-ms", "1");
    stack_desk_is_free(&desk);
    assert_int_equal(stack_desk_end(&desk), 0);
}

static void who_moved_is_told_from_who_is_stuck(void **state)
{
    (void)state;
    start("moving");
    stack_desk_await_sleepers(&desk, 2);
    TOLD_RUN("--pid", desk.pid_text, "--stacks", "--samples", "2", "--gap-ms",
             "50");
    const cJSON *busy = told_thread_named("busy", 1);
    const cJSON *stuck = told_thread_named("stuck", 1);

    assert_true(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(busy, "moved")));
    assert_null(cJSON_GetObjectItemCaseSensitive(stuck, "moved"));
    assert_string_equal(told_text(busy, "state"), "running");
    assert_string_equal(told_text(stuck, "state"), "sleeping");
    (void)told_place(busy, "work");
    (void)told_place(stuck, "wait_for_end");
    assert_int_equal(told_count("thread"), 6); /* three, twice */
}

static const cJSON *lock_of(const char *thread)
{
    uint32_t tid = (uint32_t)told_number(told_thread_named(thread, 0), "tid");
    const cJSON *lock = told_find("lock", "tid", tid);

    if (lock == NULL) {
        fail_msg("'%s' waits for nothing", thread);
    }
    return lock;
}

static void waits_for(const char *thread, const char *kind, const char *owner)
{
    const cJSON *lock = lock_of(thread);

    assert_string_equal(told_text(lock, "lock"), kind);
    if (owner == NULL) {
        assert_null(cJSON_GetObjectItemCaseSensitive(lock, "owner"));
        return;
    }
    uint32_t tid = (uint32_t)told_number(told_thread_named(owner, 0), "tid");
    assert_int_equal(told_number(lock, "owner"), tid);
}

static void a_deadlock_shows_who_waits_for_whom(void **state)
{
    (void)state;
    start("abba");
    stack_desk_await_deadlock(&desk);
    TOLD_RUN("--pid", desk.pid_text, "--stacks", "--locks");
    waits_for("left", "mutex", "right");
    waits_for("right", "mutex", "left");
    waits_for("stack_target", "join", "left");
    told_is("locks", desk.pid, "captured", "");
    (void)told_place(told_thread_named("left", 0), "take_both");
    stack_desk_is_free(&desk);
}

static void locks_of_every_kind_have_an_owner_or_none_is_told(void **state)
{
    (void)state;
    start("locks");
    stack_desk_await_sleepers(&desk, 7);
    TOLD_RUN("--pid", desk.pid_text, "--stacks", "--locks");
    waits_for("plain", "mutex", "stack_target");
    waits_for("robust", "mutex", "stack_target");
    waits_for("inherit", "mutex", "stack_target");
    waits_for("self", "mutex", "self");
    waits_for("condition", "futex", NULL);
    waits_for("writer", "futex", NULL);
}

static void locks_need_no_stacks(void **state)
{
    (void)state;
    start("abba");
    stack_desk_await_deadlock(&desk);
    TOLD_RUN("--pid", desk.pid_text, "--locks");
    assert_int_equal(told_count("lock"), 3);
    assert_int_equal(told_count("thread"), 0);
    assert_null(told_find("evidence", "pause_us", 1));
}

static void five_hundred_threads_are_told(void **state)
{
    (void)state;
    STACK_DESK_START(&desk, STACK_TARGET_PATH, "threads", "500");
    stack_desk_await_sleepers(&desk, 501);
    TOLD_RUN("--pid", desk.pid_text, "--stacks");
    size_t whole = 0;

    assert_int_equal(told_count("thread"), 501);
    for (size_t i = 0; i < told.count; i++) {
        whole += strcmp(told_text(told.lines[i], "kind"), "thread") == 0 &&
                 told_has(told.lines[i], "wait_for_end");
    }
    assert_int_equal(whole, 500);
    stack_desk_is_free(&desk);
    assert_int_equal(stack_desk_end(&desk), 0);
}

static void a_stack_of_garbage_ends_its_own_walk_only(void **state)
{
    (void)state;
    start("smashed");
    stack_desk_await_sleepers(&desk, 2);
    TOLD_RUN("--pid", desk.pid_text, "--stacks");
    assert_int_equal(told.status, 0);
    const cJSON *smashed = told_thread_named("smashed", 0);

    assert_true(told_frame_count(smashed) >= 1);
    assert_true(told_frame_count(smashed) <= 4);
    assert_string_not_equal(told_text(smashed, "cut_short"), "");
    (void)told_place(told_thread(desk.pid, 0), "main");
    told_is("stacks", desk.pid, "captured", "");
}

static void a_call_of_nothing_names_its_caller(void **state)
{
    (void)state;
    static const char *const symbols[] = { "inner", "stay", "call_it",
                                           "run_wild", "main" };

    start("wild");
    TOLD_RUN("--pid", desk.pid_text, "--stacks");
    const cJSON *thread = told_thread(desk.pid, 0);

    in_order(thread, symbols, 5);
    assert_string_equal(told_text(thread, "cut_short"), "");
}

static void a_stack_without_end_is_cut_and_says_so(void **state)
{
    (void)state;
    start("deep");
    TOLD_RUN("--pid", desk.pid_text, "--stacks");
    const cJSON *thread = told_thread(desk.pid, 0);

    assert_int_equal(told_frame_count(thread), 128);
    assert_string_equal(told_text(told_frame(thread, 127), "symbol"), "sink");
    assert_string_equal(told_text(thread, "cut_short"), "more than 128 frames");
}

static void threads_outlive_the_first_of_them(void **state)
{
    (void)state;
    start("leaderless");
    stack_desk_await_zombie(&desk);
    TOLD_RUN("--pid", desk.pid_text, "--stacks", "--locks");
    const cJSON *leader = told_thread(desk.pid, 0);
    const cJSON *alone = told_thread_named("alone", 0);

    assert_string_equal(told_text(leader, "state"), "dead");
    assert_int_equal(told_frame_count(leader), 0);
    assert_string_equal(told_text(leader, "cut_short"), "it has ended");
    (void)told_place(alone, "wait_alone");
    assert_string_equal(told_text(alone, "cut_short"), "");
    told_is("stacks", desk.pid, "captured", "");
    assert_int_equal(stack_desk_end(&desk), 0);
}

static void several_processes_are_told_in_one_run(void **state)
{
    (void)state;
    struct stack_desk other = { 0 };

    start("nested");
    STACK_DESK_START(&other, STACK_TARGET_PATH, "moving");
    TOLD_RUN("--pid", desk.pid_text, "--pid", other.pid_text, "--stacks",
             "--samples", "2", "--gap-ms", "1");
    (void)told_place(told_thread(desk.pid, 1), "outer");
    (void)told_place(told_thread(other.pid, 1), "run_moving");
    told_is("stacks", desk.pid, "captured", "");
    told_is("stacks", other.pid, "captured", "");
    stack_desk_kill(&other);
}

#define CASE(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_frame_has_its_words),
        CASE(every_module_has_its_id),
        CASE(the_target_goes_on_as_if_nothing_had_been),
        CASE(who_moved_is_told_from_who_is_stuck),
        CASE(a_deadlock_shows_who_waits_for_whom),
        CASE(locks_of_every_kind_have_an_owner_or_none_is_told),
        CASE(locks_need_no_stacks),
        CASE(five_hundred_threads_are_told),
        CASE(a_stack_of_garbage_ends_its_own_walk_only),
        CASE(a_call_of_nothing_names_its_caller),
        CASE(a_stack_without_end_is_cut_and_says_so),
        CASE(threads_outlive_the_first_of_them),
        CASE(several_processes_are_told_in_one_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
