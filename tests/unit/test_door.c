/* A program that is held as it leaves, against a pretend system: who is looked
 * at, and that everybody is let go. */
#include "look_script.h"
#include "run_desk.h"

#define LEAVES_AT(when, how, number)                                           \
    {                                                                          \
        .at_ms = (when), .event = {                                            \
            .kind = HB_EVENT_LEAVING,                                          \
            .pid = 100,                                                        \
            .leaving = { .pid = 100,                                           \
                         .tid = 100,                                           \
                         .call = "exit_group",                                 \
                         .kind = (how),                                        \
                         .value = (number) },                                  \
        }                                                                      \
    }

static const struct fake_event look[] = {
    TELLS_AT(10, MODULE THREAD("100", "clean_up") STACKS NO_DUMP DONE),
    ENDS_AT(300, 0),
};

static struct hb_settings settings;
static struct hb_outcome outcome;

static int begin(void **state)
{
    (void)state;
    fake_os_reset();
    fake_os_helper(look, 2);
    settle_settings(&settings);
    settings.options.policy.hold_exit = HB_HOLD_ON;
    return 0;
}

static void play(const struct fake_event *events, size_t count)
{
    fake_os_script(events, count);
    run(&settings, &outcome);
}

static bool says(const char *piece)
{
    return strstr(fake_os_file("result.json"), piece) != NULL;
}

static void who_need_not_speak_goes_at_once(void **state)
{
    static const struct fake_event events[] = {
        LEAVES_AT(5, HB_LEAVING_CODE, 0),
        CLOSED_AT(9, HB_STDOUT),
        CLOSED_AT(9, HB_STDERR),
        EXIT_AT(10, 0),
    };

    (void)state;
    play(events, 4);
    assert_int_equal(fake_os_lets_leave(), 1);
    assert_int_equal(fake_os_let_leave_ms(), 5);
    assert_string_equal(fake_os_helper_words(), "");
    assert_int_equal(outcome.status, 0);
    assert_false(says("\"leaving\""));
}

static void who_is_too_early_is_looked_at_first(void **state)
{
    static const struct fake_event events[] = {
        LEAVES_AT(5, HB_LEAVING_CODE, 0),
        CLOSED_AT(900, HB_STDOUT),
        CLOSED_AT(900, HB_STDERR),
        EXIT_AT(901, 0),
    };

    (void)state;
    settings.options.policy.completion = HB_COMPLETION_ALWAYS;
    play(events, 4);
    assert_int_equal(fake_os_lets_leave(), 1);
    assert_int_equal(fake_os_let_leave_ms(), 305);
    assert_non_null(
        strstr(fake_os_helper_words(), "--pid 100 --stacks --dump"));
    assert_true(says("exit_group(0) called by clean_up (p.c:7) before the "
                     "program said that it was done"));
    assert_true(says("pretend!clean_up"));
}

static void the_last_line_of_the_output_is_read_first(void **state)
{
    static const struct fake_event events[] = {
        SAYS_AT(4, "TAP version 13\n1..1\n"),
        LEAVES_AT(5, HB_LEAVING_CODE, 0),
        SAYS_AT(5, "ok 1 - only\n"),
        CLOSED_AT(9, HB_STDOUT),
        CLOSED_AT(9, HB_STDERR),
        EXIT_AT(10, 0),
    };

    (void)state;
    play(events, 6);
    assert_int_equal(fake_os_lets_leave(), 1);
    assert_string_equal(fake_os_helper_words(), "");
    assert_int_equal(outcome.status, 0);
}

static void a_limit_does_not_fire_while_it_is_held(void **state)
{
    static const struct fake_event events[] = {
        LEAVES_AT(5, HB_LEAVING_SIGNAL, 9),
        CLOSED_AT(900, HB_STDOUT),
        CLOSED_AT(900, HB_STDERR),
        { .at_ms = 901,
          .event = { .kind = HB_EVENT_EXIT,
                     .exit = { .kind = HB_EXIT_SIGNAL, .value = 9 } } },
    };

    (void)state;
    settings.options.policy.hang_after_auto = false;
    settings.options.policy.hang_after_ms = 700;
    play(events, 4);
    assert_int_equal(fake_os_let_leave_ms(), 305);
    assert_true(says("\"cause\": \"terminated-by-self\""));
}

static void a_request_to_stop_lets_it_go(void **state)
{
    static const struct fake_event events[] = {
        LEAVES_AT(5, HB_LEAVING_CODE, 0),
        ASKED_AT(50),
        CLOSED_AT(900, HB_STDOUT),
        CLOSED_AT(900, HB_STDERR),
        EXIT_AT(901, 0),
    };

    (void)state;
    settings.options.policy.completion = HB_COMPLETION_ALWAYS;
    play(events, 5);
    assert_int_equal(fake_os_helper_ends(), 1);
    assert_int_equal(fake_os_lets_leave(), 1);
    assert_true(fake_os_let_leave_ms() < 305);
}

static void what_there_is_to_say_of_it_is_a_warning(void **state)
{
    (void)state;
    fake_os_hold_warning("--hold-exit=on: not held");
    play(well, 4);
    assert_true(says("--hold-exit=on: not held"));
}

static void it_does_not_go_with_what_may_outlive_us(void **state)
{
    (void)state;
    settings.options.policy.leak = HB_LEAK_IGNORE;
    play(well, 4);
    assert_true(says("not held, since --leak=ignore"));
}

#define CASE(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(who_need_not_speak_goes_at_once),
        CASE(who_is_too_early_is_looked_at_first),
        CASE(the_last_line_of_the_output_is_read_first),
        CASE(a_limit_does_not_fire_while_it_is_held),
        CASE(a_request_to_stop_lets_it_go),
        CASE(what_there_is_to_say_of_it_is_a_warning),
        CASE(it_does_not_go_with_what_may_outlive_us),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
