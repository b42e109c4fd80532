#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unit/completion_seen.h"

#define TWO "[==========] Running 2 test(s).\n"
#define TWO_RUN "[==========] 2 test(s) run.\n"
#define RUN(name) "[ RUN      ] " name "\n"
#define OK(name) "[       OK ] " name "\n"
#define FAILED(name) "[  FAILED  ] " name "\n"

static void a_pass_is_planned_run_and_complete(void **state)
{
    (void)state;
    seen_expect(TWO RUN("a") OK("a") RUN("b") OK("b") TWO_RUN,
                "[  PASSED  ] 2 test(s).\n",
                "plan  2\nbegin a\npassed a\nbegin b\npassed b\n"
                "complete 2\n");
}

static void a_death_leaves_the_case_in_flight(void **state)
{
    (void)state;
    seen_expect(TWO RUN("a") OK("a") RUN("b"), NULL,
                "plan  2\nbegin a\npassed a\nbegin b\n");
}

static void newer_versions_name_the_group(void **state)
{
    (void)state;
    seen_expect("[==========] tests: Running 1 test(s).\n" RUN("a")
                    OK("a") "[==========] tests: 1 test(s) run.\n",
                NULL,
                "plan tests 1\nbegin tests|a\npassed tests|a\ncomplete 1\n");
}

static void a_group_may_have_a_colon_in_its_name(void **state)
{
    (void)state;
    seen_expect("[==========] a: b: Running 0 test(s).\n"
                "[==========] a: b: 0 test(s) run.\n",
                NULL, "plan a: b 0\ncomplete 0\n");
}

static void a_mark_behind_output_of_the_test_is_found(void **state)
{
    (void)state;
    seen_expect(TWO RUN("a") "no newline" OK("a") "nor here" RUN("b")
                    OK("b") "bye" TWO_RUN,
                NULL,
                "plan  2\nbegin a\npassed a\nbegin b\npassed b\n"
                "complete 2\n");
}

static void a_mark_of_another_case_is_only_output(void **state)
{
    (void)state;
    seen_expect(TWO RUN("a") OK("b") "x" RUN("c") FAILED("ab") OK("a"), NULL,
                "plan  2\nbegin a\npassed a\n");
}

static void the_next_group_has_its_own_plan(void **state)
{
    (void)state;
    seen_expect(TWO RUN("a") OK("a") RUN("b") FAILED("b") TWO_RUN TWO RUN("a"),
                NULL,
                "plan  2\nbegin a\npassed a\nbegin b\nfailed b\n"
                "complete 2 failed\nplan  2\nbegin a\n");
}

static void a_case_that_was_not_set_up_failed(void **state)
{
    (void)state;
    seen_expect(TWO RUN("a") RUN("b") TWO_RUN,
                "Could not run test: Test setup failed\n"
                "[  ERROR   ] b\n",
                "plan  2\nbegin a\nfailed a\nbegin b\nfailed b\n"
                "complete 2 failed\n"
                "detail b :0 'Could not run test: Test setup failed'\n");
}

static void a_group_that_ran_none_of_its_cases_failed(void **state)
{
    (void)state;
    seen_expect(TWO "[==========] 0 test(s) run.\n", NULL,
                "plan  2\ncomplete 0 failed\n");
}

static void a_failed_group_teardown_is_a_failure(void **state)
{
    (void)state;
    seen_expect("[==========] Running 0 test(s).\n"
                "[==========] 0 test(s) run.\n",
                "[  FAILED  ] GROUP TEARDOWN\n[  ERROR   ] t\n",
                "plan  0\ncomplete 0\ncomplete 0 failed\n");
}

static void the_summary_makes_no_cases(void **state)
{
    (void)state;
    seen_expect("[==========] Running 1 test(s).\n" RUN("a")
                    OK("a") "[==========] 1 test(s) run.\n" FAILED("b"),
                "[  PASSED  ] 1 test(s).\n"
                "[  FAILED  ] 1 test(s), listed below:\n" FAILED("a"),
                "plan  1\nbegin a\npassed a\ncomplete 1\n");
}

static void a_caught_signal_is_the_text_of_the_failure(void **state)
{
    (void)state;
    seen_expect(TWO RUN("a"),
                "[  ERROR   ] --- Test failed with exception: "
                "Segmentation fault(11)\n",
                "plan  2\nbegin a\ndetail a :0 'Test failed with exception: "
                "Segmentation fault(11)'\n");
}

static void errors_on_stdout_are_read_as_well(void **state)
{
    (void)state;
    seen_expect(
        TWO RUN("a") "[  ERROR   ] --- 0x1 != 0x2\n"
                     "[   LINE   ] --- c.c:9: error: Failure!\n" FAILED("a"),
        NULL, "plan  2\nbegin a\ndetail a c.c:9 '0x1 != 0x2'\nfailed a\n");
}

static void each_failure_finds_its_text_on_the_other_stream(void **state)
{
    (void)state;
    seen_expect(TWO RUN("a") FAILED("a") RUN("b") FAILED("b") TWO_RUN,
                "[  ERROR   ] --- one\n[   LINE   ] --- c.c:1: error: x\n"
                "[  ERROR   ] --- two\n[   LINE   ] --- c.c:2: error: x\n",
                "plan  2\nbegin a\nfailed a\nbegin b\nfailed b\n"
                "complete 2 failed\ndetail a c.c:1 'one'\n"
                "detail b c.c:2 'two'\n");
}

