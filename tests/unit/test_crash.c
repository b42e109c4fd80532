/* A program whose fixture says that it crashes: what the supervisor wants done
 * and what the judge makes of it. */
#include <string.h>

#include "base/text.h"
#include "core/fault.h"
#include "core/record.h"
#include "core/verdict.h"
#include "unit/script.h"

static void a_crash_is_looked_at_and_then_takes_its_course(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 5, HB_OBS_CRASHING, HB_ACTION_COLLECT, HB_SOURCE_RECORDER, 0, 0 },
        { 9, HB_OBS_EVIDENCE_DONE, HB_ACTION_NONE, 0, 0, 0 },
        { 10, HB_OBS_EXIT, HB_ACTION_SETTLE, 0, 0, 0 },
        { 11, HB_OBS_SETTLED, HB_ACTION_FINISH, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
    assert_int_equal(sup.crashed_pid, MAIN_PID);
    assert_int_equal(sup.fired, HB_LIMIT_NONE);
}

static void no_limit_fires_while_we_look(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 500, HB_OBS_CRASHING, HB_ACTION_COLLECT, HB_SOURCE_RECORDER, 0, 0 },
        { 1000, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 12000, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 12000, HB_OBS_EVIDENCE_DONE, HB_ACTION_NONE, 0, 0, 0 },
        /* What was left of its limit then is left of it now. */
        { 12499, HB_OBS_TIMER, HB_ACTION_NONE, 0, 0, 0 },
        { 12500, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
    assert_int_equal(sup.fired, HB_LIMIT_HANG);
}

static void a_suspect_that_crashes_is_no_longer_suspected(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 1000, HB_OBS_TIMER, HB_ACTION_SAMPLE, 0, 0, 0 },
        { 1001, HB_OBS_CRASHING, HB_ACTION_COLLECT, HB_SOURCE_RECORDER, 0, 0 },
        { 1002, HB_OBS_SAMPLE, HB_ACTION_NONE, 0, 0, 0 },
        { 1005, HB_OBS_EVIDENCE_DONE, HB_ACTION_NONE, 0, 0, 0 },
        { 1006, HB_OBS_EXIT, HB_ACTION_SETTLE, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
    assert_int_equal(sup.fired, HB_LIMIT_NONE);
}

static void there_is_one_look_a_run(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 5, HB_OBS_CRASHING, HB_ACTION_COLLECT, HB_SOURCE_RECORDER, 0, 0 },
        { 9, HB_OBS_EVIDENCE_DONE, HB_ACTION_NONE, 0, 0, 0 },
        { 10, HB_OBS_CRASHING, HB_ACTION_NONE, HB_SOURCE_RECORDER, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
    assert_int_equal(sup.state, HB_STATE_WATCHING);
}

static void children_that_crash_are_not_looked_at(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 1, HB_OBS_ATTACHED, HB_ACTION_NONE, HB_SOURCE_RECORDER, 0, 0 },
        { 5, HB_OBS_CRASHING, HB_ACTION_NONE, HB_SOURCE_RECORDER, 0,
          CHILD_PID },
        { 9, HB_OBS_CRASHING, HB_ACTION_COLLECT, HB_SOURCE_RECORDER, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
}

static void a_request_to_stop_ends_the_look(void **state)
{
    static const struct line script[] = {
        { 0, HB_OBS_STARTED, HB_ACTION_NONE, 0, 0, 0 },
        { 5, HB_OBS_CRASHING, HB_ACTION_COLLECT, HB_SOURCE_RECORDER, 0, 0 },
        { 6, HB_OBS_STOP_REQUEST, HB_ACTION_STOP, 0, 2, 0 },
        { 7, HB_OBS_EVIDENCE_DONE, HB_ACTION_NONE, 0, 0, 0 },
        { 8, HB_OBS_STOP_REQUEST, HB_ACTION_KILL, 0, 2, 0 },
        { 9, HB_OBS_EXIT, HB_ACTION_SETTLE, 0, 0, 0 },
    };

    (void)state;
    PLAY(&sup, script);
}

/* The judge */

#define STACK 0x7ffc00010000u

static void add(struct hb_result *result, struct hb_observation seen)
{
    seen.at_ms = 1;
    hb_record_add(result, &seen);
}

