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

/* ... and still the total limit is one. */
static void time_in_which_our_reader_took_nothing_is_not_silence(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 1000, HB_OBS_BLOCKED, HB_ACTION_NONE, HB_SOURCE_KERNEL, 900, 0 },
        { 1000, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 1899, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 1900, HB_OBS_BLOCKED, HB_ACTION_NONE, HB_SOURCE_KERNEL, 900, 0 },
        { 2799, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 2800, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
        { 2801, HB_OBS_SAMPLE, HB_ACTION_NONE, 0, 0, 0 },
        { 2810, HB_OBS_BLOCKED, HB_ACTION_NONE, HB_SOURCE_KERNEL, 100, 0 },
        { 2825, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 2900, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
    };
    static const struct line total[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 900, HB_OBS_BLOCKED, HB_ACTION_NONE, HB_SOURCE_KERNEL, 900, 0 },
        { 1500, HB_OBS_BLOCKED, HB_ACTION_NONE, HB_SOURCE_KERNEL, 600, 0 },
        { 1500, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
    policy.timeout_ms = 1500;
    hb_supervisor_init(&sup, &policy);
    PLAY(&sup, total);
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

/* A handler that never comes to its end is a hang after all. */
static void a_crash_that_is_reported_is_no_hang_for_minutes(void **state)
{
    uint64_t at_ms = 0;
    int rounds = 0;
    struct line line = { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 };

    (void)state;
    seen_thread.state = HB_THREAD_DUMPING;
    (void)tell(&sup, &line);
    while (sup.state != HB_STATE_COLLECTING && rounds < 1000) {
        at_ms = hb_supervisor_wake_ms(&sup);
        line = (struct line){ at_ms, HB_OBS_TIMER, 0, 0, 0, 0 };
        if (tell(&sup, &line) == HB_ACTION_SAMPLE) {
            line.kind = HB_OBS_SAMPLE;
            (void)tell(&sup, &line);
            rounds++;
        }
    }
    assert_in_range(rounds, 100, 999);
    assert_in_range(at_ms, 300000, 303000);
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

/* Every 500 ms one sign of life of each kind; silence is a second. Which of
 * them keep the test alive is what `--progress` says. */
static void only_what_was_asked_for_is_progress(void **state)
{
    static const struct line signs[] = {
        { 0, HB_OBS_BEAT, 0, HB_SOURCE_RECORDER, 1, 0 },
        { 0, HB_OBS_CASE_END, 0, HB_SOURCE_RECORDER, 0, 0 },
        { 0, HB_OBS_BEAT, 0, HB_SOURCE_NOTIFY, 1, 0 },
        { 0, HB_OBS_OUTPUT, 0, HB_SOURCE_KERNEL, 1, 0 },
        { 0, HB_OBS_CASE_END, 0, HB_SOURCE_TAP, 0, 0 },
        { 0, HB_OBS_CPU, 0, HB_SOURCE_KERNEL, 400000, 0 },
    };
    static const struct {
        unsigned progress;
        const char *saves; /* one letter a sign */
    } table[] = {
        { HB_PROGRESS_RECORDER, "yynnnn" },
        { HB_PROGRESS_NOTIFY, "nnynnn" },
        { HB_PROGRESS_OUTPUT, "nnnyyn" },
        { HB_PROGRESS_CPU, "nnnnny" },
        { HB_PROGRESS_RECORDER | HB_PROGRESS_OUTPUT, "yynyyn" },
        { HB_PROGRESS_NOTIFY | HB_PROGRESS_CPU, "nnynny" },
        { HB_PROGRESS_AUTO, "yyyyyy" },
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        for (size_t j = 0; j < sizeof(signs) / sizeof(signs[0]); j++) {
            struct line sign = signs[j];

            (void)begin(state);
            policy.progress = table[i].progress;
            sup.main_pid = MAIN_PID;
            sign.at_ms = 500;
            (void)tell(&sup, &sign);
            if (hb_supervisor_wake_ms(&sup) !=
                (table[i].saves[j] == 'y' ? 1500u : 1000u)) {
                fail_msg("progress %u, sign %zu", table[i].progress, j);
            }
        }
    }
}

static void cpu_time_is_asked_for_only_where_it_counts(void **state)
{
    static const struct {
        unsigned progress;
        uint64_t every_ms;
    } table[] = {
        { HB_PROGRESS_CPU, 50 },
        { HB_PROGRESS_AUTO, 50 },
        { HB_PROGRESS_RECORDER | HB_PROGRESS_OUTPUT, HB_NO_LIMIT },
        { 0, HB_NO_LIMIT },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        policy.progress = table[i].progress;
        assert_true(hb_supervisor_cpu_every_ms(&sup) == table[i].every_ms);
    }
}

static void a_long_limit_needs_fewer_looks(void **state)
{
    (void)state;
    policy.hang_after_ms = 20000;
    assert_int_equal(hb_supervisor_cpu_every_ms(&sup), 1000);
    policy.hang_after_ms = 60000;
    assert_int_equal(hb_supervisor_cpu_every_ms(&sup), 2000);
    policy.hang_after_ms = 3600000;
    assert_int_equal(hb_supervisor_cpu_every_ms(&sup), 2000);
}

static void
without_progress_there_are_no_hangs_but_the_other_limits(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 9999, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 10000, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
    };

    (void)state;
    policy.progress = 0;
    PLAY(&sup, script);
    assert_int_equal(sup.fired, HB_LIMIT_TIMEOUT);
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
        CASE(time_in_which_our_reader_took_nothing_is_not_silence),
        CASE(a_starved_test_is_granted_time_and_not_for_ever),
        CASE(a_crash_that_is_reported_is_no_hang_for_minutes),
        CASE(a_debugger_stops_the_clock),
        CASE(a_paused_test_may_be_silent),
        CASE(only_what_was_asked_for_is_progress),
        CASE(cpu_time_is_asked_for_only_where_it_counts),
        CASE(a_long_limit_needs_fewer_looks),
        CASE(without_progress_there_are_no_hangs_but_the_other_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
