#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unit/completion_seen.h"

#define ONE "[==========] Running 1 test from 1 test suite.\n"
#define ONE_RAN "[==========] 1 test from 1 test suite ran. (3 ms total)\n"
#define RUN(name) "[ RUN      ] " name "\n"
#define OK(name) "[       OK ] " name "\n"
#define FAILED(name) "[  FAILED  ] " name "\n"
#define PASSED(count) "[  PASSED  ] " count "\n"

static void a_pass_is_planned_run_and_complete(void **state)
{
    (void)state;
    seen_expect(ONE RUN("S.a") OK("S.a (3 ms)") ONE_RAN PASSED("1 test."), NULL,
                "plan  1\nbegin S|a\npassed S|a (3 ms)\ncomplete 1\n");
}

static void old_versions_speak_of_cases(void **state)
{
    (void)state;
    seen_expect(
        "[==========] Running 2 tests from 2 test cases.\n"
        "[==========] 2 tests from 2 test cases ran.\n" PASSED("2 tests."),
        NULL, "plan  2\ncomplete 2\n");
}

static void without_the_summary_it_is_not_complete(void **state)
{
    (void)state;
    seen_expect(ONE RUN("S.a") OK("S.a (3 ms)") ONE_RAN, NULL,
                "plan  1\nbegin S|a\npassed S|a (3 ms)\n");
}

static void a_parameter_may_hold_anything(void **state)
{
    (void)state;
    seen_expect(ONE RUN("I/P.even/1") FAILED(
                    "I/P.even/1, where GetParam() = (1, \"[       OK ] x\") "
                    "(0 ms)"),
                NULL, "plan  1\nbegin I/P|even/1\nfailed I/P|even/1 (0 ms)\n");
}

static void the_summary_makes_no_cases(void **state)
{
    (void)state;
    seen_expect(ONE RUN("S.a") FAILED("S.a (0 ms)") ONE_RAN PASSED("0 tests.")
                    FAILED("1 test, listed below:") FAILED("S.a"),
                NULL,
                "plan  1\nbegin S|a\nfailed S|a (0 ms)\ncomplete 1 failed\n");
}

static void a_suite_that_failed_is_a_failure(void **state)
{
    (void)state;
    seen_expect(ONE RUN("S.a") OK("S.a (0 ms)") ONE_RAN PASSED("1 test.")
                    FAILED("S: SetUpTestSuite or TearDownTestSuite"),
                NULL,
                "plan  1\nbegin S|a\npassed S|a (0 ms)\ncomplete 1\n"
                "complete 1 failed\n");
}

static void a_failure_between_cases_is_one(void **state)
{
    (void)state;
    seen_expect(ONE "f.cc:5: Failure\nwhy\n" RUN("S.a") OK("S.a (0 ms)")
                    ONE_RAN PASSED("1 test."),
                NULL,
                "plan  1\nbegin S|a\npassed S|a (0 ms)\n"
                "complete 1 failed\n");
}

static void each_failure_has_its_place_and_text(void **state)
{
    (void)state;
    seen_expect(
        ONE RUN("S.a") "/d/f.cc:5: Failure\nExpected\n  1\n"
                       "C:\\f.cc(7): error: Value of: x\nfalse\n"
                       "unknown file: Failure\nthrown\n" FAILED("S.a (0 ms)"),
        NULL,
        "plan  1\nbegin S|a\ndetail S|a /d/f.cc:5 'Expected\n  1'\n"
        "detail S|a C:\\f.cc:7 'Value of: x\nfalse'\n"
        "detail S|a :0 'thrown'\nfailed S|a (0 ms)\n");
}

static void a_caught_fault_on_windows_is_the_text_of_the_failure(void **state)
{
    (void)state;
    seen_expect(ONE RUN("S.a") "unknown file: error: SEH exception with code "
                               "0xc0000005 thrown in the test body.\n" FAILED(
                                   "S.a (0 ms)"),
                NULL,
                "plan  1\nbegin S|a\n"
                "detail S|a :0 'SEH exception with code 0xc0000005 thrown in "
                "the test body.'\nfailed S|a (0 ms)\n");
}

static void a_flood_below_a_failure_is_cut(void **state)
{
    (void)state;
    struct hb_buffer out = { 0 };

    hb_buffer_text(&out, ONE RUN("S.a") "f.cc:5: Failure\n");
    for (int i = 0; i < 1000; i++) {
        hb_buffer_text(&out, "x\n");
    }
    hb_buffer_text(&out, FAILED("S.a (0 ms)"));
    seen_expect(out.bytes, NULL,
                "plan  1\nbegin S|a\ndetail S|a f.cc:5 'x\nx\nx\nx\nx\nx\nx\n"
                "x\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\n"
                "x\nx\nx\nx\nx'\nfailed S|a (0 ms)\n");
    hb_buffer_free(&out);
}

