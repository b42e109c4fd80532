/* The loop and time: what is silence, what is not, and how long who is left may
 * take. */
#include "unit/run_desk.h"

/* A second that is not silent: the launcher was not allowed to run, and so
 * the test was not either. */
static void waking_up_late_is_no_silence(void **state)
{
    static const struct fake_event events[] = { EXIT_AT(1500, 0) };
    struct hb_settings settings;
    struct hb_outcome outcome;

    (void)state;
    fake_os_reset();
    fake_os_script(events, 1);
    fake_os_stall(400, 1000);
    settle_settings(&settings);
    settings.options.policy.hang_after_auto = false;
    settings.options.policy.hang_after_ms = 900;
    run(&settings, &outcome);
    assert_int_equal(outcome.status, 0);
    assert_non_null(strstr(fake_os_file("timeline.jsonl"), "\"gap\""));
}

/* The same between two waits: nobody could look. */
static void a_stall_outside_of_a_wait_is_no_silence(void **state)
{
    static const struct fake_event events[] = { EXIT_AT(1500, 0) };
    struct hb_settings settings;
    struct hb_outcome outcome;

    (void)state;
    fake_os_reset();
    fake_os_script(events, 1);
    fake_os_slow_write("\"started\"", 1000);
    settle_settings(&settings);
    settings.options.policy.hang_after_auto = false;
    settings.options.policy.hang_after_ms = 900;
    run(&settings, &outcome);
    assert_int_equal(outcome.status, 0);
    assert_non_null(strstr(fake_os_file("timeline.jsonl"), "\"gap\""));
}

static void a_suspended_system_is_told_and_costs_no_time(void **state)
{
    static const struct fake_event events[] = { EXIT_AT(1500, 0) };
    struct hb_settings settings;
    struct hb_outcome outcome;
    const char *told;

    (void)state;
    fake_os_reset();
    fake_os_script(events, 1);
    fake_os_suspend(400, 3600000);
    settle_settings(&settings);
    settings.options.policy.timeout_ms = 2000;
    run(&settings, &outcome);
    assert_int_equal(outcome.status, 0);
    told = strstr(fake_os_file("timeline.jsonl"), "system was suspended");
    assert_non_null(told);
    assert_null(strstr(told + 1, "system was suspended")); /* once */
}

static void expect_leak(uint64_t child_until_ms, int status)
{
    struct hb_settings settings;
    struct hb_outcome outcome;

    fake_os_script(well, 4);
    fake_os_child_until(child_until_ms);
    settle_settings(&settings);
    settings.options.policy.leak = HB_LEAK_FAIL;
    run(&settings, &outcome);
    assert_int_equal(outcome.status, status);
}

/* The program ends at 10 ms. */
static void a_child_that_only_needs_a_moment_longer_is_no_leak(void **state)
{
    (void)state;
    fake_os_reset();
    expect_leak(100, 0);
    fake_os_reset();
    expect_leak(200, 123);
}

/* Whoever did not run himself cannot say that the others had their moment. */
static void a_moment_in_which_nothing_ran_is_none(void **state)
{
    (void)state;
    fake_os_reset();
    fake_os_stall(20, 5000);
    expect_leak(5030, 0);
}

/* Ready at every look, and given no processor; a thread that waits has had its
 * moment, and there is an end to patience. */
static void who_gets_no_processor_had_no_moment(void **state)
{
    const struct hb_thread_sample ready = { .pid = 100,
                                            .state = HB_THREAD_RUNNING };
    const struct hb_thread_sample waits = { .pid = 100,
                                            .state = HB_THREAD_WAITING,
                                            .wait = HB_WAIT_SLEEP };

    (void)state;
    fake_os_reset();
    fake_os_thread(ready);
    expect_leak(900, 0);
    fake_os_reset();
    fake_os_thread(ready);
    expect_leak(5000, 123);
    fake_os_reset();
    fake_os_thread(waits);
    expect_leak(900, 123);
}

/* Asked to end at 50 ms with a grace of 5 s; the program goes at once. */
static void expect_left_behind(uint64_t child_until_ms, bool left)
{
    static const struct fake_event events[] = {
        { .at_ms = 50,
          .event = { .kind = HB_EVENT_STOP_REQUEST,
                     .signal = 15,
                     .signal_name = "SIGTERM" } },
    };
    struct hb_settings settings;
    struct hb_outcome outcome;

    fake_os_reset();
    fake_os_heeds_stop(true);
    fake_os_script(events, 1);
    fake_os_child_until(child_until_ms);
    settle_settings(&settings);
    settings.options.policy.grace_ms = 5000;
    run(&settings, &outcome);
    assert_int_equal(strstr(fake_os_file("timeline.jsonl"), "\"left\"") != NULL,
                     left);
}

static void a_tree_that_was_asked_to_end_has_its_grace(void **state)
{
    (void)state;
    expect_left_behind(4000, false);
    expect_left_behind(6000, true);
}

#define MANY 3000

/* The program ends at 10 ms, and so many pieces are still to be read, each of
 * which takes 5 ms. */
