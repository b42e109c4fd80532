/* The supervisor: limits, stops and kills. */
#include "unit/script.h"

static void a_program_that_just_ends_is_settled_and_finished(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 5, HB_OBS_EXIT, HB_ACTION_SETTLE, 0, 0, 0 },
        { 6, HB_OBS_SETTLED, HB_ACTION_FINISH, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
    assert_int_equal(sup.state, HB_STATE_DONE);
}

static void
silence_is_looked_at_twice_then_collected_stopped_killed(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 999, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 1000, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
        { 1001, HB_OBS_SAMPLE, HB_ACTION_NONE, 0, 0, 0 },
        { 1025, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
        { 1026, HB_OBS_SAMPLE, HB_ACTION_COLLECT, 0, 0, 0 },
        { 1030, HB_OBS_EVIDENCE_DONE, HB_ACTION_STOP, 0, 0, 0 },
        { 1031, HB_OBS_STOPPED, HB_ACTION_NONE, 0, 0, 0 },
        { 1230, HB_OBS_TIMER, HB_ACTION_KILL, 0, 0, 0 },
        { 1231, HB_OBS_KILLED, HB_ACTION_NONE, 0, 0, 0 },
        { 1232, HB_OBS_EXIT, HB_ACTION_SETTLE, 0, 0, 0 },
        { 1240, HB_OBS_SETTLED, HB_ACTION_FINISH, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
    assert_int_equal(sup.fired, HB_LIMIT_HANG);
}

static void a_spinning_test_ends_at_the_total_limit(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 9500, HB_OBS_CPU, HB_ACTION_NONE, HB_SOURCE_KERNEL, 9000000, 0 },
        { 10000, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
        { 10001, HB_OBS_SAMPLE, HB_ACTION_NONE, 0, 0, 0 },
        { 10010, HB_OBS_OUTPUT, HB_ACTION_NONE, HB_SOURCE_KERNEL, 1, 0 },
        { 10026, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
        { 10027, HB_OBS_SAMPLE, HB_ACTION_COLLECT, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
    assert_int_equal(sup.fired, HB_LIMIT_TIMEOUT);
}

static void a_test_that_is_done_must_leave_in_time(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 100, HB_OBS_COMPLETE, HB_ACTION_NONE, HB_SOURCE_CMOCKA, 3, 0 },
        { 599, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 600, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
    assert_int_equal(sup.fired, HB_LIMIT_EXIT_WITHIN);
    assert_int_equal(sup.phase, HB_PHASE_TEARDOWN);
}

static void a_new_group_takes_completion_back(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 100, HB_OBS_COMPLETE, HB_ACTION_NONE, HB_SOURCE_CMOCKA, 3, 0 },
        { 110, HB_OBS_PLAN, HB_ACTION_NONE, HB_SOURCE_CMOCKA, 2, 0 },
        { 600, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
    assert_false(sup.complete[HB_SOURCE_CMOCKA]);
    assert_int_equal(sup.phase, HB_PHASE_RUN);
}

static void lines_that_come_late_do_not_take_back_a_goodbye(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 10, HB_OBS_ATTACHED, HB_ACTION_NONE, HB_SOURCE_RECORDER, 0, 0 },
        { 100, HB_OBS_COMPLETE, HB_ACTION_NONE, HB_SOURCE_RECORDER, 0, 0 },
        { 101, HB_OBS_CASE_BEGIN, HB_ACTION_NONE, HB_SOURCE_CMOCKA, 0, 0 },
        { 600, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
    assert_true(sup.complete[HB_SOURCE_RECORDER]);
}

static void the_command_line_wins_over_the_tests_own_limit(void **state)
{
    struct line line = { 10, HB_OBS_HANG_AFTER, 0, HB_SOURCE_RECORDER, 50, 0 };

    (void)state;
    (void)tell(&sup, &line);
    assert_int_equal(hb_supervisor_hang_after_ms(&sup), 1000);
    policy.hang_after_auto = true;
    assert_int_equal(hb_supervisor_hang_after_ms(&sup), 50);
}

static void asked_to_stop_twice_kills_at_once(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 50, HB_OBS_STOP_REQUEST, HB_ACTION_STOP, 0, 2, 0 },
        { 51, HB_OBS_STOPPED, HB_ACTION_NONE, 0, 0, 0 },
        { 60, HB_OBS_STOP_REQUEST, HB_ACTION_KILL, 0, 2, 0 },
        { 61, HB_OBS_KILLED, HB_ACTION_NONE, 0, 0, 0 },
        { 62, HB_OBS_EXIT, HB_ACTION_SETTLE, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
    assert_int_equal(sup.fired, HB_LIMIT_NONE);
}

static void a_process_that_cannot_die_does_not_keep_us(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 50, HB_OBS_STOP_REQUEST, HB_ACTION_STOP, 0, 2, 0 },
        { 250, HB_OBS_TIMER, HB_ACTION_KILL, 0, 0, 0 },
        { 251, HB_OBS_KILLED, HB_ACTION_NONE, 0, 0, 0 },
        { 10250, HB_OBS_TIMER, HB_ACTION_SETTLE, 0, 0, 0 },
        { 10300, HB_OBS_SETTLED, HB_ACTION_FINISH, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
}

static void the_deadline_leaves_room_for_grace_and_reports(void **state)
{
    (void)state;
    policy.timeout_ms = HB_NO_LIMIT;
    policy.hang_after_ms = HB_NO_LIMIT;
    policy.deadline_ms = 60000;
    assert_int_equal(hb_supervisor_wake_ms(&sup), 60000 - 200 - 5000);
    policy.deadline_ms = 1000;
    assert_int_equal(hb_supervisor_wake_ms(&sup), 500);
}

static void grace_ends_before_the_deadline(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 1500, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
        { 1501, HB_OBS_SAMPLE, HB_ACTION_NONE, 0, 0, 0 },
        { 1526, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
        { 1527, HB_OBS_SAMPLE, HB_ACTION_COLLECT, 0, 0, 0 },
        { 1530, HB_OBS_EVIDENCE_DONE, HB_ACTION_STOP, 0, 0, 0 },
        { 2249, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 2250, HB_OBS_TIMER, HB_ACTION_KILL, 0, 0, 0 },
    };

    (void)state;
    policy.hang_after_ms = HB_NO_LIMIT;
    policy.deadline_ms = 3000;
    policy.grace_ms = 5000;
    PLAY(&sup, script);
}

static void limits_that_are_off_never_wake(void **state)
{
    (void)state;
    policy.timeout_ms = HB_NO_LIMIT;
    policy.hang_after_ms = HB_NO_LIMIT;
    assert_true(hb_supervisor_wake_ms(&sup) == HB_NO_LIMIT);
}

/* What is told at 10, 20, ... ms, and the phase that follows. A note is no
 * sign that start-up is over; READY=1 is, and STOPPING=1 begins teardown. */
static void sd_notify_says_where_start_up_ends_and_teardown_begins(void **state)
{
    static const struct {
        enum hb_observation_kind kind;
        enum hb_source source;
        enum hb_phase phase;
    } table[] = {
        { HB_OBS_STARTED, HB_SOURCE_LAUNCHER, HB_PHASE_START_UP },
        { HB_OBS_NOTE, HB_SOURCE_NOTIFY, HB_PHASE_START_UP },
        { HB_OBS_HANG_AFTER, HB_SOURCE_NOTIFY, HB_PHASE_START_UP },
        { HB_OBS_READY, HB_SOURCE_NOTIFY, HB_PHASE_RUN },
        { HB_OBS_STOPPING, HB_SOURCE_NOTIFY, HB_PHASE_TEARDOWN },
        { HB_OBS_BEAT, HB_SOURCE_NOTIFY, HB_PHASE_TEARDOWN },
        { HB_OBS_READY, HB_SOURCE_NOTIFY, HB_PHASE_TEARDOWN },
        { HB_OBS_CASE_BEGIN, HB_SOURCE_TAP, HB_PHASE_RUN },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct line line = { 10 * i, table[i].kind, 0, table[i].source, 1, 0 };

        (void)tell(&sup, &line);
        if (sup.phase != table[i].phase) {
            fail_msg("row %zu: phase %d", i, (int)sup.phase);
        }
    }
}

static void
a_test_that_says_it_stops_may_still_be_silent_for_too_long(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 100, HB_OBS_READY, HB_ACTION_NONE, HB_SOURCE_NOTIFY, 0, 0 },
        { 200, HB_OBS_STOPPING, HB_ACTION_NONE, HB_SOURCE_NOTIFY, 0, 0 },
        { 1199, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 1200, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
    assert_int_equal(sup.fired, HB_LIMIT_HANG);
    assert_int_equal(sup.phase, HB_PHASE_TEARDOWN);
}

#define CASE(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_program_that_just_ends_is_settled_and_finished),
        CASE(silence_is_looked_at_twice_then_collected_stopped_killed),
        CASE(a_spinning_test_ends_at_the_total_limit),
        CASE(a_test_that_is_done_must_leave_in_time),
        CASE(a_new_group_takes_completion_back),
        CASE(lines_that_come_late_do_not_take_back_a_goodbye),
        CASE(the_command_line_wins_over_the_tests_own_limit),
        CASE(asked_to_stop_twice_kills_at_once),
        CASE(a_process_that_cannot_die_does_not_keep_us),
        CASE(the_deadline_leaves_room_for_grace_and_reports),
        CASE(grace_ends_before_the_deadline),
        CASE(limits_that_are_off_never_wake),
        CASE(sd_notify_says_where_start_up_ends_and_teardown_begins),
        CASE(a_test_that_says_it_stops_may_still_be_silent_for_too_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
