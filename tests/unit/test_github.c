#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/samples.h"
#include "golden/golden.h"
#include "report/github.h"

static void every_bad_sample_gives_its_golden_files(void **state)
{
    (void)state;
    for (unsigned i = 2; i < SAMPLE_COUNT; i++) {
        struct sample sample;
        struct hb_buffer annotation = { 0 };
        struct hb_buffer summary = { 0 };

        sample_make(&sample, i);
        hb_github_annotation(&sample.result, "/r", &annotation);
        hb_github_summary(&sample.result, "/r", &summary);
        golden_check(sample.name, "annotation", &annotation);
        golden_check(sample.name, "md", &summary);
        hb_buffer_free(&annotation);
        hb_buffer_free(&summary);
    }
}

static void a_run_that_passed_or_was_skipped_says_nothing(void **state)
{
    static const enum hb_verdict verdicts[] = { HB_VERDICT_PASS,
                                                HB_VERDICT_SKIP };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct sample sample;
        struct hb_buffer out = { 0 };

        sample_make(&sample, 0);
        sample.result.verdict = verdicts[i];
        hb_github_annotation(&sample.result, "/r", &out);
        hb_github_summary(&sample.result, "/r", &out);
        assert_int_equal(out.size, 0);
    }
}

static void an_annotation_is_one_line_with_one_command(void **state)
{
    (void)state;
    for (unsigned i = 2; i < SAMPLE_COUNT; i++) {
        struct sample sample;
        struct hb_buffer out = { 0 };

        sample_make(&sample, i);
        hb_github_annotation(&sample.result, "/r", &out);
        assert_ptr_equal(strchr(out.bytes, '\n'), out.bytes + out.size - 1);
        assert_null(strchr(out.bytes, '\r'));
        assert_null(strchr(out.bytes, '\x1b'));
        hb_buffer_free(&out);
    }
}

static void an_annotation_points_at_the_failed_case(void **state)
{
    struct sample sample;
    struct hb_buffer out = { 0 };

    (void)state;
    sample_make(&sample, 2);
    hb_github_annotation(&sample.result, "/r", &out);
    assert_int_equal(strncmp(out.bytes,
                             "::error file=tests/parser.c,line=9,title=fail "
                             "(case-failed) in parser_test::1 of 3",
                             80),
                     0);
    hb_buffer_free(&out);
}

static void properties_escape_what_would_end_them(void **state)
{
    struct sample sample;
    struct hb_buffer out = { 0 };

    (void)state;
    sample_make(&sample, 8);
    hb_github_annotation(&sample.result, "/r", &out);
    assert_non_null(strstr(out.bytes, "file=C%3A\\a%2Cb%3Ac%25.c,line=1,"));
    assert_non_null(strstr(out.bytes, "100%25%0D%0A::warning::"));
    hb_buffer_free(&out);
}

static void an_interrupted_run_is_a_warning(void **state)
{
    struct sample sample;
    struct hb_buffer out = { 0 };

    (void)state;
    sample_make(&sample, 7);
    hb_github_annotation(&sample.result, "/r", &out);
    assert_int_equal(strncmp(out.bytes, "::warning title=interrupted", 27), 0);
    hb_buffer_free(&out);
}

static void a_long_message_is_cut_below_the_runners_limit(void **state)
{
    struct sample sample;
    struct hb_buffer out = { 0 };

    (void)state;
    sample_make(&sample, 3);
    for (int i = 0; i < 2; i++) {
        memset(sample.warnings[i], 'w', HB_TEXT_SIZE - 1);
        sample.warnings[i][i] = 'x';
    }
    memset(sample.result.summary, 's', HB_TEXT_SIZE - 1);
    memset(sample.result.signature.text, 't', 399);
    sample.result.warning_count = 2;
    sample.result.evidence_count = HB_EVIDENCE_MAX;
    for (size_t i = 0; i < HB_EVIDENCE_MAX; i++) {
        memset(sample.result.evidence[i].reason, 'r', 199);
    }
    hb_github_annotation(&sample.result, "/r", &out);
    assert_true(out.size > 3900 && out.size < 4200);
    hb_buffer_free(&out);
}

/* Every line of the table is one row, and nothing in it is markup. */
static void no_markup_comes_out_of_what_a_test_says(void **state)
{
    static const char *const live[] = { "<script", "`", "**", "\x1b", "@x" };
    struct sample sample;
    struct hb_buffer out = { 0 };

    (void)state;
    sample_make(&sample, 8);
    hb_github_summary(&sample.result, "/r", &out);
    for (const char *at = strstr(out.bytes, "|---|"); *at != '\0'; at++) {
        assert_true(*at != '\n' || at[1] == '|' || at[1] == '\n' ||
                    at[1] == '\0');
    }
    assert_non_null(strstr(out.bytes, "\\<script\\>"));
    for (size_t i = 0; i < sizeof(live) / sizeof(live[0]); i++) {
        const char *at = strstr(out.bytes, live[i]);

        assert_true(at == NULL || at[-1] == '\\');
    }
    hb_buffer_free(&out);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bad_sample_gives_its_golden_files),
        cmocka_unit_test(a_run_that_passed_or_was_skipped_says_nothing),
        cmocka_unit_test(an_annotation_is_one_line_with_one_command),
        cmocka_unit_test(an_annotation_points_at_the_failed_case),
        cmocka_unit_test(properties_escape_what_would_end_them),
        cmocka_unit_test(an_interrupted_run_is_a_warning),
        cmocka_unit_test(a_long_message_is_cut_below_the_runners_limit),
        cmocka_unit_test(no_markup_comes_out_of_what_a_test_says),
    };

    golden_start(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
