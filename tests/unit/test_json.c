#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "fakes/samples.h"
#include "golden/golden.h"
#include "report/json.h"

/* The report of a result; the caller frees it. */
static struct hb_buffer write_json(const struct hb_result *result)
{
    struct hb_buffer out = { 0 };
    struct hb_error err = { 0 };

    assert_true(hb_json_write(result, &out, &err));
    return out;
}

/* Asserts that the report has, or has not, this piece. */
static void expect_piece(const struct hb_result *result, const char *piece,
                         bool there)
{
    struct hb_buffer out = write_json(result);
    bool found = strstr(out.bytes, piece) != NULL;

    if (found != there) {
        print_error("%s\n", out.bytes);
    }
    hb_buffer_free(&out);
    if (found != there) {
        fail_msg("%s: %s", there ? "missing" : "should not be there", piece);
    }
}

static void every_sample_gives_its_golden_file(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SAMPLE_COUNT; i++) {
        struct sample sample;

        sample_make(&sample, i);

        struct hb_buffer out = write_json(&sample.result);

        golden_check(sample.name, "json", &out);
        hb_buffer_free(&out);
    }
}

static void every_sample_is_json_that_cjson_reads(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SAMPLE_COUNT; i++) {
        struct sample sample;

        sample_make(&sample, i);

        struct hb_buffer out = write_json(&sample.result);
        cJSON *tree = cJSON_Parse(out.bytes);

        assert_non_null(tree);
        assert_string_equal(cJSON_GetObjectItem(tree, "schema")->valuestring,
                            "hbtest.result.v1");
        cJSON_Delete(tree);
        hb_buffer_free(&out);
    }
}

static void numbers_of_64_bits_come_out_digit_by_digit(void **state)
{
    struct sample sample;

    (void)state;
    sample_empty(&sample, "numbers");
    sample.result.heartbeat.beats = UINT64_C(18446744073709551615);
    sample.result.duration_ms = UINT64_C(9007199254740993);
    expect_piece(&sample.result, "\"beats\": 18446744073709551615,", true);
    expect_piece(&sample.result, "\"duration_ms\": 9007199254740993,", true);
}

static void what_is_not_known_is_left_out(void **state)
{
    static const char *const absent[] = {
        "\"exit\"",      "\"killed_by\"", "\"dialog\"",   "\"signature\"",
        "\"resources\"", "\"cause\"",     "\"first_ms\"", "\"last_stats\"",
        "\"fired\"",     "\"failure\"",   "\"cwd\"",      "\"cpus\"",
    };
    struct sample sample;

    (void)state;
    sample_empty(&sample, "unknown");
    sample.result.verdict = HB_VERDICT_PASS;
    sample.header.cwd = NULL;
    sample.header.host.cpus = 0;
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        expect_piece(&sample.result, absent[i], false);
    }
}

static void a_limit_that_is_off_is_null(void **state)
{
    struct sample sample;

    (void)state;
    sample_empty(&sample, "off");
    sample.result.heartbeat.hang_after_ms = HB_NO_LIMIT;
    expect_piece(&sample.result, "\"timeout_ms\": null", true);
    expect_piece(&sample.result, "\"hang_after_ms\": null", true);
}

static void a_case_that_never_said_how_it_ended_has_no_status(void **state)
{
    struct sample sample;

    (void)state;
    sample_empty(&sample, "unsaid");
    (void)sample_case(&sample, NULL, "a", HB_CASE_UNKNOWN);
    expect_piece(&sample.result, "\"status\"", false);
    expect_piece(&sample.result, "\"name\": \"a\"", true);
}

static void exit_code_137_is_not_signal_9(void **state)
{
    struct sample sample;

    (void)state;
    sample_empty(&sample, "spaces");
    sample.result.ended = true;
    sample.result.exit = (struct hb_exit){ HB_EXIT_CODE, 137, false };
    expect_piece(&sample.result, "\"kind\": \"code\"", true);
    expect_piece(&sample.result, "\"hex\": \"0x00000089\"", true);
    sample.result.exit = (struct hb_exit){ HB_EXIT_SIGNAL, 9, false };
    expect_piece(&sample.result, "\"kind\": \"signal\"", true);
    expect_piece(&sample.result, "\"name\": \"SIGKILL\"", true);
    expect_piece(&sample.result, "\"hex\"", false);
}

static void a_text_comes_out_as_legal_json(void **state)
{
    static const struct {
        const char *text;
        const char *expected;
    } rows[] = {
        { "plain", "\"plain\"" },
        { "\"\\/", "\"\\\"\\\\/\"" },
        { "\b\f\n\r\t\x01\x1f\x7f",
          "\"\\u0008\\u000c\\n\\r\\t\\u0001\\u001f\\u007f\"" },
        { "\xc3\xbc \xf0\x9f\x92\xa5", "\"\xc3\xbc \xf0\x9f\x92\xa5\"" },
        { "a\xff"
          "b",
          "\"a\xef\xbf\xbd"
          "b\"" },
        { "\xc3", "\"\xef\xbf\xbd\"" },
        { "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sample sample;
        char piece[200];

        sample_empty(&sample, "text");
        sample.header.name = rows[i].text;
        assert_true(hb_text_format(piece, sizeof(piece), "\"name\": %s,",
                                   rows[i].expected));
        expect_piece(&sample.result, piece, true);
    }
}

static void a_full_buffer_is_an_error_and_names_the_test(void **state)
{
    struct sample sample;
    struct hb_buffer out = { .cap = 100 };
    struct hb_error err = { 0 };

    (void)state;
    sample_empty(&sample, "full");
    assert_false(hb_json_write(&sample.result, &out, &err));
    assert_int_equal(err.code, HB_ERR_INTERNAL);
    assert_non_null(strstr(err.text, "'parser_test'"));
    hb_buffer_free(&out);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sample_gives_its_golden_file),
        cmocka_unit_test(every_sample_is_json_that_cjson_reads),
        cmocka_unit_test(numbers_of_64_bits_come_out_digit_by_digit),
        cmocka_unit_test(what_is_not_known_is_left_out),
        cmocka_unit_test(a_limit_that_is_off_is_null),
        cmocka_unit_test(a_case_that_never_said_how_it_ended_has_no_status),
        cmocka_unit_test(exit_code_137_is_not_signal_9),
        cmocka_unit_test(a_text_comes_out_as_legal_json),
        cmocka_unit_test(a_full_buffer_is_an_error_and_names_the_test),
    };

    golden_start(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
