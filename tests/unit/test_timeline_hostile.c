#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/samples.h"
#include "report/timeline.h"

/* A header's line and an open timeline with `lines` behind it. */
struct reading {
    struct hb_buffer bytes;
    struct hb_timeline *timeline;
};

static void add_header(struct hb_buffer *bytes)
{
    struct sample sample;
    struct hb_error err = { 0 };

    sample_make(&sample, 0);
    assert_true(hb_timeline_header(&sample.header, bytes, &err));
}

static void open_bytes(struct reading *reading)
{
    struct hb_error err = { 0 };

    assert_true(hb_timeline_open(reading->bytes.bytes, reading->bytes.size,
                                 &reading->timeline, &err));
}

static void open_lines(struct reading *reading, const char *lines)
{
    *reading = (struct reading){ .timeline = NULL };
    add_header(&reading->bytes);
    hb_buffer_text(&reading->bytes, lines);
    open_bytes(reading);
}

static void close_reading(struct reading *reading)
{
    hb_timeline_free(reading->timeline);
    hb_buffer_free(&reading->bytes);
}

/* Asserts how many of `lines` can be read, and how many are skipped. */
static void expect_read(const char *lines, size_t read, size_t skipped,
                        bool torn)
{
    struct reading reading;
    struct hb_observation seen;
    size_t count = 0;

    open_lines(&reading, lines);
    while (hb_timeline_next(reading.timeline, &seen)) {
        count++;
    }
    if (count != read || hb_timeline_skipped(reading.timeline) != skipped) {
        print_error("%.200s\n", lines);
    }
    assert_int_equal(count, read);
    assert_int_equal(hb_timeline_skipped(reading.timeline), skipped);
    assert_int_equal(hb_timeline_torn(reading.timeline), torn);
    close_reading(&reading);
}

#define BEAT "{\"at_ms\":1,\"kind\":\"beat\",\"source\":\"recorder\"}"
#define BEAT_WITH(member)                                                      \
    "{\"at_ms\":1,\"kind\":\"beat\",\"source\":\"recorder\"," member "}\n"

static void a_torn_last_line_ends_the_reading(void **state)
{
    (void)state;
    expect_read(BEAT "\n" BEAT "\n{\"at_ms\":1,\"kind\":\"be", 2, 0, true);
    expect_read(BEAT "\n{", 1, 0, true);
    expect_read(BEAT "\n" BEAT, 2, 0, false);
    expect_read("", 0, 0, false);
}

static void
a_line_that_is_torn_in_the_middle_is_skipped_and_counted(void **state)
{
    (void)state;
    expect_read("{\"at_ms\":1,\"ki\n" BEAT "\n", 1, 1, false);
    expect_read("\n\r\n" BEAT "\r\n" BEAT " " BEAT "\n", 1, 3, false);
}

