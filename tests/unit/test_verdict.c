/* The judge against whole runs: a row is a way to end. */
#include "unit/verdict_rows.h"

static void each_end_gets_its_verdict_cause_and_status(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct hb_result result;

        make_header(row);
        run_row(row, &result);
        if (result.verdict != row->verdict || result.cause != row->cause ||
            result.exit_status != row->status ||
            result.exit_by_signal != row->by_signal) {
            fail_msg("%s: %s/%s status %u%s", row->what,
                     hb_verdict_name(result.verdict),
                     hb_cause_name(result.cause), (unsigned)result.exit_status,
                     result.exit_by_signal ? " by signal" : "");
        }
        assert_true(result.summary[0] != '\0');
        hb_record_free(&result);
    }
}

static const struct row *row_named(const char *what)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].what, what) == 0) {
            return &rows[i];
        }
    }
    fail_msg("no row '%s'", what);
    return NULL;
}

static const char *const early = "exit(0) in the second of three cases";

static void the_cases_of_an_early_exit_are_passed_running_lost(void **state)
{
    struct hb_result result;

    (void)state;
    make_header(row_named(early));
    run_row(row_named(early), &result);
    assert_int_equal(result.case_count, 3);
    assert_int_equal(result.cases[0].status, HB_CASE_PASSED);
    assert_int_equal(result.cases[1].status, HB_CASE_RUNNING);
    assert_string_equal(result.cases[1].name, "second");
    assert_int_equal(result.cases[2].status, HB_CASE_LOST);
    hb_record_free(&result);
}

/* A story of one announcement and a death. */
static void die_after_plan(uint64_t count, struct hb_result *result)
{
    const struct row row = {
        .story = { STARTED, PLAN(count), BEGIN("first"), EXIT_CODE(0) },
    };

    make_header(&row);
    run_row(&row, result);
}

