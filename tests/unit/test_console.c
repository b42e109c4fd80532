#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/samples.h"
#include "golden/golden.h"
#include "report/console.h"

#define FOLDER "/build/hbtest-artifacts/parser_test/1"

static struct hb_buffer verdict_of(const struct sample *sample)
{
    struct hb_buffer out = { 0 };

    hb_console_verdict(&sample->result, false, FOLDER, &out);
    return out;
}

static void every_sample_gives_its_golden_file(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SAMPLE_COUNT; i++) {
        struct sample sample;

        sample_make(&sample, i);

        struct hb_buffer out = verdict_of(&sample);

        golden_check(sample.name, "console", &out);
        hb_buffer_free(&out);
    }
}

static void a_terminal_is_shown_letters_and_nothing_else(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SAMPLE_COUNT; i++) {
        struct sample sample;

        sample_make(&sample, i);

        struct hb_buffer out = verdict_of(&sample);

        for (size_t at = 0; at < out.size; at++) {
            char letter = out.bytes[at];

            assert_true((unsigned char)letter >= 0x80 ||
                        (letter >= 0x20 && letter < 0x7f) || letter == '\n');
        }
        hb_buffer_free(&out);
    }
}

static void letters_are_shown_and_what_hides_among_them_is_not(void **state)
{
    static const struct {
        const char *name;
        const char *shown;
    } table[] = {
        { "gr\xc3\xbc\xc3\x9f \xe6\x97\xa5 \xf0\x9f\x98\x80",
          "gr\xc3\xbc\xc3\x9f \xe6\x97\xa5 \xf0\x9f\x98\x80" },
        { "csi \xc2\x9b", "csi \\xC2\\x9B" },
        { "turned \xe2\x80\xae", "turned \\xE2\\x80\\xAE" },
        { "isolated \xe2\x81\xa7", "isolated \\xE2\\x81\\xA7" },
        { "line \xe2\x80\xa8", "line \\xE2\\x80\\xA8" },
        { "overlong \xc0\xaf", "overlong \\xC0\\xAF" },
        { "cut \xe6\x97", "cut \\xE6\\x97" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct sample sample;
        struct hb_buffer out = { 0 };

        sample_make(&sample, 4);
        sample.header.name = table[i].name;
        hb_console_verdict(&sample.result, false, FOLDER, &out);
        assert_non_null(strstr(out.bytes, table[i].shown));
        hb_buffer_free(&out);
    }
}

static void a_pass_is_one_line(void **state)
{
    struct sample sample;

    (void)state;
    sample_make(&sample, 0);

    struct hb_buffer out = verdict_of(&sample);

    assert_string_equal(
        out.bytes, "hbtest: PASS parser_test: 2 cases passed after 1.2 s\n");
    hb_buffer_free(&out);
}

static void a_pass_still_shows_its_warnings(void **state)
{
    struct sample sample;

    (void)state;
    sample_make(&sample, 0);
    sample.result.warning_count = 1;
    (void)hb_text_copy(sample.warnings[0], HB_TEXT_SIZE, "careful");

    struct hb_buffer out = verdict_of(&sample);

    assert_non_null(strstr(out.bytes, "\n  warning: careful\n"));
    hb_buffer_free(&out);
}

static void a_bad_end_says_where_it_was_and_what_lies_where(void **state)
{
    static const char *const pieces[] = {
        "hbtest: SILENT DEATH parser_test: exit-before-completion: exit code 0 "
        "in case \"second\"",
        "\n  where: phase run, in case \"second\", last note \"opening",
        "\n  evidence: dump skipped: the process had ended before anybody "
        "could look\n",
        "\n  record: " FOLDER "\n",
    };
    struct sample sample;

    (void)state;
    sample_make(&sample, 3);

    struct hb_buffer out = verdict_of(&sample);

    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        assert_non_null(strstr(out.bytes, pieces[i]));
    }
    hb_buffer_free(&out);
}

static void colour_is_on_the_verdict_alone(void **state)
{
    struct sample sample;
    struct hb_buffer out = { 0 };

    (void)state;
    sample_make(&sample, 4);
    hb_console_verdict(&sample.result, true, FOLDER, &out);
    assert_non_null(
        strstr(out.bytes, "hbtest: \x1b[1;31mHANG\x1b[0m parser_test: "));
    assert_null(strchr(strstr(out.bytes, "parser_test"), '\x1b'));
    hb_buffer_free(&out);
}

static void ctest_gets_details_a_label_and_absolute_files(void **state)
{
    struct sample sample;
    struct hb_buffer out = { 0 };

    (void)state;
    sample_make(&sample, 4); /* hang, with stacks.txt */
    hb_console_ctest_tags(&sample.result, FOLDER, &out);
    golden_check(sample.name, "ctest", &out);
    assert_non_null(strstr(out.bytes, "<CTestLabel>hang</CTestLabel>\n"));
    assert_non_null(strstr(out.bytes, "<CTestMeasurementFile type=\"file\" "
                                      "name=\"stacks.txt\">" FOLDER
                                      "/stacks.txt</CTestMeasurementFile>\n"));
    hb_buffer_free(&out);
}

static void no_value_of_a_ctest_tag_has_an_angle_bracket(void **state)
{
    struct sample sample;
    struct hb_buffer out = { 0 };

    (void)state;
    sample_make(&sample, 8); /* hostile: <script> in its summary */
    hb_console_ctest_tags(&sample.result, FOLDER, &out);
    assert_non_null(strstr(out.bytes, "(script)\\xFF(/script)</CTestDetails>"));
    assert_null(strstr(out.bytes, "<script"));
    hb_buffer_free(&out);

    out = (struct hb_buffer){ 0 };
    hb_console_ctest_tags(&sample.result, "/a<b", &out);
    assert_null(strstr(out.bytes, "CTestMeasurementFile"));
    hb_buffer_free(&out);
}

static void a_pass_gives_ctest_no_tags(void **state)
{
    struct sample sample;
    struct hb_buffer out = { 0 };

    (void)state;
    sample_make(&sample, 0);
    hb_console_ctest_tags(&sample.result, FOLDER, &out);
    assert_int_equal(out.size, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sample_gives_its_golden_file),
        cmocka_unit_test(a_terminal_is_shown_letters_and_nothing_else),
        cmocka_unit_test(letters_are_shown_and_what_hides_among_them_is_not),
        cmocka_unit_test(a_pass_is_one_line),
        cmocka_unit_test(a_pass_still_shows_its_warnings),
        cmocka_unit_test(a_bad_end_says_where_it_was_and_what_lies_where),
        cmocka_unit_test(colour_is_on_the_verdict_alone),
        cmocka_unit_test(ctest_gets_details_a_label_and_absolute_files),
        cmocka_unit_test(no_value_of_a_ctest_tag_has_an_angle_bracket),
        cmocka_unit_test(a_pass_gives_ctest_no_tags),
    };

    golden_start(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