static void expect_held_output(size_t pieces, uint64_t child_until_ms,
                               bool held)
{
    static struct fake_event events[MANY + 3];
    struct hb_settings settings;
    struct hb_outcome outcome;
    size_t count = 0;

    fake_os_reset();
    events[count++] = (struct fake_event)EXIT_AT(10, 0);
    while (count <= pieces) {
        events[count++] = (struct fake_event)SAYS_AT(10, "more\n");
    }
    events[count++] = (struct fake_event)CLOSED_AT(10, HB_STDOUT);
    events[count++] = (struct fake_event)CLOSED_AT(10, HB_STDERR);
    fake_os_script(events, count);
    fake_os_slow_log(5);
    fake_os_child_until(child_until_ms);
    settle_settings(&settings);
    run(&settings, &outcome);
    assert_int_equal(
        strstr(fake_os_file("timeline.jsonl"), "\"held-output\"") != NULL,
        held);
}

static void output_that_is_still_to_be_read_is_not_held_open(void **state)
{
    (void)state;
    expect_held_output(100, 0, false);
}

/* Whoever reads our own stdout is slow, and so are we. */
static void output_that_comes_slowly_is_not_held_open(void **state)
{
    static const struct fake_event events[] = {
        EXIT_AT(10, 0),
        SAYS_AT(80, "more\n"),
        SAYS_AT(160, "more\n"),
        CLOSED_AT(240, HB_STDOUT),
        CLOSED_AT(240, HB_STDERR),
    };
    struct hb_settings settings;
    struct hb_outcome outcome;

    (void)state;
    fake_os_reset();
    fake_os_script(events, 5);
    settle_settings(&settings);
    run(&settings, &outcome);
    assert_null(strstr(fake_os_file("timeline.jsonl"), "\"held-output\""));
}

static void output_that_never_ends_is_held_open(void **state)
{
    (void)state;
    expect_held_output(100, 60000, true);
    expect_held_output(MANY, 0, true); /* by somebody whom we cannot see */
}

static void expect_blocked(const struct fake_event *events, size_t count,
                           uint64_t from_ms, uint64_t until_ms)
{
    struct hb_settings settings;
    struct hb_outcome outcome;

    fake_os_reset();
    fake_os_script(events, count);
    fake_os_blocked(from_ms, until_ms);
    settle_settings(&settings);
    settings.options.policy.hang_after_auto = false;
    settings.options.policy.hang_after_ms = 1000;
    settings.options.policy.leak = HB_LEAK_FAIL;
    run(&settings, &outcome);
    assert_int_equal(outcome.status, 0);
    assert_non_null(
        strstr(fake_os_file("timeline.jsonl"), "\"kind\":\"output-blocked\""));
    assert_non_null(
        strstr(fake_os_file("result.json"),
               "whoever reads the launcher's stdout took nothing for"));
}

static void a_reader_that_takes_nothing_makes_no_hang(void **state)
{
    static const struct fake_event events[] = {
        SAYS_AT(5, "hello\n"),
        CLOSED_AT(20010, HB_STDOUT),
        CLOSED_AT(20010, HB_STDERR),
        EXIT_AT(20010, 0),
    };

    (void)state;
    expect_blocked(events, 4, 100, 20000);
}

static void
a_reader_that_takes_nothing_is_not_waited_for_at_the_end(void **state)
{
    static const struct fake_event events[] = {
        SAYS_AT(5, "hello\n"),
        EXIT_AT(600, 0),
        CLOSED_AT(601, HB_STDERR),
    };
    uint64_t began_ms = 0;

    (void)state;
    fake_os_reset();
    began_ms = fake_os_now_ms();
    expect_blocked(events, 3, 100, 60000);
    assert_null(strstr(fake_os_file("timeline.jsonl"), "\"held-output\""));
    assert_in_range(fake_os_now_ms(), began_ms, began_ms + 1000);
    assert_false(fake_os_was_removed("stdout.log")); /* the only whole copy */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waking_up_late_is_no_silence),
        cmocka_unit_test(a_stall_outside_of_a_wait_is_no_silence),
        cmocka_unit_test(a_suspended_system_is_told_and_costs_no_time),
        cmocka_unit_test(a_child_that_only_needs_a_moment_longer_is_no_leak),
        cmocka_unit_test(a_moment_in_which_nothing_ran_is_none),
        cmocka_unit_test(who_gets_no_processor_had_no_moment),
        cmocka_unit_test(a_tree_that_was_asked_to_end_has_its_grace),
        cmocka_unit_test(output_that_is_still_to_be_read_is_not_held_open),
        cmocka_unit_test(output_that_comes_slowly_is_not_held_open),
        cmocka_unit_test(output_that_never_ends_is_held_open),
        cmocka_unit_test(a_reader_that_takes_nothing_makes_no_hang),
        cmocka_unit_test(
            a_reader_that_takes_nothing_is_not_waited_for_at_the_end),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    fake_os_reset();
    return failed;
}
