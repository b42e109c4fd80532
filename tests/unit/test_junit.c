#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/samples.h"
#include "golden/golden.h"
#include "report/junit.h"

/* The report of a sample; the caller frees it. */
static struct hb_buffer write_junit(const struct sample *sample,
                                    enum hb_junit_flavor flavor)
{
    struct hb_buffer out = { 0 };
    struct hb_error err = { 0 };

    assert_true(
        hb_junit_write(&sample->result, &sample->output, flavor, &out, &err));
    return out;
}

static size_t count_pieces(const char *text, const char *piece)
{
    size_t count = 0;

    for (text = strstr(text, piece); text != NULL;
         text = strstr(text + strlen(piece), piece)) {
        count++;
    }
    return count;
}

/* Asserts that the extended report has this piece so many times. */
static void expect_pieces(const struct sample *sample, const char *piece,
                          size_t count)
{
    struct hb_buffer out = write_junit(sample, HB_JUNIT_EXTENDED);
    size_t found = count_pieces(out.bytes, piece);

    if (found != count) {
        print_error("%.4000s\n", out.bytes);
    }
    hb_buffer_free(&out);
    if (found != count) {
        fail_msg("%u times and not %u: %s", (unsigned)found, (unsigned)count,
                 piece);
    }
}

static void every_sample_gives_its_golden_files(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SAMPLE_COUNT; i++) {
        struct sample sample;

        sample_make(&sample, i);

        struct hb_buffer extended = write_junit(&sample, HB_JUNIT_EXTENDED);
        struct hb_buffer strict = write_junit(&sample, HB_JUNIT_STRICT);

        golden_check(sample.name, "xml", &extended);
        golden_check(sample.name, "strict.xml", &strict);
        hb_buffer_free(&extended);
        hb_buffer_free(&strict);
    }
}

static void the_case_in_flight_carries_the_error(void **state)
{
    struct sample sample;

    (void)state;
    sample_make(&sample, 3); /* silent-death */
    expect_pieces(&sample,
                  "<error type=\"silent-death/"
                  "exit-before-completion\" message=\"exit code 0",
                  1);
    expect_pieces(&sample, "<testcase ", 3);
    expect_pieces(&sample, " tests=\"3\" failures=\"0\" errors=\"1\"", 2);
    expect_pieces(&sample, "<skipped message=\"lost: never ran\"/>", 1);
    expect_pieces(&sample, " skipped=\"1\"", 1);
}

static void without_a_case_in_flight_the_program_carries_the_error(void **state)
{
    struct sample sample;

    (void)state;
    sample_make(&sample, 3);
    sample.cases[1].status = HB_CASE_PASSED;
    expect_pieces(&sample, "<testcase name=\"parser_test\"", 1);
    expect_pieces(&sample, "<error ", 1);
    expect_pieces(&sample, " tests=\"4\"", 2);
}

static void of_two_cases_in_flight_only_the_last_has_the_story(void **state)
{
    struct sample sample;

    (void)state;
    sample_make(&sample, 3);
    sample.cases[0].status = HB_CASE_RUNNING;
    expect_pieces(&sample, "<error ", 2);
    expect_pieces(&sample, "was in flight at the end, too", 1);
    expect_pieces(&sample, "<system-out>", 1);
    expect_pieces(&sample, " errors=\"2\"", 2);
}

static void
a_failed_case_is_a_failure_and_needs_no_testcase_for_the_program(void **state)
{
    struct sample sample;

    (void)state;
    sample_make(&sample, 2); /* fail */
    expect_pieces(&sample,
                  "<failure type=\"fail/case-failed\" "
                  "message=\"0x1 != 0x2\">",
                  1);
    expect_pieces(&sample, "<testcase ", 3);
    expect_pieces(&sample, " file=\"tests/parser.c\" line=\"9\">", 1);
}

static void
a_status_that_contradicts_the_cases_is_the_programs_failure(void **state)
{
    struct sample sample;

    (void)state;
    sample_make(&sample, 2);
    sample.result.cause = HB_CAUSE_STATUS_MISMATCH;
    expect_pieces(&sample, "<failure type=\"fail/status-mismatch\"", 1);
    expect_pieces(&sample, "<failure ", 2);
    expect_pieces(&sample, " failures=\"2\" errors=\"0\"", 2);
}

static void
a_skipped_program_without_cases_is_one_skipped_testcase(void **state)
{
    struct sample sample;

    (void)state;
    sample_empty(&sample, "skip");
    sample.result.verdict = HB_VERDICT_SKIP;
    sample.result.cause = HB_CAUSE_SKIP_CODE;
    expect_pieces(&sample, "<skipped message=", 1);
    expect_pieces(&sample, " skipped=\"1\"", 1);
    expect_pieces(&sample, "<testcase ", 1);
}

static void no_two_testcases_have_one_name(void **state)
{
    struct sample sample;

    (void)state;
    sample_make(&sample, 8); /* hostile: twice, twice (2), twice */
    expect_pieces(&sample, " name=\"s.twice\"", 1);
    expect_pieces(&sample, " name=\"s.twice (2)\"", 1);
    expect_pieces(&sample, " name=\"s.twice (3)\"", 1);
    expect_pieces(&sample, " name=\"(no name)\"", 1);
}

