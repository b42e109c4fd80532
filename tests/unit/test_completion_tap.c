#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unit/completion_seen.h"

static void a_plan_that_got_its_points_is_complete(void **state)
{
    (void)state;
    seen_expect("1..2\nok 1 - a\nok 2 - b\n", NULL,
                "plan  2\npassed a\npassed b\ncomplete 2\n");
}

static void a_plan_that_lacks_a_point_is_not(void **state)
{
    (void)state;
    seen_expect("1..3\nok 1 - a\nnot ok 2 - b\n", NULL,
                "plan  3\npassed a\nfailed b\n");
}

static void a_number_that_comes_twice_is_no_other(void **state)
{
    (void)state;
    seen_expect("1..2\nok 1\nok 1\n", NULL,
                "plan  2\npassed 1\npassed 1\nexpected #2\n");
    seen_expect("TAP version 14\nok 1 - a\nok 2 - b\nok 2 - c\n1..3\n", NULL,
                "passed a\npassed b\npassed c\nplan  3\nexpected #3\n");
    seen_expect("1..3\nok 1\nok 3\nok 4\n", NULL,
                "plan  3\npassed 1\npassed 3\npassed 4\nexpected #2\n");
    seen_expect("1..3\nok 1\nok 3\nok 1\nok 2\n", NULL,
                "plan  3\npassed 1\npassed 3\npassed 1\npassed 2\n"
                "complete 4\n");
    seen_expect("1..9999999999\nok 1\nok 1\n", NULL,
                "plan  9999999999\npassed 1\npassed 1\n");
    seen_expect("1..1\nok 1\n1..2\nok 1\nok 2\n", NULL,
                "plan  1\npassed 1\ncomplete 1\nplan  2\npassed 1\n"
                "passed 2\ncomplete 3\n");
}

static void points_before_their_plan_are_held_back(void **state)
{
    (void)state;
    seen_expect("ok 1 - a\nok 2 - b\n", NULL, "");
    seen_expect("ok 1 - a\nok 2 - b\n1..2\n", NULL,
                "passed a\npassed b\nplan  2\ncomplete 2\n");
}

static void a_version_makes_the_first_point_sure(void **state)
{
    (void)state;
    seen_expect("TAP version 13\n", NULL, "");
    seen_expect("TAP version 13\nok\nnot ok - b\n", NULL,
                "passed 1\nfailed b\n");
}

static void directives_decide_what_a_point_is(void **state)
{
    (void)state;
    seen_expect("1..5\n"
                "ok 1 - a # SKIP no network\n"
                "not ok 2 # skip b\n"
                "not ok 3 - c # TODO later\n"
                "ok 4 - d # todo\n"
                "ok 5 - e # time=12.25ms\n",
                NULL,
                "plan  5\nskipped a\ndetail a :0 'no network'\nskipped 2\n"
                "detail 2 :0 'b'\nskipped c\ndetail c :0 'later'\npassed d\n"
                "passed e (12 ms)\ncomplete 5\n");
}

static void other_hashes_belong_to_the_name(void **state)
{
    (void)state;
    seen_expect("1..3\nok 1 - issue \\# skip\nok 2 - a#skip\nok 3 - b # 7\n",
                NULL,
                "plan  3\npassed issue \\# skip\npassed a#skip\n"
                "passed b # 7\ncomplete 3\n");
}

static void a_program_may_skip_itself(void **state)
{
    (void)state;
    seen_expect("1..0 # SKIP no hardware\n", NULL, "plan  0\ncomplete 0\n");
    seen_expect("1..0\n", NULL, "");
    seen_expect("TAP version 14\n1..0\n", NULL, "plan  0\ncomplete 0\n");
}

static void bailing_out_is_a_failed_end(void **state)
{
    (void)state;
    seen_expect("1..2\nok 1\nBail out! no disk\n", NULL,
                "plan  2\npassed 1\ncomplete 1 failed no disk\n");
    seen_expect("1..2\nok 1\nBail out!\n", NULL,
                "plan  2\npassed 1\ncomplete 1 failed no reason given\n");
    seen_expect("Bail out! no disk\n", NULL, "");
}

static void subtests_are_told_by_their_point(void **state)
{
    (void)state;
    seen_expect("1..1\n    1..2\n    not ok 1 - x\n    ok 2 - y\nok 1 - a\n",
                NULL, "plan  1\npassed a\ncomplete 1\n");
}

static void a_second_plan_begins_a_group(void **state)
{
    (void)state;
    seen_expect("1..1\nok 1 - a\n# ok - first\n1..2\nok 1 - b\n", NULL,
                "plan  1\npassed a\ncomplete 1\nplan  2\npassed b\n");
}