static void a_leak_of_memory_is_told_without_a_place(void **state)
{
    (void)state;
    seen_expect(TWO RUN("a") FAILED("a") RUN("b"),
                "[  ERROR   ] --- Blocks allocated...\n"
                "c.c:9: note: block 0x1 allocated here\n"
                "ERROR: a leaked 1 block(s)\n"
                "\n"
                "output of b\n",
                "plan  2\nbegin a\nfailed a\nbegin b\n"
                "detail a :0 'Blocks allocated...\n"
                "c.c:9: note: block 0x1 allocated here\n"
                "ERROR: a leaked 1 block(s)'\n");
}

static void a_message_stands_on_the_line_before(void **state)
{
    (void)state;
    seen_expect(TWO RUN("a"),
                "ERROR: the pump broke\n"
                "[  ERROR   ] --- [   LINE   ] --- c.c:14: error: Failure!\n",
                "plan  2\nbegin a\ndetail a c.c:14 'the pump broke'\n");
}

static void a_test_program_inside_a_test_is_not_read(void **state)
{
    (void)state;
    seen_expect(TWO RUN("a") TWO RUN("x") FAILED("x") RUN("a") FAILED("a")
                    TWO_RUN OK("a")
                        RUN("b") "[==========] Running 1 test from 1 "
                                 "test suite.\n" RUN("S.x") OK("b"),
                NULL, "plan  2\nbegin a\npassed a\nbegin b\npassed b\n");
}

static void a_program_inside_that_died_does_not_hide_the_rest(void **state)
{
    (void)state;
    seen_expect(TWO RUN("a") TWO RUN("x") OK("a") RUN("b") OK("b") TWO_RUN,
                NULL,
                "plan  2\nbegin a\npassed a\nbegin b\npassed b\n"
                "complete 2\n");
}

static void what_only_looks_alike_is_not_read(void **state)
{
    (void)state;
    static const char *const outputs[] = {
        " " TWO RUN("a"),
        "1: " TWO RUN("a"),
        "[==========] Running 2 tests.\n" RUN("a"),
        "[==========] Running two test(s).\n" RUN("a"),
        "[==========] Running 2 test(s)\n" RUN("a"),
        "[==========] groups Running 2 test(s).\n" RUN("a"),
        "[=========] Running 2 test(s).\n" RUN("a"),
        RUN("a") OK("a") TWO_RUN,
        "Test project /build\n" TWO RUN("a"),
    };

    for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
        seen_expect(outputs[i], NULL, "");
    }
}

static void a_mark_at_the_end_of_a_line_of_a_megabyte_is_found(void **state)
{
    (void)state;
    struct hb_buffer out = { 0 };
    char chunk[1024];

    memset(chunk, '[', sizeof(chunk));
    hb_buffer_text(&out, TWO RUN("a"));
    for (int i = 0; i < 1024; i++) {
        hb_buffer_add(&out, chunk, sizeof(chunk));
    }
    hb_buffer_text(&out, OK("a"));
    assert_false(out.failed);
    seen_expect(out.bytes, NULL, "plan  2\nbegin a\npassed a\n");
    hb_buffer_free(&out);
}

static void what_the_loader_says_first_is_told(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "./t: error while loading shared libraries: libx.so: cannot open "
        "shared object file: No such file or directory",
        "./t: symbol lookup error: ./t: undefined symbol: f",
        "./t: /lib/libc.so.6: version `GLIBC_2.38' not found (required by "
        "./t)",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char expected[300];

        (void)hb_text_format(expected, sizeof(expected), "bad text '%s'\n",
                             texts[i]);
        seen_expect(NULL, texts[i], expected);
    }
}

static void what_the_test_says_of_a_loader_later_is_not(void **state)
{
    (void)state;
    seen_expect(NULL, "hello\n./t: symbol lookup error: f\n", "");
    seen_expect("./t: symbol lookup error: f\n", NULL, "");
    seen_expect(NULL, "version `1' is out\n", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pass_is_planned_run_and_complete),
        cmocka_unit_test(a_death_leaves_the_case_in_flight),
        cmocka_unit_test(newer_versions_name_the_group),
        cmocka_unit_test(a_group_may_have_a_colon_in_its_name),
        cmocka_unit_test(a_mark_behind_output_of_the_test_is_found),
        cmocka_unit_test(a_mark_of_another_case_is_only_output),
        cmocka_unit_test(the_next_group_has_its_own_plan),
        cmocka_unit_test(a_case_that_was_not_set_up_failed),
        cmocka_unit_test(a_group_that_ran_none_of_its_cases_failed),
        cmocka_unit_test(a_failed_group_teardown_is_a_failure),
        cmocka_unit_test(the_summary_makes_no_cases),
        cmocka_unit_test(a_caught_signal_is_the_text_of_the_failure),
        cmocka_unit_test(errors_on_stdout_are_read_as_well),
        cmocka_unit_test(each_failure_finds_its_text_on_the_other_stream),
        cmocka_unit_test(a_leak_of_memory_is_told_without_a_place),
        cmocka_unit_test(a_message_stands_on_the_line_before),
        cmocka_unit_test(a_test_program_inside_a_test_is_not_read),
        cmocka_unit_test(a_program_inside_that_died_does_not_hide_the_rest),
        cmocka_unit_test(what_only_looks_alike_is_not_read),
        cmocka_unit_test(a_mark_at_the_end_of_a_line_of_a_megabyte_is_found),
        cmocka_unit_test(what_the_loader_says_first_is_told),
        cmocka_unit_test(what_the_test_says_of_a_loader_later_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