static void lost_cases_without_a_name_are_all_listed_or_none(void **state)
{
    static const struct {
        uint64_t planned;
        size_t listed;
        size_t warnings;
    } expected[] = {
        { 1001, 1001, 0 },
        { 1002, 1, 1 },
        { UINT64_C(999999999999), 1, 1 },
        { UINT64_MAX, 1, 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        struct hb_result result;

        die_after_plan(expected[i].planned, &result);
        assert_true(result.planned == expected[i].planned);
        assert_int_equal(result.case_count, expected[i].listed);
        assert_int_equal(result.warning_count, expected[i].warnings);
        hb_record_free(&result);
    }
    struct hb_result result;

    die_after_plan(UINT64_C(999999999999), &result);
    assert_string_equal(result.warnings[0],
                        "999999999999 cases were announced; those that are not "
                        "listed never ran");
    hb_record_free(&result);
}

static void two_huge_plans_do_not_begin_anew_at_0(void **state)
{
    const struct row row = {
        .story = { STARTED, PLAN(UINT64_MAX), PLAN(2), EXIT_CODE(0) },
    };
    struct hb_result result;

    (void)state;
    make_header(&row);
    run_row(&row, &result);
    assert_true(result.planned == UINT64_MAX);
    hb_record_free(&result);
}

static void under_ctest_our_own_statuses_are_an_abnormal_end(void **state)
{
    struct hb_result result;

    (void)state;
    make_header(row_named(early));
    header.policy.under_ctest = true;
    run_row(row_named(early), &result);
    assert_true(result.exit_by_signal);
    assert_int_equal(result.exit_status, 6);
    hb_record_free(&result);

    header.host.windows = true;
    run_row(row_named(early), &result);
    assert_false(result.exit_by_signal);
    assert_int_equal(result.exit_status, 0xC0DE0000u | 120u);
    hb_record_free(&result);
}

static void a_failure_with_the_skip_code_is_no_skip_for_ctest(void **state)
{
    const struct row *row =
        row_named("as many failed cases as the skip code says");
    struct hb_result result;

    (void)state;
    make_header(row);
    header.policy.under_ctest = true;
    run_row(row, &result);
    assert_int_equal(result.verdict, HB_VERDICT_FAIL);
    assert_true(result.exit_by_signal);
    hb_record_free(&result);
}

static void in_verdict_mode_statuses_are_plain_numbers(void **state)
{
    static const struct {
        const char *what;
        uint32_t status;
    } expected[] = {
        { "a plain program that returns 3", 1 },
        { "a null pointer", 121 },
        { "a kill from somewhere", 120 },
        { "Ctrl-C", 122 },
        { "the skip code", 77 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        struct hb_result result;

        make_header(row_named(expected[i].what));
        header.policy.exit_mode = HB_EXIT_VERDICT;
        header.policy.under_ctest = true;
        run_row(row_named(expected[i].what), &result);
        assert_false(result.exit_by_signal);
        assert_int_equal(result.exit_status, expected[i].status);
        hb_record_free(&result);
    }
}

static void the_same_death_has_the_same_signature(void **state)
{
    struct hb_result one;
    struct hb_result two;

    (void)state;
    make_header(row_named(early));
    run_row(row_named(early), &one);
    header.launcher.pid = 4711;
    header.started_at_unix_ms = 99;
    run_row(row_named(early), &two);
    assert_string_equal(one.signature.hash, two.signature.hash);
    assert_int_equal(strlen(one.signature.hash), 16);
    hb_record_free(&one);
    run_row(row_named("a null pointer"), &one);
    assert_string_not_equal(one.signature.hash, two.signature.hash);
    hb_record_free(&one);
    hb_record_free(&two);
}

static void a_run_that_passed_has_no_signature(void **state)
{
    struct hb_result result;

    (void)state;
    make_header(row_named("a plain program that returns 0"));
    run_row(row_named("a plain program that returns 0"), &result);
    assert_string_equal(result.signature.hash, "");
    hb_record_free(&result);
}

/* SIGKILL, with so much CPU time used and such a hard limit on it. */
static void expect_killed(uint64_t program_ms, uint64_t limit_ms,
                          enum hb_cause cause, const char *words)
{
    struct hb_result result;
    struct hb_supervisor supervisor;
    struct hb_observation end = {
        .kind = HB_OBS_EXIT,
        .exit = { .kind = HB_EXIT_SIGNAL, .value = 9 },
        .resources = { .known = true,
                       .program_ms = program_ms,
                       .cpu_limit_ms = limit_ms },
    };

    make_header(row_named("a kill from somewhere"));
    hb_record_init(&result, &header);
    hb_supervisor_init(&supervisor, &header.policy);
    hb_record_add(&result, &end);
    hb_record_finish(&result, &supervisor);
    hb_judge(&result);
    assert_int_equal(result.verdict, HB_VERDICT_SILENT_DEATH);
    assert_int_equal(result.cause, cause);
    assert_non_null(strstr(result.summary, words));
    hb_record_free(&result);
}

static void a_kill_at_the_limit_on_cpu_time_is_told(void **state)
{
    (void)state;
    expect_killed(1600, 2000, HB_CAUSE_RESOURCE_LIMIT,
                  "its hard limit (ulimit -t) is 2 s");
    expect_killed(900, 2000, HB_CAUSE_TERMINATED_BY_OTHER, "not known");
    expect_killed(5000, 0, HB_CAUSE_TERMINATED_BY_OTHER, "not known");
}

/* Of a large tree more is told than a record holds. */
static void one_piece_of_each_kind_of_evidence_is_listed(void **state)
{
    struct hb_evidence piece = { .kind = "locks" };
    struct hb_observation seen = { .kind = HB_OBS_EVIDENCE,
                                   .evidence = &piece };
    struct hb_result result;

    (void)state;
    make_header(row_named(early));
    hb_record_init(&result, &header);
    for (size_t i = 0; i < 100; i++) {
        hb_record_add(&result, &seen);
    }
    piece = (struct hb_evidence){ .kind = "dump" };
    for (size_t i = 0; i < 40; i++) { /* all of them: somebody removes them */
        hb_record_add(&result, &seen);
    }
    piece =
        (struct hb_evidence){ .kind = "locks", .status = HB_EVIDENCE_FAILED };
    hb_record_add(&result, &seen);
    hb_record_add(&result, &seen);
    assert_int_equal(result.evidence_count, 48);
    assert_int_equal(result.evidence[6].status, HB_EVIDENCE_CAPTURED);
    assert_int_equal(result.evidence[7].status, HB_EVIDENCE_FAILED);
    assert_string_equal(result.evidence[47].kind, "dump");
    assert_int_equal(result.evidence_beyond_cap, 94);
    hb_record_free(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_end_gets_its_verdict_cause_and_status),
        cmocka_unit_test(the_cases_of_an_early_exit_are_passed_running_lost),
        cmocka_unit_test(lost_cases_without_a_name_are_all_listed_or_none),
        cmocka_unit_test(two_huge_plans_do_not_begin_anew_at_0),
        cmocka_unit_test(under_ctest_our_own_statuses_are_an_abnormal_end),
        cmocka_unit_test(a_failure_with_the_skip_code_is_no_skip_for_ctest),
        cmocka_unit_test(in_verdict_mode_statuses_are_plain_numbers),
        cmocka_unit_test(the_same_death_has_the_same_signature),
        cmocka_unit_test(a_run_that_passed_has_no_signature),
        cmocka_unit_test(a_kill_at_the_limit_on_cpu_time_is_told),
        cmocka_unit_test(one_piece_of_each_kind_of_evidence_is_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
