#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/result.h"
#include "core/status.h"

static struct hb_exit code(uint32_t value)
{
    return (struct hb_exit){ .kind = HB_EXIT_CODE, .value = value };
}

static struct hb_exit signal_exit(uint32_t value)
{
    return (struct hb_exit){ .kind = HB_EXIT_SIGNAL, .value = value };
}

static void windows_statuses_are_known_by_their_shape(void **state)
{
    (void)state;
    static const uint32_t values[] = {
        0xC0000005, 0xC0000409, 0xC0001234, 0xC0190042, 0xC00D0001,
        0x80000003, 0x80000004, 0x40010004, 0x40010005, 0x40000015,
        0xE06D7363, 0x20474343, 0xE0434352, 0xCFFFFFFF,
    };

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct hb_exit exit = hb_exit_read(code(values[i]), true);

        assert_int_equal(exit.kind, HB_EXIT_NTSTATUS);
        assert_int_equal(exit.value, values[i]);
    }
}

static void habits_and_our_own_statuses_are_plain_codes(void **state)
{
    (void)state;
    static const uint32_t values[] = {
        0,          1,
        3,          255,
        259,        0xFFFFFFFF,
        0xFFFFFFFE, 0x80000000,
        0x7FFFFFFF, 0x80004005,
        0xC0FFEE00, 0xDEADBEEF,
        0xC0DE0078, HB_OWN_KILL_STATUS,
    };

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        assert_int_equal(hb_exit_read(code(values[i]), true).kind,
                         HB_EXIT_CODE);
    }
}

static void linux_statuses_stay_what_they_are(void **state)
{
    (void)state;
    assert_int_equal(hb_exit_read(code(0xC0000005), false).kind, HB_EXIT_CODE);
    assert_int_equal(hb_exit_read(code(137), true).kind, HB_EXIT_CODE);
    assert_int_equal(hb_exit_read(signal_exit(9), true).kind, HB_EXIT_SIGNAL);
    assert_int_equal(hb_exit_read((struct hb_exit){ 0 }, true).kind,
                     HB_EXIT_NONE);
}

struct row {
    enum hb_exit_kind kind;
    uint32_t value;
    enum hb_verdict verdict;
    enum hb_cause cause;
};

static void expect_class(const struct row *row)
{
    struct hb_exit exit = { .kind = row->kind, .value = row->value };
    enum hb_verdict verdict = HB_VERDICT_COUNT;
    enum hb_cause cause = HB_CAUSE_COUNT;

    hb_exit_classify(exit, &verdict, &cause);
    assert_string_equal(hb_verdict_name(verdict),
                        hb_verdict_name(row->verdict));
    assert_string_equal(hb_cause_name(cause), hb_cause_name(row->cause));
}

#define CRASH HB_VERDICT_CRASH
#define SILENT HB_VERDICT_SILENT_DEATH
#define NT HB_EXIT_NTSTATUS
#define SIGNAL HB_EXIT_SIGNAL

static void signals_are_classified(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { SIGNAL, 4, CRASH, HB_CAUSE_ILLEGAL_INSTRUCTION },
        { SIGNAL, 5, CRASH, HB_CAUSE_TRAP },
        { SIGNAL, 6, CRASH, HB_CAUSE_ABORT },
        { SIGNAL, 7, CRASH, HB_CAUSE_BUS_ERROR },
        { SIGNAL, 8, CRASH, HB_CAUSE_DIVIDE_BY_ZERO },
        { SIGNAL, 11, CRASH, HB_CAUSE_ACCESS_VIOLATION },
        { SIGNAL, 1, SILENT, HB_CAUSE_TERMINATED_BY_OTHER },
        { SIGNAL, 9, SILENT, HB_CAUSE_TERMINATED_BY_OTHER },
        { SIGNAL, 13, SILENT, HB_CAUSE_TERMINATED_BY_OTHER },
        { SIGNAL, 15, SILENT, HB_CAUSE_TERMINATED_BY_OTHER },
        { SIGNAL, 24, SILENT, HB_CAUSE_RESOURCE_LIMIT },
        { SIGNAL, 25, SILENT, HB_CAUSE_RESOURCE_LIMIT },
        { SIGNAL, 31, SILENT, HB_CAUSE_SECCOMP_KILL },
        { SIGNAL, 64, SILENT, HB_CAUSE_TERMINATED_BY_OTHER },
        { SIGNAL, 65, CRASH, HB_CAUSE_EXCEPTION },
        { SIGNAL, 0, CRASH, HB_CAUSE_EXCEPTION },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_class(&rows[i]);
    }
}

