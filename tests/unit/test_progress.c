/* The supervisor: what is progress, and which time is not silence. */
#include "unit/script.h"

static void progress_between_the_two_looks_saves_the_test(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 1000, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
        { 1001, HB_OBS_SAMPLE, HB_ACTION_NONE, 0, 0, 0 },
        { 1010, HB_OBS_OUTPUT, HB_ACTION_NONE, HB_SOURCE_KERNEL, 5, 0 },
        { 1025, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 2009, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 2010, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
}

static void a_beat_after_the_verdict_does_not_save_the_test(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 1000, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
        { 1001, HB_OBS_SAMPLE, HB_ACTION_NONE, 0, 0, 0 },
        { 1025, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
        { 1026, HB_OBS_SAMPLE, HB_ACTION_COLLECT, 0, 0, 0 },
        { 1027, HB_OBS_BEAT, HB_ACTION_NONE, HB_SOURCE_RECORDER, 1, 0 },
        { 1030, HB_OBS_EVIDENCE_DONE, HB_ACTION_STOP, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
}

static void a_test_that_beats_is_held_to_its_beats(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 10, HB_OBS_ATTACHED, HB_ACTION_NONE, HB_SOURCE_RECORDER, 0, 0 },
        { 100, HB_OBS_BEAT, HB_ACTION_NONE, HB_SOURCE_RECORDER, 1, 0 },
        { 900, HB_OBS_OUTPUT, HB_ACTION_NONE, HB_SOURCE_KERNEL, 9, 0 },
        { 1000, HB_OBS_CPU, HB_ACTION_NONE, HB_SOURCE_KERNEL, 900000, 0 },
        { 1099, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 1100, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
    assert_true(sup.strict);
}

static void the_heartbeat_thread_alone_is_no_progress(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 10, HB_OBS_ATTACHED, HB_ACTION_NONE, HB_SOURCE_RECORDER, 0, 0 },
        { 500, HB_OBS_ALIVE, HB_ACTION_NONE, HB_SOURCE_RECORDER, 1, 0 },
        { 1000, HB_OBS_ALIVE, HB_ACTION_NONE, HB_SOURCE_RECORDER, 1, 0 },
        { 1010, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
}

static void a_forked_childs_beats_are_not_its_parents(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 10, HB_OBS_ATTACHED, HB_ACTION_NONE, HB_SOURCE_RECORDER, 0, 0 },
        { 20, HB_OBS_BEAT, HB_ACTION_NONE, HB_SOURCE_RECORDER, 1, 0 },
        { 30, HB_OBS_ATTACHED, HB_ACTION_NONE, HB_SOURCE_RECORDER, 1,
          CHILD_PID },
        { 900, HB_OBS_BEAT, HB_ACTION_NONE, HB_SOURCE_RECORDER, 9, CHILD_PID },
        { 1020, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
}

static void a_silent_computation_is_no_hang(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 500, HB_OBS_CPU, HB_ACTION_NONE, HB_SOURCE_KERNEL, 400000, 0 },
        { 1000, HB_OBS_CPU, HB_ACTION_NONE, HB_SOURCE_KERNEL, 800000, 0 },
        { 1500, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 1999, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 2000, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
}

static void cpu_time_below_one_percent_is_no_progress(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 500, HB_OBS_CPU, HB_ACTION_NONE, HB_SOURCE_KERNEL, 4000, 0 },
        { 1000, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
}

static void time_in_which_nobody_could_run_is_not_silence(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 5000, HB_OBS_GAP, HB_ACTION_NONE, 0, 4900, 0 },
        { 5000, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 5899, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 5900, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
}

static void a_starved_test_is_granted_time_and_not_for_ever(void **state)
{
    uint64_t at_ms = 0;
    int rounds = 0;
    struct line line = { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 };

    (void)state;
    seen_thread.state = HB_THREAD_RUNNING;
    seen_thread.wait = HB_WAIT_NONE;
    (void)tell(&sup, &line);
    while (sup.state != HB_STATE_COLLECTING && rounds < 100) {
        at_ms = hb_supervisor_wake_ms(&sup);
        line = (struct line){ at_ms, HB_OBS_TIMER, 0, 0, 0, 0 };
        if (tell(&sup, &line) == HB_ACTION_SAMPLE) {
            line.kind = HB_OBS_SAMPLE;
            (void)tell(&sup, &line);
            rounds++;
        }
    }
    assert_in_range(rounds, 4, 99);
    assert_in_range(at_ms, 3000, 5000);
}

static void a_debugger_stops_the_clock(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 1000, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
        { 1001, HB_OBS_SAMPLE, HB_ACTION_NONE, 0, 0, 0 },
        { 1025, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
        { 1026, HB_OBS_SAMPLE, HB_ACTION_NONE, 0, 0, 0 },
        { 2025, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 2026, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
    };

    (void)state;
    seen_thread.state = HB_THREAD_TRACED;
    PLAY(&sup, script);
}

static void a_paused_test_may_be_silent(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 10, HB_OBS_ATTACHED, HB_ACTION_NONE, HB_SOURCE_RECORDER, 0, 0 },
        { 20, HB_OBS_PAUSE, HB_ACTION_NONE, HB_SOURCE_RECORDER, 0, 0 },
        { 5000, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 5000, HB_OBS_RESUME, HB_ACTION_NONE, HB_SOURCE_RECORDER, 0, 0 },
        { 5999, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 6000, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
}

#define CASE(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(progress_between_the_two_looks_saves_the_test),
        CASE(a_beat_after_the_verdict_does_not_save_the_test),
        CASE(a_test_that_beats_is_held_to_its_beats),
        CASE(the_heartbeat_thread_alone_is_no_progress),
        CASE(a_forked_childs_beats_are_not_its_parents),
        CASE(a_silent_computation_is_no_hang),
        CASE(cpu_time_below_one_percent_is_no_progress),
        CASE(time_in_which_nobody_could_run_is_not_silence),
        CASE(a_starved_test_is_granted_time_and_not_for_ever),
        CASE(a_debugger_stops_the_clock),
        CASE(a_paused_test_may_be_silent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
