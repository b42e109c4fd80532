#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "collect.h"
#include "os/helper.h"
#include "system.h"

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static struct collect run;

static int end_run(void **state)
{
    (void)state;
    collect_free(&run);
    return 0;
}

/* Our own: on Linux the signal, on Windows the status that says so. */
static void assert_killed(struct hb_exit how)
{
    if (system_is_windows) {
        assert_int_equal(how.value, 0xC0DE0137u);
    } else {
        assert_int_equal(how.kind, HB_EXIT_SIGNAL);
        assert_int_equal(how.value, 9);
    }
}

static uint32_t helper_pid(void)
{
    const char *at = strstr(run.helper_output, "pid ") + 4;
    char digits[16] = "";
    uint64_t pid = 0;

    assert_true(
        hb_text_copy_bytes(digits, sizeof(digits), at, strcspn(at, "\r\n")));
    assert_true(hb_parse_u64(digits, &pid));
    return (uint32_t)pid;
}

static void it_speaks_and_its_end_is_told_last(void **state)
{
    (void)state;
    collect_start(&run, WORDS("ready"));
    collect_start_helper(&run, WORDS("say", "hello", "to nobody"));
    collect_until(&run, HB_EVENT_HELPER_ENDED);
    assert_string_equal(run.helper_output, "hello\n");
    assert_int_equal(run.helper_exit.kind, HB_EXIT_CODE);
    assert_int_equal(run.helper_exit.value, 0);
    assert_string_equal(run.output[HB_STDERR], "");
    assert_false(run.ended);
}

static void its_status_is_its_own(void **state)
{
    (void)state;
    collect_start(&run, WORDS("ready"));
    collect_start_helper(&run, WORDS("exit", "7"));
    collect_until(&run, HB_EVENT_HELPER_ENDED);
    assert_int_equal(run.helper_exit.value, 7);
    assert_int_equal(run.end_count, 0);
    assert_int_equal(run.child_count, 0);
}

static void a_flood_of_it_arrives_whole_beside_the_tests(void **state)
{
    (void)state;
    collect_start(&run, WORDS("flood", "300000"));
    collect_start_helper(&run, WORDS("flood", "200000"));
    collect_until(&run, HB_EVENT_HELPER_ENDED);
    assert_int_equal(run.helper_total, 200000);
    for (size_t i = 0; i < COLLECT_KEPT; i++) {
        assert_int_equal(run.helper_output[i], 33 + i % 89);
    }
    collect_all(&run);
    assert_int_equal(run.total[HB_STDOUT], 300000);
}

static void it_is_no_part_of_the_tree(void **state)
{
    (void)state;
    struct hb_tree_process found[4];
    struct hb_error err = { 0 };

    collect_start(&run, WORDS("ready"));
    collect_until_line(&run, "ready");
    collect_start_helper(&run, WORDS("pid"));
    collect_until_helper_line(&run, "ready");
    assert_int_equal(hb_process_tree(run.process, found, 4), 1);
    assert_int_equal(found[0].pid, run.pid);
    assert_true(hb_process_kill(run.process, &err));
    assert_int_equal(hb_process_tree(run.process, found, 4), 0);
    collect_all(&run);
    assert_false(run.helper_ended);
    assert_true(system_is_alive(helper_pid()));
    assert_int_equal(run.child_count, 0);
}

static void it_can_be_ended(void **state)
{
    (void)state;
    collect_start(&run, WORDS("ready"));
    collect_start_helper(&run, WORDS("ready"));
    collect_until_helper_line(&run, "ready");
    hb_helper_end(run.process);
    hb_helper_end(run.process); /* twice is fine */
    collect_until(&run, HB_EVENT_HELPER_ENDED);
    assert_killed(run.helper_exit);
    hb_helper_end(run.process);
    assert_false(run.ended);
}

static void it_ends_with_the_run(void **state)
{
    (void)state;
    uint32_t pid;

    collect_start(&run, WORDS("ready"));
    collect_start_helper(&run, WORDS("pid"));
    collect_until_helper_line(&run, "ready");
    pid = helper_pid();
    collect_free(&run);
    assert_true(system_await_end(pid));
}

static void one_may_follow_another_but_not_overtake_it(void **state)
{
    (void)state;
    const char *const command[] = { collect_child_path(), "ready" };
    struct hb_error err = { 0 };

    collect_start(&run, WORDS("ready"));
    for (int i = 0; i < 3; i++) {
        collect_start_helper(&run, WORDS("ready"));
        collect_until_helper_line(&run, "ready");
        assert_false(hb_helper_start(run.process, command, 2, &err));
        hb_helper_end(run.process);
        collect_until(&run, HB_EVENT_HELPER_ENDED);
    }
}

static void who_still_holds_its_pipe_does_not_keep_us(void **state)
{
    (void)state;
    collect_start(&run, WORDS("ready"));
    collect_start_helper(&run, WORDS("hold", "3"));
    collect_until(&run, HB_EVENT_HELPER_ENDED);
    assert_int_equal(run.helper_exit.value, 3);
    assert_non_null(strstr(run.helper_output, "ready"));
}

static void the_test_may_end_before_it(void **state)
{
    (void)state;
    collect_start(&run, WORDS("exit", "4"));
    collect_start_helper(&run, WORDS("ready"));
    collect_all(&run);
    assert_int_equal(run.exit.value, 4);
    assert_int_equal(hb_process_tree(run.process, NULL, 0), 0);
    collect_until_helper_line(&run, "ready");
    hb_helper_end(run.process);
    collect_until(&run, HB_EVENT_HELPER_ENDED);
}

static void one_that_is_not_there_is_named(void **state)
{
    (void)state;
    const char *const command[] = { "./no-such-helper" };
    struct hb_error err = { 0 };

    collect_start(&run, WORDS("ready"));
    assert_false(hb_helper_start(run.process, command, 1, &err));
    assert_int_equal(err.code, HB_ERR_NOT_FOUND);
    assert_non_null(strstr(err.text, "no-such-helper"));
    collect_start_helper(&run, WORDS("exit", "0"));
    collect_until(&run, HB_EVENT_HELPER_ENDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(it_speaks_and_its_end_is_told_last, end_run),
        cmocka_unit_test_teardown(its_status_is_its_own, end_run),
        cmocka_unit_test_teardown(a_flood_of_it_arrives_whole_beside_the_tests,
                                  end_run),
        cmocka_unit_test_teardown(it_is_no_part_of_the_tree, end_run),
        cmocka_unit_test_teardown(it_can_be_ended, end_run),
        cmocka_unit_test_teardown(it_ends_with_the_run, end_run),
        cmocka_unit_test_teardown(one_may_follow_another_but_not_overtake_it,
                                  end_run),
        cmocka_unit_test_teardown(who_still_holds_its_pipe_does_not_keep_us,
                                  end_run),
        cmocka_unit_test_teardown(the_test_may_end_before_it, end_run),
        cmocka_unit_test_teardown(one_that_is_not_there_is_named, end_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