static void windows_statuses_are_classified(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { NT, 0xC0000005, CRASH, HB_CAUSE_ACCESS_VIOLATION },
        { NT, 0xC000001D, CRASH, HB_CAUSE_ILLEGAL_INSTRUCTION },
        { NT, 0xC0000094, CRASH, HB_CAUSE_DIVIDE_BY_ZERO },
        { NT, 0xC00000FD, CRASH, HB_CAUSE_STACK_OVERFLOW },
        { NT, 0x40000015, CRASH, HB_CAUSE_ABORT },
        { NT, 0x80000003, CRASH, HB_CAUSE_BREAKPOINT },
        { NT, 0xE06D7363, CRASH, HB_CAUSE_CPP_EXCEPTION },
        { NT, 0x20474343, CRASH, HB_CAUSE_CPP_EXCEPTION },
        { NT, 0xC0000135, CRASH, HB_CAUSE_DLL_NOT_FOUND },
        { NT, 0xC0000138, CRASH, HB_CAUSE_DLL_NOT_FOUND },
        { NT, 0xC0000139, CRASH, HB_CAUSE_DLL_NOT_FOUND },
        { NT, 0xC000007B, CRASH, HB_CAUSE_DLL_NOT_FOUND },
        { NT, 0xC0000142, CRASH, HB_CAUSE_DLL_INIT_FAILED },
        { NT, 0xC000026B, CRASH, HB_CAUSE_DLL_INIT_FAILED },
        { NT, 0xC0000409, SILENT, HB_CAUSE_FAST_FAIL },
        { NT, 0xC0000602, SILENT, HB_CAUSE_FAST_FAIL },
        { NT, 0xC0000374, SILENT, HB_CAUSE_HEAP_CORRUPTION },
        { NT, 0xC000013A, SILENT, HB_CAUSE_TERMINATED_BY_OTHER },
        { NT, 0xC0001234, CRASH, HB_CAUSE_EXCEPTION },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_class(&rows[i]);
    }
}

static void an_exit_code_is_not_classified(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { HB_EXIT_CODE, 0, HB_VERDICT_NONE, HB_CAUSE_NONE },
        { HB_EXIT_CODE, 139, HB_VERDICT_NONE, HB_CAUSE_NONE },
        { HB_EXIT_CODE, 0xC0000005, HB_VERDICT_NONE, HB_CAUSE_NONE },
        { HB_EXIT_NONE, 0, HB_VERDICT_NONE, HB_CAUSE_NONE },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_class(&rows[i]);
    }
}

static void an_exit_is_described_for_people(void **state)
{
    (void)state;
    static const struct {
        struct hb_exit exit;
        const char *text;
    } rows[] = {
        { { HB_EXIT_CODE, 3, false }, "exit code 3" },
        { { HB_EXIT_CODE, 0xFFFFFFFF, false },
          "exit code 4294967295 (0xFFFFFFFF)" },
        { { HB_EXIT_SIGNAL, 11, true }, "SIGSEGV (signal 11)" },
        { { HB_EXIT_SIGNAL, 99, false }, "signal 99" },
        { { HB_EXIT_NTSTATUS, 0xC0000005, false },
          "0xC0000005 STATUS_ACCESS_VIOLATION" },
        { { HB_EXIT_NTSTATUS, 0xC0001234, false }, "0xC0001234" },
        { { HB_EXIT_NONE, 0, false }, "no exit status" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[64];

        hb_exit_describe(rows[i].exit, text, sizeof(text));
        assert_string_equal(text, rows[i].text);
    }
}

static void names_and_meanings_are_those_of_the_systems(void **state)
{
    (void)state;
    assert_string_equal(hb_signal_name(1), "SIGHUP");
    assert_string_equal(hb_signal_name(15), "SIGTERM");
    assert_string_equal(hb_signal_name(34), "SIGRTMIN");
    assert_string_equal(hb_signal_name(64), "SIGRTMAX");
    assert_null(hb_signal_name(0));
    assert_null(hb_signal_name(65));
    assert_string_equal(hb_exit_meaning(signal_exit(9)), "killed");
    assert_null(hb_exit_name(code(9)));
    assert_null(hb_exit_meaning(code(9)));
}

static void every_signal_has_a_name(void **state)
{
    (void)state;
    for (uint32_t signal = 1; signal <= 64; signal++) {
        assert_non_null(hb_signal_name(signal));
    }
}

static void fast_fail_subcodes_have_their_sdk_names(void **state)
{
    (void)state;
    assert_string_equal(hb_fast_fail_name(0), "LEGACY_GS_VIOLATION");
    assert_string_equal(hb_fast_fail_name(7), "FATAL_APP_EXIT");
    assert_string_equal(hb_fast_fail_name(50), "HEAP_METADATA_CORRUPTION");
    assert_string_equal(hb_fast_fail_name(77), "KERNEL_POINTER_EXPECTED");
    assert_string_equal(hb_fast_fail_name(UINT32_MAX),
                        "INVALID_FAST_FAIL_CODE");
    assert_null(hb_fast_fail_name(15));
    assert_null(hb_fast_fail_name(78));
}

static void what_a_framework_says_of_a_caught_fault_is_understood(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct hb_exit exit;
    } rows[] = {
        { "Test failed with exception: Segmentation fault(11)",
          { HB_EXIT_SIGNAL, 11, false } },
        { "Test failed with exception: (8)", { HB_EXIT_SIGNAL, 8, false } },
        { "EXCEPTION_ACCESS_VIOLATION occurred at 00000001400015fd.",
          { HB_EXIT_NTSTATUS, 0xC0000005, false } },
        { "EXCEPTION_INT_DIVIDE_BY_ZERO occurred at 0.",
          { HB_EXIT_NTSTATUS, 0xC0000094, false } },
        { "SEH exception with code 0xc00000fd thrown in the test body.",
          { HB_EXIT_NTSTATUS, 0xC00000FD, false } },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct hb_exit exit = { 0 };

        assert_true(hb_exit_caught(rows[i].text, &exit));
        assert_int_equal(exit.kind, rows[i].exit.kind);
        assert_int_equal(exit.value, rows[i].exit.value);
    }
}