static void what_cannot_be_understood_is_skipped_and_counted(void **state)
{
    static const char *const lines[] = {
        "[]\n",
        "null\n",
        "7\n",
        "{}\n",
        "{\"at_ms\":1,\"kind\":\"dance\",\"source\":\"recorder\"}\n",
        "{\"at_ms\":1,\"kind\":\"beat\",\"source\":\"rumour\"}\n",
        "{\"at_ms\":1,\"kind\":\"beat\"}\n",
        "{\"kind\":\"beat\",\"source\":\"recorder\"}\n",
        "{\"at_ms\":null,\"kind\":\"beat\",\"source\":\"recorder\"}\n",
        "{\"at_ms\":\"x\",\"kind\":\"beat\",\"source\":\"recorder\"}\n",
        "{\"at_ms\":NaN,\"kind\":\"beat\",\"source\":\"recorder\"}\n",
        BEAT_WITH("\"pid\":4294967296"),
        BEAT_WITH("\"pid\":-1"),
        BEAT_WITH("\"pid\":1.5"),
        BEAT_WITH("\"pid\":1e999"),
        BEAT_WITH("\"pid\":\"4294967296\""),
        BEAT_WITH("\"count\":9007199254740993"),
        BEAT_WITH("\"count\":\"18446744073709551616\""),
        BEAT_WITH("\"count\":[]"),
        BEAT_WITH("\"text\":7"),
        BEAT_WITH("\"text\":{\"hex\":\"6\"}"),
        BEAT_WITH("\"text\":{\"hex\":\"zz\"}"),
        BEAT_WITH("\"text\":{\"hex\":\"6100\"}"),
        BEAT_WITH("\"text\":{}"),
        BEAT_WITH("\"text\":\"\\ud800\""),
        BEAT_WITH("\"failed\":\"yes\""),
        BEAT_WITH("\"status\":\"lively\""),
        BEAT_WITH("\"status\":1"),
        BEAT_WITH("\"exit\":7"),
        BEAT_WITH("\"exit\":{\"kind\":\"signal\",\"value\":\"x\"}"),
        BEAT_WITH("\"threads\":{}"),
        BEAT_WITH("\"threads\":[7,{\"tid\":-1}]"),
        BEAT_WITH("\"dialog\":{\"shown\":1}"),
        BEAT_WITH("\"evidence\":{\"status\":\"eaten\"}"),
        BEAT_WITH("\"process\":[]"),
        BEAT_WITH("\"stats\":{\"threads\":1e10}"),
        BEAT_WITH("\"resources\":{\"user_ms\":{}}"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        expect_read(lines[i], 0, 1, false);
    }
}

static void what_a_newer_version_adds_is_ignored(void **state)
{
    (void)state;
    expect_read(BEAT_WITH("\"mood\":{\"a\":[1,{}]}"), 1, 0, false);
    expect_read(BEAT_WITH("\"cause_hint\":\"new-cause\""), 1, 0, false);
}

static void the_largest_numbers_are_read_exactly(void **state)
{
    struct reading reading;
    struct hb_observation seen;

    (void)state;
    open_lines(&reading, BEAT_WITH("\"count\":\"18446744073709551615\","
                                   "\"duration_ms\":9007199254740991,"
                                   "\"pid\":4294967295"));
    assert_true(hb_timeline_next(reading.timeline, &seen));
    assert_true(seen.count == UINT64_MAX);
    assert_true(seen.duration_ms == UINT64_C(9007199254740991));
    assert_true(seen.pid == UINT32_MAX);
    close_reading(&reading);
}

static void a_line_that_nests_ten_thousand_deep_is_skipped(void **state)
{
    struct hb_buffer lines = { 0 };

    (void)state;
    hb_buffer_text(&lines, "{\"a\":");
    for (int i = 0; i < 10000; i++) {
        hb_buffer_text(&lines, "[");
    }
    hb_buffer_text(&lines, "\n" BEAT "\n");
    expect_read(lines.bytes, 1, 1, false);
    hb_buffer_free(&lines);
}

static void a_line_with_a_nul_is_skipped(void **state)
{
    struct reading reading = { .timeline = NULL };
    struct hb_observation seen;

    (void)state;
    add_header(&reading.bytes);
    hb_buffer_add(&reading.bytes, BEAT "\0\n" BEAT "\n", 2 * sizeof(BEAT) + 1);
    open_bytes(&reading);
    assert_true(hb_timeline_next(reading.timeline, &seen));
    assert_false(hb_timeline_next(reading.timeline, &seen));
    assert_int_equal(hb_timeline_skipped(reading.timeline), 1);
    close_reading(&reading);
}

static void time_never_goes_back(void **state)
{
    static const uint64_t expected[] = { 5, 5, 6 };
    struct reading reading;
    struct hb_observation seen;

    (void)state;
    open_lines(&reading,
               "{\"at_ms\":5,\"kind\":\"beat\",\"source\":\"recorder\"}\n"
               "{\"at_ms\":3,\"kind\":\"beat\",\"source\":\"recorder\"}\n"
               "{\"at_ms\":6,\"kind\":\"beat\",\"source\":\"recorder\"}\n");
    for (size_t i = 0; i < 3; i++) {
        assert_true(hb_timeline_next(reading.timeline, &seen));
        assert_int_equal(seen.at_ms, expected[i]);
    }
    close_reading(&reading);
}

static void a_first_line_that_is_no_header_is_refused_by_name(void **state)
{
    static const struct {
        const char *bytes;
        const char *said;
    } rows[] = {
        { "", "empty" },
        { "\n", "no JSON object" },
        { "hello\n", "no JSON object" },
        { "{}\n", "names no schema" },
        { "{\"schema\":7}\n", "names no schema" },
        { "{\"schema\":\"hbtest.timeline.v2\"}\n", "'hbtest.timeline.v2'" },
        { "{\"schema\":\"hbtest.timeline.v1\"}\n", "'name' is missing" },
        { "{\"schema\":\"hbtest.timeline.v1\",\"name\":\"n\",\"run_id\":\"r\","
          "\"attempt\":1,\"command\":[],\"started_at\":\"2026-01-31T12:00:00Z\""
          ",\"host\":{\"windows\":false},\"launcher\":{},\"policy\":{}}\n",
          "'hang_after_auto' is missing" },
        { "{\"schema\":\"hbtest.timeline.v1\",\"name\":\"n\",\"run_id\":\"r\","
          "\"attempt\":1,\"command\":[7],\"started_at\":\"noon\","
          "\"host\":{\"windows\":false},\"launcher\":{},\"policy\":{}}\n",
          "is missing or wrong" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct hb_timeline *timeline = NULL;
        struct hb_error err = { 0 };

        assert_false(hb_timeline_open(rows[i].bytes, strlen(rows[i].bytes),
                                      &timeline, &err));
        assert_null(timeline);
        assert_int_equal(err.code, HB_ERR_READ);
        if (strstr(err.text, rows[i].said) == NULL) {
            fail_msg("'%s' does not say %s", err.text, rows[i].said);
        }
    }
}

/* Each truncation of a timeline is read without harm. */
static void a_timeline_cut_anywhere_is_read_up_to_there(void **state)
{
    struct hb_buffer bytes = { 0 };
    struct hb_error err = { 0 };
    size_t header_size = 0;

    (void)state;
    add_header(&bytes);
    header_size = bytes.size;
    hb_buffer_text(&bytes, BEAT "\n" BEAT_WITH("\"text\":{\"hex\":\"61ff\"}"));
    for (size_t size = header_size; size < bytes.size; size++) {
        struct hb_timeline *timeline = NULL;
        struct hb_observation seen;
        char *copy = malloc(size); /* so that a look beyond is seen */

        assert_non_null(copy);
        memcpy(copy, bytes.bytes, size);
        assert_true(hb_timeline_open(copy, size, &timeline, &err));
        while (hb_timeline_next(timeline, &seen)) {
            assert_int_equal(seen.kind, HB_OBS_BEAT);
        }
        assert_int_equal(hb_timeline_skipped(timeline), 0);
        hb_timeline_free(timeline);
        free(copy);
    }
    hb_buffer_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_torn_last_line_ends_the_reading),
        cmocka_unit_test(
            a_line_that_is_torn_in_the_middle_is_skipped_and_counted),
        cmocka_unit_test(what_cannot_be_understood_is_skipped_and_counted),
        cmocka_unit_test(what_a_newer_version_adds_is_ignored),
        cmocka_unit_test(the_largest_numbers_are_read_exactly),
        cmocka_unit_test(a_line_that_nests_ten_thousand_deep_is_skipped),
        cmocka_unit_test(a_line_with_a_nul_is_skipped),
        cmocka_unit_test(time_never_goes_back),
        cmocka_unit_test(a_first_line_that_is_no_header_is_refused_by_name),
        cmocka_unit_test(a_timeline_cut_anywhere_is_read_up_to_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
