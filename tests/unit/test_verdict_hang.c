/* The judge on runs that we ended ourselves, and on cases that two sources
 * tell of. */
#include "unit/story.h"

static const struct row plain = { .what = "a plain program" };

/* A hang behind one `sign`, up to its end 480 ms later. */
static void hang(struct hb_result *result, enum hb_observation_kind sign,
                 const struct hb_exit *exit, bool stop_fails)
{
    static const struct hb_thread_sample thread = { .state = HB_THREAD_WAITING,
                                                    .wait = HB_WAIT_LOCK,
                                                    .tid = 1 };
    struct hb_supervisor sup;
    struct hb_observation seen = { .kind = HB_OBS_STARTED, .pid = 100 };
    const enum hb_observation_kind story[] = {
        HB_OBS_STARTED, sign,          HB_OBS_TIMER,         HB_OBS_SAMPLE,
        HB_OBS_TIMER,   HB_OBS_SAMPLE, HB_OBS_EVIDENCE_DONE, HB_OBS_STOPPED,
        HB_OBS_KILLED,  HB_OBS_EXIT,
    };

    make_header(&plain);
    header.policy.hang_after_auto = false;
    header.policy.hang_after_ms = 100;
    header.policy.exit_within_ms = 100;
    hb_supervisor_init(&sup, &header.policy);
    hb_record_init(result, &header);
    for (size_t i = 0; i < sizeof(story) / sizeof(story[0]); i++) {
        seen.kind = story[i];
        seen.at_ms = i * 60;
        seen.count = story[i] == HB_OBS_OUTPUT ? 1 : 0;
        seen.source =
            story[i] == HB_OBS_COMPLETE ? HB_SOURCE_RECORDER : HB_SOURCE_KERNEL;
        seen.threads = &thread;
        seen.thread_count = story[i] == HB_OBS_SAMPLE ? 1 : 0;
        seen.failed = story[i] == HB_OBS_STOPPED && stop_fails;
        seen.exit = story[i] == HB_OBS_EXIT ? *exit : (struct hb_exit){ 0 };
        (void)hb_supervisor_step(&sup, &seen);
        hb_record_add(result, &seen);
    }
    hb_record_finish(result, &sup);
    hb_judge(result);
}

static void a_hang_that_we_ended_is_a_hang(void **state)
{
    struct hb_exit killed = { .kind = HB_EXIT_SIGNAL, .value = 9 };
    struct hb_result result;

    (void)state;
    hang(&result, HB_OBS_OUTPUT, &killed, false);
    assert_int_equal(result.verdict, HB_VERDICT_HANG);
    assert_int_equal(result.cause, HB_CAUSE_DEADLOCK);
    assert_int_equal(result.exit_status, 124);
    assert_int_equal(result.fired, HB_LIMIT_HANG);
    assert_true(result.killed_by.known);
    assert_non_null(strstr(result.summary, "hang-after 100 ms"));
    hb_record_free(&result);
}

static void a_hang_in_teardown_says_how_long_it_was_waited_for(void **state)
{
    struct hb_exit killed = { .kind = HB_EXIT_SIGNAL, .value = 9 };
    struct hb_result result;

    (void)state;
    hang(&result, HB_OBS_COMPLETE, &killed, false);
    assert_int_equal(result.cause, HB_CAUSE_TEARDOWN_HANG);
    assert_int_equal(result.fired, HB_LIMIT_EXIT_WITHIN);
    assert_non_null(strstr(result.summary,
                           "done, and still there for 100 ms, phase teardown"));
    assert_non_null(strstr(result.summary, "limit exit_within fired"));
    hb_record_free(&result);
}

static void
a_program_that_ended_by_itself_meanwhile_is_what_it_was(void **state)
{
    struct hb_exit well = { .kind = HB_EXIT_CODE, .value = 0 };
    struct hb_result result;

    (void)state;
    hang(&result, HB_OBS_OUTPUT, &well, true);
    assert_int_equal(result.verdict, HB_VERDICT_PASS);
    hb_record_free(&result);
}

static void what_two_sources_tell_of_one_case_is_one_case(void **state)
{
    static const struct row row = { "two sources",
                                    false,
                                    { STARTED,
                                      ATTACHED,
                                      { .kind = HB_OBS_CASE_BEGIN,
                                        .source = HB_SOURCE_RECORDER,
                                        .name = "a" },
                                      { .kind = HB_OBS_CASE_END,
                                        .source = HB_SOURCE_RECORDER,
                                        .name = "a" },
                                      GOODBYE,
                                      BEGIN("a"),
                                      END("a", HB_CASE_PASSED),
                                      COMPLETE(false),
                                      EXIT_CODE(0) },
                                    HB_VERDICT_PASS,
                                    HB_CAUSE_NONE,
                                    0,
                                    false };
    struct hb_result result;

    (void)state;
    make_header(&row);
    run_row(&row, &result);
    assert_int_equal(result.verdict, HB_VERDICT_PASS);
    assert_int_equal(result.case_count, 1);
    assert_int_equal(result.cases[0].status, HB_CASE_PASSED);
    hb_record_free(&result);
}

static void what_is_announced_late_is_the_case_that_ran(void **state)
{
    static const struct row row = { "announced late",
                                    false,
                                    { STARTED,
                                      BEGIN("a"),
                                      END("a", HB_CASE_PASSED),
                                      COMPLETE(false),
                                      ATTACHED,
                                      { .kind = HB_OBS_EXPECTED,
                                        .source = HB_SOURCE_RECORDER,
                                        .name = "a" },
                                      { .kind = HB_OBS_CASE_BEGIN,
                                        .source = HB_SOURCE_RECORDER,
                                        .name = "a" },
                                      { .kind = HB_OBS_CASE_END,
                                        .source = HB_SOURCE_RECORDER,
                                        .name = "a" },
                                      GOODBYE,
                                      EXIT_CODE(0) },
                                    HB_VERDICT_PASS,
                                    HB_CAUSE_NONE,
                                    0,
                                    false };
    struct hb_result result;

    (void)state;
    make_header(&row);
    run_row(&row, &result);
    assert_int_equal(result.case_count, 1);
    hb_record_free(&result);
}

static void a_goodbye_may_be_told_before_its_lane(void **state)
{
    static const struct row row = { "goodbye first",
                                    false,
                                    { STARTED, GOODBYE, ATTACHED,
                                      EXIT_CODE(0) },
                                    HB_VERDICT_PASS,
                                    HB_CAUSE_NONE,
                                    0,
                                    false };
    struct hb_result result;

    (void)state;
    make_header(&row);
    run_row(&row, &result);
    assert_int_equal(result.verdict, HB_VERDICT_PASS);
    hb_record_free(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hang_that_we_ended_is_a_hang),
        cmocka_unit_test(a_hang_in_teardown_says_how_long_it_was_waited_for),
        cmocka_unit_test(
            a_program_that_ended_by_itself_meanwhile_is_what_it_was),
        cmocka_unit_test(what_is_announced_late_is_the_case_that_ran),
        cmocka_unit_test(a_goodbye_may_be_told_before_its_lane),
        cmocka_unit_test(what_two_sources_tell_of_one_case_is_one_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