static void other_texts_tell_of_no_caught_fault(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "0x1 != 0x2",
        "Test failed with exception: ",
        "Test failed with exception: x(y)",
        "Test failed with exception: x(11",
        "EXCEPTION_ACCESS_VIOLATION",
        "EXCEPTION_OF_MY_OWN occurred at 5.",
        "SEH exception with code 0xc0000005",
        "SEH exception with code 0xc0000005c0000005 thrown",
        "C++ exception with description \"x\" thrown in the test body.",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct hb_exit exit = { .value = 7 };

        assert_false(hb_exit_caught(texts[i], &exit));
        assert_int_equal(exit.value, 7);
    }
}

/* Each name once, and none missing: a value added to an enum wants a word. */
static void every_verdict_and_cause_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = 1; i < HB_VERDICT_COUNT; i++) {
        assert_string_not_equal(hb_verdict_name((enum hb_verdict)i), "");
    }
    for (int i = 1; i < HB_CAUSE_COUNT; i++) {
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(hb_cause_name((enum hb_cause)i),
                                    hb_cause_name((enum hb_cause)j));
        }
    }
    assert_string_equal(hb_cause_name(HB_CAUSE_EXIT_BEFORE_COMPLETION),
                        "exit-before-completion");
    assert_string_equal(hb_cause_name(HB_CAUSE_COUNT), "");
    assert_string_equal(hb_verdict_name(HB_VERDICT_SILENT_DEATH),
                        "silent-death");
}

static void phases_and_limits_have_the_names_of_the_report(void **state)
{
    (void)state;
    assert_string_equal(hb_phase_name(HB_PHASE_START_UP), "start-up");
    assert_string_equal(hb_phase_name(HB_PHASE_RUN), "run");
    assert_string_equal(hb_phase_name(HB_PHASE_TEARDOWN), "teardown");
    assert_string_equal(hb_limit_name(HB_LIMIT_NONE), "");
    assert_string_equal(hb_limit_name(HB_LIMIT_HANG), "hang_after");
    assert_string_equal(hb_limit_name(HB_LIMIT_TIMEOUT), "timeout");
    assert_string_equal(hb_limit_name(HB_LIMIT_EXIT_WITHIN), "exit_within");
    assert_string_equal(hb_limit_name(HB_LIMIT_DEADLINE), "deadline");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_statuses_are_known_by_their_shape),
        cmocka_unit_test(habits_and_our_own_statuses_are_plain_codes),
        cmocka_unit_test(linux_statuses_stay_what_they_are),
        cmocka_unit_test(signals_are_classified),
        cmocka_unit_test(windows_statuses_are_classified),
        cmocka_unit_test(an_exit_code_is_not_classified),
        cmocka_unit_test(an_exit_is_described_for_people),
        cmocka_unit_test(names_and_meanings_are_those_of_the_systems),
        cmocka_unit_test(every_signal_has_a_name),
        cmocka_unit_test(fast_fail_subcodes_have_their_sdk_names),
        cmocka_unit_test(what_a_framework_says_of_a_caught_fault_is_understood),
        cmocka_unit_test(other_texts_tell_of_no_caught_fault),
        cmocka_unit_test(every_verdict_and_cause_has_a_name_of_its_own),
        cmocka_unit_test(phases_and_limits_have_the_names_of_the_report),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