/* A program that said this and died of SIGSEGV; the caller frees the result. */
static void judge_segv(const struct hb_found_exception *first,
                       const struct hb_found_exception *second,
                       struct hb_result *result)
{
    static const struct hb_run_header header = { .name = "sample" };

    hb_record_init(result, &header);
    add(result,
        (struct hb_observation){ .kind = HB_OBS_STARTED, .pid = MAIN_PID });
    add(result, (struct hb_observation){ .kind = HB_OBS_CRASHING,
                                         .pid = first->pid,
                                         .exception = first });
    if (second != NULL) {
        add(result, (struct hb_observation){ .kind = HB_OBS_CRASHING,
                                             .pid = second->pid,
                                             .exception = second });
    }
    add(result,
        (struct hb_observation){ .kind = HB_OBS_EXIT,
                                 .pid = MAIN_PID,
                                 .exit = { HB_EXIT_SIGNAL, 11, false } });
    hb_judge(result);
    assert_int_equal(result->verdict, HB_VERDICT_CRASH);
}

static enum hb_cause cause_of(const struct hb_found_exception *first,
                              const struct hb_found_exception *second)
{
    struct hb_result result;

    judge_segv(first, second, &result);
    enum hb_cause cause = result.cause;

    hb_record_free(&result);
    return cause;
}

static const struct hb_found_exception overflow = {
    .pid = MAIN_PID,
    .tid = MAIN_PID,
    .code = 11,
    .reason = 1,
    .address = STACK - 8,
    .stack = STACK,
};

static void a_fault_at_the_stack_pointer_is_a_stack_overflow(void **state)
{
    (void)state;
    assert_int_equal(cause_of(&overflow, NULL), HB_CAUSE_STACK_OVERFLOW);
}

static void anything_less_is_an_access_violation(void **state)
{
    struct hb_found_exception cases[] = { overflow, overflow, overflow,
                                          overflow, overflow, overflow };

    (void)state;
    cases[0].address = 0;
    cases[1].address = STACK - 0x20000;
    cases[2].address = STACK + 0x20000;
    cases[3].reason = (uint32_t)-6; /* it was raised */
    cases[4].code = 7;              /* another death than this one */
    cases[5].pid = CHILD_PID;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(cause_of(&cases[i], NULL), HB_CAUSE_ACCESS_VIOLATION);
    }
}

static void the_test_program_counts_more_than_its_children(void **state)
{
    struct hb_found_exception child = overflow;

    (void)state;
    child.pid = CHILD_PID;
    child.address = 0;
    assert_int_equal(cause_of(&child, &overflow), HB_CAUSE_STACK_OVERFLOW);
    assert_int_equal(cause_of(&overflow, &child), HB_CAUSE_STACK_OVERFLOW);
}

static void summarize(const struct hb_found_exception *seen, char *text,
                      size_t size)
{
    struct hb_result result;

    judge_segv(seen, NULL, &result);
    assert_true(hb_text_copy(text, size, result.summary));
    hb_record_free(&result);
}

/* Its number is where the address of a fault would be. */
static void a_signal_that_somebody_sent_is_no_fault(void **state)
{
    struct hb_found_exception sent = overflow;
    char summary[HB_TEXT_SIZE];

    (void)state;
    summarize(&sent, summary, sizeof(summary));
    assert_null(strstr(summary, "no fault"));
    sent.reason = 0;
    sent.address = ((uint64_t)1000 << 32) | 4711;
    summarize(&sent, summary, sizeof(summary));
    assert_non_null(strstr(summary, "(no fault: process 4711 sent it)"));
    assert_null(strstr(summary, "at 0x"));
    sent.reason = (uint32_t)-6;
    sent.address = MAIN_PID;
    summarize(&sent, summary, sizeof(summary));
    assert_non_null(strstr(summary, "the program sent it to itself"));
}

/* Windows */

#define FAST_FAIL 0xC0000409u
#define APP_EXIT 0x40000015u

