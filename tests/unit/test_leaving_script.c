/* A program that ends itself and says so: what the supervisor wants done. */
#include "unit/script.h"

static void who_leaves_is_looked_at_and_then_goes(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 5, HB_OBS_LEAVING, HB_ACTION_COLLECT, HB_SOURCE_RECORDER, 0, 0 },
        { 6, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 9, HB_OBS_EVIDENCE_DONE, HB_ACTION_NONE, 0, 0, 0 },
        { 9, HB_OBS_LEAVING, HB_ACTION_NONE, HB_SOURCE_KERNEL, 0, 0 },
        { 10, HB_OBS_EXIT, HB_ACTION_SETTLE, 0, 0, 0 },
        { 11, HB_OBS_SETTLED, HB_ACTION_FINISH, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
    assert_int_equal(sup.left_pid, MAIN_PID);
    assert_int_equal(sup.crashed_pid, 0);
    assert_int_equal(sup.fired, HB_LIMIT_NONE);
}

static void a_suspect_may_leave(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 1000, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
        { 1001, HB_OBS_LEAVING, HB_ACTION_COLLECT, HB_SOURCE_RECORDER, 0, 0 },
        { 9000, HB_OBS_EVIDENCE_DONE, HB_ACTION_NONE, 0, 0, 0 },
        { 9001, HB_OBS_EXIT, HB_ACTION_SETTLE, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
    assert_int_equal(sup.fired, HB_LIMIT_NONE);
}

static void children_leave_as_they_like(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 1, HB_OBS_ATTACHED, HB_ACTION_NONE, HB_SOURCE_RECORDER, 0, 0 },
        { 5, HB_OBS_LEAVING, HB_ACTION_NONE, HB_SOURCE_RECORDER, 0, CHILD_PID },
    };

    (void)state;
    PLAY(&sup, script);
    assert_int_equal(sup.left_pid, 0);
}

static void who_is_asked_to_stop_is_not_looked_at(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 5, HB_OBS_STOP_REQUEST, HB_ACTION_STOP, 0, 2, 0 },
        { 6, HB_OBS_LEAVING, HB_ACTION_NONE, HB_SOURCE_RECORDER, 0, 0 },
        { 7, HB_OBS_EXIT, HB_ACTION_SETTLE, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
}

static void a_request_to_stop_ends_the_look(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 5, HB_OBS_LEAVING, HB_ACTION_COLLECT, HB_SOURCE_RECORDER, 0, 0 },
        { 6, HB_OBS_STOP_REQUEST, HB_ACTION_STOP, 0, 2, 0 },
        { 7, HB_OBS_EVIDENCE_DONE, HB_ACTION_NONE, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
}

#define CASE(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(who_leaves_is_looked_at_and_then_goes),
        CASE(a_suspect_may_leave),
        CASE(children_leave_as_they_like),
        CASE(who_is_asked_to_stop_is_not_looked_at),
        CASE(a_request_to_stop_ends_the_look),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
