/* The judge against whole runs told as observations: a row is a way to end
 * and what must be said of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/record.h"
#include "core/record_cases.h"
#include "core/supervisor.h"
#include "core/verdict.h"

#define STORY_MAX 12

struct told {
    enum hb_observation_kind kind;
    enum hb_source source;
    const char *name;
    enum hb_case_status status;
    uint64_t count;
    bool failed;
    struct hb_exit exit;
};

struct row {
    const char *what;
    bool windows;
    struct told story[STORY_MAX];
    enum hb_verdict verdict;
    enum hb_cause cause;
    uint32_t status;
    bool by_signal;
};

#define STARTED                                                                \
    {                                                                          \
        .kind = HB_OBS_STARTED                                                 \
    }
#define ATTACHED                                                               \
    {                                                                          \
        .kind = HB_OBS_ATTACHED, .source = HB_SOURCE_RECORDER                  \
    }
#define GOODBYE                                                                \
    {                                                                          \
        .kind = HB_OBS_COMPLETE, .source = HB_SOURCE_RECORDER                  \
    }
#define PLAN(n)                                                                \
    {                                                                          \
        .kind = HB_OBS_PLAN, .source = HB_SOURCE_CMOCKA, .count = (n)          \
    }
#define BEGIN(case_name)                                                       \
    {                                                                          \
        .kind = HB_OBS_CASE_BEGIN, .source = HB_SOURCE_CMOCKA,                 \
        .name = (case_name)                                                    \
    }
#define END(case_name, how)                                                    \
    {                                                                          \
        .kind = HB_OBS_CASE_END, .source = HB_SOURCE_CMOCKA,                   \
        .name = (case_name), .status = (how)                                   \
    }
#define COMPLETE(said_no)                                                      \
    {                                                                          \
        .kind = HB_OBS_COMPLETE, .source = HB_SOURCE_CMOCKA,                   \
        .failed = (said_no)                                                    \
    }
#define EXIT_CODE(number)                                                      \
    {                                                                          \
        .kind = HB_OBS_EXIT, .exit = {                                         \
            .kind = HB_EXIT_CODE,                                              \
            .value = (number)                                                  \
        }                                                                      \
    }
#define EXIT_SIGNAL(number)                                                    \
    {                                                                          \
        .kind = HB_OBS_EXIT, .exit = {                                         \
            .kind = HB_EXIT_SIGNAL,                                            \
            .value = (number)                                                  \
        }                                                                      \
    }

static const struct row rows[] = {
    { "a plain program that returns 0",
      false,
      { STARTED, EXIT_CODE(0) },
      HB_VERDICT_PASS,
      HB_CAUSE_NONE,
      0,
      false },
    { "a plain program that returns 3",
      false,
      { STARTED, EXIT_CODE(3) },
      HB_VERDICT_FAIL,
      HB_CAUSE_EXIT_CODE,
      3,
      false },
    { "137 is an exit code, not a signal",
      false,
      { STARTED, EXIT_CODE(137) },
      HB_VERDICT_FAIL,
      HB_CAUSE_EXIT_CODE,
      137,
      false },
    { "a null pointer",
      false,
      { STARTED, EXIT_SIGNAL(11) },
      HB_VERDICT_CRASH,
      HB_CAUSE_ACCESS_VIOLATION,
      11,
      true },
    { "a kill from somewhere",
      false,
      { STARTED, EXIT_SIGNAL(9) },
      HB_VERDICT_SILENT_DEATH,
      HB_CAUSE_TERMINATED_BY_OTHER,
      9,
      true },
    { "a system call that is not allowed",
      false,
      { STARTED, EXIT_SIGNAL(31) },
      HB_VERDICT_SILENT_DEATH,
      HB_CAUSE_SECCOMP_KILL,
      31,
      true },
    { "exit(0) in the second of three cases",
      false,
      { STARTED, PLAN(3), BEGIN("first"), END("first", HB_CASE_PASSED),
        BEGIN("second"), EXIT_CODE(0) },
      HB_VERDICT_SILENT_DEATH,
      HB_CAUSE_EXIT_BEFORE_COMPLETION,
      120,
      false },
    { "exit(5) in the second of three cases",
      false,
      { STARTED, PLAN(3), BEGIN("first"), END("first", HB_CASE_PASSED),
        BEGIN("second"), EXIT_CODE(5) },
      HB_VERDICT_SILENT_DEATH,
      HB_CAUSE_EXIT_BEFORE_COMPLETION,
      5,
      false },
    { "a fixture that never says goodbye",
      false,
      { STARTED, ATTACHED, EXIT_CODE(0) },
      HB_VERDICT_SILENT_DEATH,
      HB_CAUSE_EXIT_BEFORE_COMPLETION,
      120,
      false },
    { "a fixture that says goodbye",
      false,
      { STARTED, ATTACHED, GOODBYE, EXIT_CODE(0) },
      HB_VERDICT_PASS,
      HB_CAUSE_NONE,
      0,
      false },
    { "a cmocka program with a failed case",
      false,
      { STARTED, PLAN(1), BEGIN("a"), END("a", HB_CASE_FAILED), COMPLETE(true),
        EXIT_CODE(1) },
      HB_VERDICT_FAIL,
      HB_CAUSE_CASE_FAILED,
      1,
      false },
    { "a failed case and status 0",
      false,
      { STARTED, PLAN(1), BEGIN("a"), END("a", HB_CASE_FAILED), COMPLETE(true),
        EXIT_CODE(0) },
      HB_VERDICT_FAIL,
      HB_CAUSE_STATUS_MISMATCH,
      120,
      false },
    { "all cases passed and status 4",
      false,
      { STARTED, PLAN(1), BEGIN("a"), END("a", HB_CASE_PASSED), COMPLETE(false),
        EXIT_CODE(4) },
      HB_VERDICT_FAIL,
      HB_CAUSE_STATUS_MISMATCH,
      4,
      false },
    { "as many failed cases as the skip code says",
      false,
      { STARTED, PLAN(1), BEGIN("a"), END("a", HB_CASE_FAILED), COMPLETE(true),
        EXIT_CODE(77) },
      HB_VERDICT_FAIL,
      HB_CAUSE_CASE_FAILED,
      77,
      false },
    { "the skip code",
      false,
      { STARTED, EXIT_CODE(77) },
      HB_VERDICT_SKIP,
      HB_CAUSE_SKIP_CODE,
      77,
      false },
    { "a dialect without a case",
      false,
      { STARTED, PLAN(0), COMPLETE(false), EXIT_CODE(0) },
      HB_VERDICT_FAIL,
      HB_CAUSE_NO_CASES,
      120,
      false },
    { "no status at all",
      false,
      { STARTED, { .kind = HB_OBS_EXIT } },
      HB_VERDICT_SILENT_DEATH,
      HB_CAUSE_VANISHED,
      120,
      false },
    { "the premature file was left",
      false,
      { STARTED, EXIT_CODE(0), { .kind = HB_OBS_PREMATURE_FILE } },
      HB_VERDICT_SILENT_DEATH,
      HB_CAUSE_EXIT_BEFORE_COMPLETION,
      120,
      false },
    { "a library that is missing",
      false,
      { STARTED,
        { .kind = HB_OBS_BAD_TEXT, .name = "libx.so: not there" },
        EXIT_CODE(127) },
      HB_VERDICT_CRASH,
      HB_CAUSE_DLL_NOT_FOUND,
      127,
      false },
    { "Ctrl-C",
      false,
      { STARTED,
        { .kind = HB_OBS_STOP_REQUEST, .count = 2 },
        { .kind = HB_OBS_STOPPED },
        EXIT_SIGNAL(15) },
      HB_VERDICT_INTERRUPTED,
      HB_CAUSE_SIGNAL,
      2,
      true },
    { "fast fail",
      true,
      { STARTED, EXIT_CODE(0xC0000409u) },
      HB_VERDICT_SILENT_DEATH,
      HB_CAUSE_FAST_FAIL,
      0xC0000409u,
      false },
    { "heap corruption",
      true,
      { STARTED, EXIT_CODE(0xC0000374u) },
      HB_VERDICT_SILENT_DEATH,
      HB_CAUSE_HEAP_CORRUPTION,
      0xC0000374u,
      false },
    { "STILL_ACTIVE is an exit code like any other",
      true,
      { STARTED, EXIT_CODE(259) },
      HB_VERDICT_FAIL,
      HB_CAUSE_EXIT_CODE,
      259,
      false },
    { "a status that only Windows reads as one",
      false,
      { STARTED, EXIT_CODE(0xC0000409u) },
      HB_VERDICT_FAIL,
      HB_CAUSE_EXIT_CODE,
      0xC0000409u,
      false },
};

static struct hb_run_header header;

static void make_header(const struct row *row)
{
    memset(&header, 0, sizeof(header));
    header.name = "sample";
    header.host.windows = row->windows;
    header.policy = (struct hb_policy){
        .hang_after_auto = true,
        .timeout_ms = HB_NO_LIMIT,
        .exit_within_ms = 10000,
        .deadline_ms = HB_NO_LIMIT,
        .grace_ms = 5000,
        .progress = HB_PROGRESS_AUTO,
        .has_skip_code = true,
        .skip_code = 77,
    };
}

static void tell_story(const struct row *row, struct hb_supervisor *sup,
                       struct hb_result *result)
{
    for (size_t i = 0; i < STORY_MAX; i++) {
        const struct told *told = &row->story[i];
        struct hb_observation seen = {
            .kind = told->kind,
            .source = told->source,
            .at_ms = i * 10,
            .pid = 100,
            .name = told->name,
            .text = told->name,
            .status = told->status,
            .count = told->count,
            .failed = told->failed,
            .exit = told->exit,
            .duration_ms = HB_NO_DURATION,
        };

        if (told->kind == HB_OBS_NONE) {
            break;
        }
        (void)hb_supervisor_step(sup, &seen);
        hb_record_add(result, &seen);
    }
}

static void run_row(const struct row *row, struct hb_result *result)
{
    struct hb_supervisor sup;

    hb_supervisor_init(&sup, &header.policy);
    hb_record_init(result, &header);
    tell_story(row, &sup, result);
    hb_record_finish(result, &sup);
    hb_judge(result);
}

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

/* A hang, up to its end. */
static void hang(struct hb_result *result, const struct hb_exit *exit,
                 bool stop_fails)
{
    static const struct hb_thread_sample thread = { .state = HB_THREAD_WAITING,
                                                    .wait = HB_WAIT_LOCK,
                                                    .tid = 1 };
    struct hb_supervisor sup;
    struct hb_observation seen = { .kind = HB_OBS_STARTED, .pid = 100 };
    static const enum hb_observation_kind story[] = {
        HB_OBS_STARTED, HB_OBS_OUTPUT, HB_OBS_TIMER,         HB_OBS_SAMPLE,
        HB_OBS_TIMER,   HB_OBS_SAMPLE, HB_OBS_EVIDENCE_DONE, HB_OBS_STOPPED,
        HB_OBS_KILLED,  HB_OBS_EXIT,
    };

    make_header(&rows[0]);
    header.policy.hang_after_auto = false;
    header.policy.hang_after_ms = 100;
    hb_supervisor_init(&sup, &header.policy);
    hb_record_init(result, &header);
    for (size_t i = 0; i < sizeof(story) / sizeof(story[0]); i++) {
        seen.kind = story[i];
        seen.at_ms = i * 60;
        seen.count = story[i] == HB_OBS_OUTPUT ? 1 : 0;
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
    hang(&result, &killed, false);
    assert_int_equal(result.verdict, HB_VERDICT_HANG);
    assert_int_equal(result.cause, HB_CAUSE_DEADLOCK);
    assert_int_equal(result.exit_status, 124);
    assert_int_equal(result.fired, HB_LIMIT_HANG);
    assert_true(result.killed_by.known);
    assert_non_null(strstr(result.summary, "hang-after 100 ms"));
    hb_record_free(&result);
}

static void
a_program_that_ended_by_itself_meanwhile_is_what_it_was(void **state)
{
    struct hb_exit well = { .kind = HB_EXIT_CODE, .value = 0 };
    struct hb_result result;

    (void)state;
    hang(&result, &well, true);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_end_gets_its_verdict_cause_and_status),
        cmocka_unit_test(the_cases_of_an_early_exit_are_passed_running_lost),
        cmocka_unit_test(under_ctest_our_own_statuses_are_an_abnormal_end),
        cmocka_unit_test(in_verdict_mode_statuses_are_plain_numbers),
        cmocka_unit_test(the_same_death_has_the_same_signature),
        cmocka_unit_test(a_run_that_passed_has_no_signature),
        cmocka_unit_test(a_hang_that_we_ended_is_a_hang),
        cmocka_unit_test(
            a_program_that_ended_by_itself_meanwhile_is_what_it_was),
        cmocka_unit_test(what_two_sources_tell_of_one_case_is_one_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
