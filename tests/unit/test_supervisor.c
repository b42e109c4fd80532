/* The supervisor against scripts: time, observation, expected action. No
 * clock, no process, no waiting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/supervisor.h"

#define MAIN_PID 100u
#define CHILD_PID 200u

struct line {
    uint64_t at_ms;
    enum hb_observation_kind kind;
    enum hb_action action;
    enum hb_source source;
    uint64_t count;
    uint32_t pid; /* 0: the test program's */
};

/* What the next samples show. */
static struct hb_thread_sample seen_thread;

static enum hb_action tell(struct hb_supervisor *sup, const struct line *line)
{
    struct hb_observation seen = {
        .kind = line->kind,
        .at_ms = line->at_ms,
        .source = line->source,
        .count = line->count,
        .pid = line->pid != 0 ? line->pid : MAIN_PID,
        .threads = &seen_thread,
        .thread_count = line->kind == HB_OBS_SAMPLE ? 1 : 0,
    };

    return hb_supervisor_step(sup, &seen);
}

static void play(struct hb_supervisor *sup, const struct line *script,
                 size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum hb_action action = tell(sup, &script[i]);

        if (action != script[i].action) {
            fail_msg("line %zu: action %d, expected %d", i, (int)action,
                     (int)script[i].action);
        }
    }
}

#define PLAY(sup, script) play(sup, script, sizeof(script) / sizeof(script[0]))

static struct hb_policy policy;
static struct hb_supervisor sup;

/* A hang limit of 1 s, a total of 10 s, 500 ms to leave, 200 ms of grace. */
static int begin(void **state)
{
    (void)state;
    policy = (struct hb_policy){
        .hang_after_ms = 1000,
        .timeout_ms = 10000,
        .exit_within_ms = 500,
        .grace_ms = 200,
        .deadline_ms = HB_NO_LIMIT,
        .progress = HB_PROGRESS_AUTO,
    };
    seen_thread = (struct hb_thread_sample){
        .pid = MAIN_PID,
        .tid = MAIN_PID,
        .state = HB_THREAD_WAITING,
        .wait = HB_WAIT_LOCK,
    };
    hb_supervisor_init(&sup, &policy);
    return 0;
}

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

static void limits_that_are_off_never_wake(void **state)
{
    (void)state;
    policy.timeout_ms = HB_NO_LIMIT;
    policy.hang_after_ms = HB_NO_LIMIT;
    assert_true(hb_supervisor_wake_ms(&sup) == HB_NO_LIMIT);
}

#define CASE(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_program_that_just_ends_is_settled_and_finished),
        CASE(silence_is_looked_at_twice_then_collected_stopped_killed),
        CASE(progress_between_the_two_looks_saves_the_test),
        CASE(a_beat_after_the_verdict_does_not_save_the_test),
        CASE(a_test_that_beats_is_held_to_its_beats),
        CASE(the_heartbeat_thread_alone_is_no_progress),
        CASE(a_forked_childs_beats_are_not_its_parents),
        CASE(a_silent_computation_is_no_hang),
        CASE(cpu_time_below_one_percent_is_no_progress),
        CASE(a_spinning_test_ends_at_the_total_limit),
        CASE(a_test_that_is_done_must_leave_in_time),
        CASE(a_new_group_takes_completion_back),
        CASE(lines_that_come_late_do_not_take_back_a_goodbye),
        CASE(time_in_which_nobody_could_run_is_not_silence),
        CASE(a_starved_test_is_granted_time_and_not_for_ever),
        CASE(a_debugger_stops_the_clock),
        CASE(a_paused_test_may_be_silent),
        CASE(the_command_line_wins_over_the_tests_own_limit),
        CASE(asked_to_stop_twice_kills_at_once),
        CASE(a_process_that_cannot_die_does_not_keep_us),
        CASE(the_deadline_leaves_room_for_grace_and_reports),
        CASE(limits_that_are_off_never_wake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