/* As many cases as a record may hold, all of one name: seconds would show. */
static void a_hundred_thousand_cases_of_one_name_are_told_apart(void **state)
{
    struct sample sample;
    struct hb_case *cases = calloc(HB_CASES_MAX, sizeof(*cases));

    (void)state;
    assert_non_null(cases);
    sample_empty(&sample, "many");
    sample.result.verdict = HB_VERDICT_PASS;
    for (size_t i = 0; i < HB_CASES_MAX; i++) {
        cases[i] = (struct hb_case){ .name = "same", .status = HB_CASE_PASSED };
    }
    sample.result.cases = cases;
    sample.result.case_count = HB_CASES_MAX;
    expect_pieces(&sample, " name=\"same (100000)\"", 1);
    free(cases);
}

static void long_names_are_cut_and_still_told_apart(void **state)
{
    char name[2000];
    struct sample sample;

    (void)state;
    memset(name, 'n', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    sample_empty(&sample, "long");
    sample.result.verdict = HB_VERDICT_PASS;
    (void)sample_case(&sample, NULL, name, HB_CASE_PASSED);
    (void)sample_case(&sample, NULL, name, HB_CASE_PASSED);
    expect_pieces(&sample, "nn (2)\"", 1);
    expect_pieces(&sample, name, 0);
}

static void output_is_cut_in_the_middle_with_a_mark(void **state)
{
    size_t size = 200 * 1024;
    char *bytes = malloc(size);
    struct sample sample;

    (void)state;
    assert_non_null(bytes);
    memset(bytes, 'x', size);
    memcpy(bytes, "HEAD", 4);
    memcpy(bytes + size - 4, "TAIL", 4);
    sample_make(&sample, 3);
    sample.output.bytes[HB_STDOUT] = bytes;
    sample.output.size[HB_STDOUT] = size;
    expect_pieces(&sample, "\n[... 73728 bytes left out by hbtest ...]\n", 1);
    expect_pieces(&sample, "<system-out>HEAD", 1);
    expect_pieces(&sample, "TAIL</system-out>", 1);
    free(bytes);
}

static void a_cut_never_splits_a_character(void **state)
{
    size_t count = 60 * 1024;
    char *bytes = malloc(3 * count);
    struct sample sample;

    (void)state;
    assert_non_null(bytes);
    for (size_t i = 0; i < count; i++) {
        memcpy(bytes + 3 * i, "\xe2\x82\xac", 3);
    }
    sample_make(&sample, 3);
    sample.output.bytes[HB_STDOUT] = bytes;
    sample.output.size[HB_STDOUT] = 3 * count;
    expect_pieces(&sample, "bytes left out", 1);
    expect_pieces(&sample, "\xef\xbf\xbd", 0);
    free(bytes);
}

static void attachments_stand_last_each_on_its_line(void **state)
{
    static const char *const attachments[] = { "a/dump.dmp", "b\n[[x]]" };
    struct sample sample;

    (void)state;
    sample_make(&sample, 3);
    sample.output.attachments = attachments;
    sample.output.attachment_count = 2;
    expect_pieces(&sample,
                  "second\n[[ATTACHMENT|a/dump.dmp]]\n"
                  "[[ATTACHMENT|b?[[x]]]]\n</system-out>",
                  1);
}

static void the_strict_flavour_has_nothing_that_jenkins_refuses(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SAMPLE_COUNT; i++) {
        struct sample sample;

        sample_make(&sample, i);

        struct hb_buffer out = write_junit(&sample, HB_JUNIT_STRICT);

        assert_int_equal(count_pieces(out.bytes, " file=\""), 0);
        assert_int_equal(count_pieces(out.bytes, " line=\""), 0);
        assert_int_equal(count_pieces(out.bytes, "<properties>"), 1);
        hb_buffer_free(&out);
    }
}

static void a_full_buffer_is_an_error_and_names_the_test(void **state)
{
    struct sample sample;
    struct hb_buffer out = { .cap = 100 };
    struct hb_error err = { 0 };

    (void)state;
    sample_make(&sample, 0);
    assert_false(
        hb_junit_write(&sample.result, NULL, HB_JUNIT_STRICT, &out, &err));
    assert_non_null(strstr(err.text, "'parser_test'"));
    hb_buffer_free(&out);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sample_gives_its_golden_files),
        cmocka_unit_test(the_case_in_flight_carries_the_error),
        cmocka_unit_test(
            without_a_case_in_flight_the_program_carries_the_error),
        cmocka_unit_test(of_two_cases_in_flight_only_the_last_has_the_story),
        cmocka_unit_test(
            a_failed_case_is_a_failure_and_needs_no_testcase_for_the_program),
        cmocka_unit_test(
            a_status_that_contradicts_the_cases_is_the_programs_failure),
        cmocka_unit_test(
            a_skipped_program_without_cases_is_one_skipped_testcase),
        cmocka_unit_test(no_two_testcases_have_one_name),
        cmocka_unit_test(a_hundred_thousand_cases_of_one_name_are_told_apart),
        cmocka_unit_test(long_names_are_cut_and_still_told_apart),
        cmocka_unit_test(output_is_cut_in_the_middle_with_a_mark),
        cmocka_unit_test(a_cut_never_splits_a_character),
        cmocka_unit_test(attachments_stand_last_each_on_its_line),
        cmocka_unit_test(the_strict_flavour_has_nothing_that_jenkins_refuses),
        cmocka_unit_test(a_full_buffer_is_an_error_and_names_the_test),
    };

    golden_start(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