/* Of a program that ended so on Windows, and of which this was told. */
static void judge_windows(struct hb_exit how,
                          const struct hb_found_exception *told,
                          size_t told_count, struct hb_result *result)
{
    static struct hb_run_header header = { .name = "sample" };

    header.host.windows = true;
    hb_record_init(result, &header);
    add(result,
        (struct hb_observation){ .kind = HB_OBS_STARTED, .pid = MAIN_PID });
    for (size_t i = 0; i < told_count; i++) {
        add(result, (struct hb_observation){ .kind = i == 0 ? HB_OBS_CRASHING
                                                            : HB_OBS_EXCEPTION,
                                             .pid = told[i].pid,
                                             .exception = &told[i] });
    }
    add(result, (struct hb_observation){
                    .kind = HB_OBS_EXIT, .pid = MAIN_PID, .exit = how });
    hb_judge(result);
}

static void an_abort_is_a_crash_where_the_fixture_tells_it(void **state)
{
    static const struct {
        uint32_t status;
        uint32_t pid;
        uint32_t code;
        enum hb_verdict verdict;
    } rows[] = {
        { 3, MAIN_PID, APP_EXIT, HB_VERDICT_CRASH },
        { FAST_FAIL, MAIN_PID, APP_EXIT, HB_VERDICT_CRASH },
        { 3, CHILD_PID, APP_EXIT, HB_VERDICT_FAIL },
        { 3, MAIN_PID, 0xC0000005u, HB_VERDICT_FAIL },
        { 4, MAIN_PID, APP_EXIT, HB_VERDICT_FAIL }, /* it survived */
        { FAST_FAIL, CHILD_PID, APP_EXIT, HB_VERDICT_SILENT_DEATH },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct hb_found_exception told = { .pid = rows[i].pid,
                                                 .code = rows[i].code };
        struct hb_result result;

        judge_windows((struct hb_exit){ HB_EXIT_CODE, rows[i].status, false },
                      &told, 1, &result);
        assert_int_equal(result.verdict, rows[i].verdict);
        assert_int_equal(result.cause == HB_CAUSE_ABORT,
                         result.verdict == HB_VERDICT_CRASH);
        hb_record_free(&result);
    }
}

static void a_subcode_is_that_of_the_programs_own_fast_fail(void **state)
{
    const struct hb_found_exception own = { .pid = MAIN_PID,
                                            .code = FAST_FAIL,
                                            .has_parameter = true,
                                            .parameter = 2 };
    struct hb_found_exception none[] = { own, own, own, own };
    const struct hb_found_exception late[] = {
        { .pid = MAIN_PID, .code = APP_EXIT }, own
    };
    const struct hb_exit how = { HB_EXIT_CODE, FAST_FAIL, false };
    struct hb_result result;
    uint32_t subcode = 0;

    (void)state;
    judge_windows(how, late, 2, &result);
    assert_true(hb_fault_subcode(&result, &subcode));
    assert_int_equal(subcode, 2);
    assert_non_null(strstr(result.summary, "STACK_BUFFER_OVERRUN: fast fail, "
                                           "subcode 2 "
                                           "STACK_COOKIE_CHECK_FAILURE"));
    hb_record_free(&result);
    none[0].pid = CHILD_PID;
    none[1].code = 0xC0000005u;
    none[2].has_parameter = false;
    none[3].parameter = (uint64_t)1 << 32;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        judge_windows(how, &none[i], 1, &result);
        assert_false(hb_fault_subcode(&result, &subcode));
        hb_record_free(&result);
    }
    judge_windows((struct hb_exit){ HB_EXIT_CODE, 7, false }, &own, 1, &result);
    assert_false(hb_fault_subcode(&result, &subcode));
    hb_record_free(&result);
}

#define CASE(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_crash_is_looked_at_and_then_takes_its_course),
        CASE(no_limit_fires_while_we_look),
        CASE(a_suspect_that_crashes_is_no_longer_suspected),
        CASE(there_is_one_look_a_run),
        CASE(children_that_crash_are_not_looked_at),
        CASE(a_request_to_stop_ends_the_look),
        CASE(a_signal_that_somebody_sent_is_no_fault),
        CASE(a_fault_at_the_stack_pointer_is_a_stack_overflow),
        CASE(anything_less_is_an_access_violation),
        CASE(the_test_program_counts_more_than_its_children),
        CASE(an_abort_is_a_crash_where_the_fixture_tells_it),
        CASE(a_subcode_is_that_of_the_programs_own_fast_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