static void a_failed_fixture_of_a_group_ends_it(void **state)
{
    (void)state;
    seen_expect("1..2\nnot ok 0 - t [  FAILED  ] GROUP SETUP\n# ok - t\n", NULL,
                "plan  2\nfailed t [  FAILED  ] GROUP SETUP\n"
                "complete 0 failed\n");
}

static void the_next_point_is_found_behind_output(void **state)
{
    (void)state;
    seen_expect("1..3\nok 1 - a\nno newlineok 2 - b\nxnot ok 3 - c\n", NULL,
                "plan  3\npassed a\npassed b\nfailed c\ncomplete 3 failed\n");
    seen_expect("1..3\nok 1 - a\nall ok 2 times\nall ok 3 - b\n", NULL,
                "plan  3\npassed a\n");
}

static void comments_below_a_failure_explain_it(void **state)
{
    (void)state;
    seen_expect("1..2\nnot ok 1 - a\n# 0x1 != 0x2\n# c.c:9: error: Failure!\n"
                "ok 2 - b\n# fine\n",
                NULL,
                "plan  2\nfailed a\n"
                "detail a c.c:9 '0x1 != 0x2\nc.c:9: error: Failure!'\n"
                "passed b\ncomplete 2 failed\n");
}

static void yaml_below_a_failure_explains_it(void **state)
{
    (void)state;
    seen_expect("1..1\nnot ok 1 - a\n  ---\n  message: 'too wet'\n"
                "  other: x\n  file: \"c.c\"\n  line: 7\n  ...\n",
                NULL,
                "plan  1\nfailed a\ncomplete 1 failed\n"
                "detail a c.c:7 'too wet'\n");
}

static void yaml_that_never_ends_hides_nothing(void **state)
{
    (void)state;
    seen_expect("1..2\nnot ok 1 - a\n  ---\n  message: x\nok 2 - b\n", NULL,
                "plan  2\nfailed a\ndetail a :0 'x'\npassed b\n"
                "complete 2 failed\n");
}

static void what_only_looks_alike_is_not_read(void **state)
{
    (void)state;
    static const char *const outputs[] = {
        "ok\n",
        "ok 1 - a\nok\n",
        "1..5\n",
        "1..5\nok\n",
        "1..5\nokay 1 - a\n",
        "1..5 and more\nok 1 - a\n",
        " 1..5\nok 1 - a\n",
        "range 1..5\nok 1 - a\n",
        "1..5\nok 3 - a\n",
        "1..5\nok 1st - a\n",
        "ok 2 - a\n1..2\n",
        "TAP version 99\nok 1 - a\n",
        "see TAP version 13\nok 1 - a\n",
        "TAP version 13 is old\nok 1 - a\n",
        "t/a.t .. ok\nAll tests successful.\n",
    };

    for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
        seen_expect(outputs[i], NULL, "");
    }
    seen_expect(NULL, "1..1\nok 1 - a\n", "");
}

static void a_harness_that_sums_up_adds_no_point(void **state)
{
    (void)state;
    seen_expect("1..1\nok 1 - a\nok\n", NULL,
                "plan  1\npassed a\ncomplete 1\n");
}

static void tap_late_in_a_long_output_is_only_output(void **state)
{
    (void)state;
    struct hb_buffer out = { 0 };

    for (int i = 0; i < 20000; i++) {
        hb_buffer_text(&out, "a line of output\n");
    }
    hb_buffer_text(&out, "1..1\nok 1 - a\n");
    seen_expect(out.bytes, NULL, "");
    hb_buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_that_got_its_points_is_complete),
        cmocka_unit_test(a_plan_that_lacks_a_point_is_not),
        cmocka_unit_test(a_number_that_comes_twice_is_no_other),
        cmocka_unit_test(points_before_their_plan_are_held_back),
        cmocka_unit_test(a_version_makes_the_first_point_sure),
        cmocka_unit_test(directives_decide_what_a_point_is),
        cmocka_unit_test(other_hashes_belong_to_the_name),
        cmocka_unit_test(a_program_may_skip_itself),
        cmocka_unit_test(bailing_out_is_a_failed_end),
        cmocka_unit_test(subtests_are_told_by_their_point),
        cmocka_unit_test(a_second_plan_begins_a_group),
        cmocka_unit_test(a_failed_fixture_of_a_group_ends_it),
        cmocka_unit_test(the_next_point_is_found_behind_output),
        cmocka_unit_test(comments_below_a_failure_explain_it),
        cmocka_unit_test(yaml_below_a_failure_explains_it),
        cmocka_unit_test(yaml_that_never_ends_hides_nothing),
        cmocka_unit_test(what_only_looks_alike_is_not_read),
        cmocka_unit_test(a_harness_that_sums_up_adds_no_point),
        cmocka_unit_test(tap_late_in_a_long_output_is_only_output),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