static void each_iteration_takes_back_the_completion(void **state)
{
    (void)state;
    seen_expect(
        ONE RUN("S.a") OK("S.a") ONE_RAN PASSED(
            "1 test.") "\nRepeating all tests (iteration 2) . . .\n\n" ONE
            RUN("S.a"),
        NULL,
        "plan  1\nbegin S|a\npassed S|a\ncomplete 1\nplan  1\n"
        "begin S|a\n");
}

static void marks_behind_output_are_found(void **state)
{
    (void)state;
    seen_expect(
        ONE RUN("S.a") "x" OK("S.a (0 ms)") "bye" ONE_RAN PASSED("1 test."),
        NULL, "plan  1\nbegin S|a\npassed S|a (0 ms)\ncomplete 1\n");
}

static void colours_and_line_ends_do_not_matter(void **state)
{
    (void)state;
    seen_expect("\033[0;32m[==========] \033[mRunning 1 test from 1 test "
                "suite.\r\nx\033[0;32m[ RUN      ] \033[mS.a\r\n"
                "y\033[0;31m[  FAILED  ] \033[mS.a (2 ms)\r\n",
                NULL, "plan  1\nbegin S|a\nfailed S|a (2 ms)\n");
}

static void a_test_program_inside_a_test_is_not_read(void **state)
{
    (void)state;
    seen_expect(ONE RUN("S.a") ONE RUN("S.a") FAILED("S.a (0 ms)")
                    ONE_RAN PASSED("0 tests.") FAILED("1 test, listed below:")
                        FAILED("S.a") "\n 1 FAILED TEST\n" OK("S.a (9 ms)")
                            ONE_RAN PASSED("1 test."),
                NULL, "plan  1\nbegin S|a\npassed S|a (9 ms)\ncomplete 1\n");
}

static void a_case_that_lost_its_end_is_unknown(void **state)
{
    (void)state;
    seen_expect(ONE RUN("S.a") RUN("S.b") OK("S.b"), NULL,
                "plan  1\nbegin S|a\nunknown S|a\nbegin S|b\npassed S|b\n");
}

static void brief_output_is_known_by_its_end(void **state)
{
    (void)state;
    seen_expect(FAILED("S.a (0 ms)") FAILED("P.b/1, where GetParam() = 3 (1 "
                                            "ms)") ONE_RAN PASSED("0 tests."),
                NULL,
                "plan  1\nfailed S|a (0 ms)\nfailed P|b/1 (1 ms)\n"
                "complete 1 failed\n");
}

static void brief_output_without_its_end_is_only_output(void **state)
{
    (void)state;
    seen_expect(FAILED("S.a (0 ms)"), NULL, "");
    seen_expect(FAILED("S.a (0 ms)") ONE_RAN "x\n" PASSED("0 tests."), NULL,
                "");
    seen_expect(ONE_RAN PASSED("1 test."), NULL, "");
}

static void what_only_looks_alike_is_not_read(void **state)
{
    (void)state;
    static const char *const outputs[] = {
        "> " ONE RUN("S.a"),
        "[==========] Running 1 test from 1 test suite\n" RUN("S.a"),
        "[==========] Running 1 tests.\n" RUN("S.a"),
        "[==========] 1 test from 1 test suite.\n" RUN("S.a"),
        "[ RUN      ] S.a\n[       OK ] S.a (0 ms)\n",
        "S.\n  a\n  b\n", /* --gtest_list_tests */
    };

    for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
        seen_expect(outputs[i], NULL, "");
    }
    seen_expect(NULL, ONE RUN("S.a"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pass_is_planned_run_and_complete),
        cmocka_unit_test(old_versions_speak_of_cases),
        cmocka_unit_test(without_the_summary_it_is_not_complete),
        cmocka_unit_test(a_parameter_may_hold_anything),
        cmocka_unit_test(the_summary_makes_no_cases),
        cmocka_unit_test(a_suite_that_failed_is_a_failure),
        cmocka_unit_test(a_failure_between_cases_is_one),
        cmocka_unit_test(each_failure_has_its_place_and_text),
        cmocka_unit_test(a_caught_fault_on_windows_is_the_text_of_the_failure),
        cmocka_unit_test(a_flood_below_a_failure_is_cut),
        cmocka_unit_test(each_iteration_takes_back_the_completion),
        cmocka_unit_test(marks_behind_output_are_found),
        cmocka_unit_test(colours_and_line_ends_do_not_matter),
        cmocka_unit_test(a_test_program_inside_a_test_is_not_read),
        cmocka_unit_test(a_case_that_lost_its_end_is_unknown),
        cmocka_unit_test(brief_output_is_known_by_its_end),
        cmocka_unit_test(brief_output_without_its_end_is_only_output),
        cmocka_unit_test(what_only_looks_alike_is_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
