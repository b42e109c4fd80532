#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void a_time_is_rfc_3339_or_unix_seconds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t unix_ms;
    } rows[] = {
        { "1970-01-01T00:00:00Z", 0 },
        { "2026-01-31T12:00:00Z", INT64_C(1769860800000) },
        { "2026-01-31t12:00:00z", INT64_C(1769860800000) },
        { "2026-01-31 12:00:00Z", INT64_C(1769860800000) },
        { "2026-01-31T14:00:00+02:00", INT64_C(1769860800000) },
        { "2026-01-31T06:30:00-05:30", INT64_C(1769860800000) },
        { "2026-01-31T12:00:00.5Z", INT64_C(1769860800500) },
        { "2026-01-31T12:00:00.123456789Z", INT64_C(1769860800123) },
        { "2024-02-29T23:59:60Z", INT64_C(1709251200000) },
        { "2000-02-29T00:00:00Z", INT64_C(951782400000) },
        { "1969-12-31T23:59:59Z", -1000 },
        { "0000-01-01T00:00:00Z", INT64_C(-62167219200000) },
        { "9999-12-31T23:59:59Z", INT64_C(253402300799000) },
        { "0", 0 },
        { "1769860800", INT64_C(1769860800000) },
        { "1769860800.25", INT64_C(1769860800250) },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t unix_ms = 0;

        assert_true(hb_parse_time_ms(rows[i].text, &unix_ms));
        assert_int_equal(unix_ms, rows[i].unix_ms);
    }
}

static void what_is_no_time_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "now",
        "12:00:00",
        "2026-01-31",
        "2026-01-31T12:00:00",
        "2026-01-31T12:00Z",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-31T24:00:00Z",
        "2026-01-31T12:60:00Z",
        "2026-01-31T12:00:61Z",
        "2026-01-31T12:00:00.Z",
        "2026-01-31T12:00:00+02",
        "2026-01-31T12:00:00+24:00",
        "2026-01-31T12:00:00+0200",
        "2026-01-31T12:00:00Z ",
        "26-01-31T12:00:00Z",
        "-5",
        "1769860800000", /* somebody's milliseconds */
        "1769860800.",
        "1769860800s",
        "99999999999999999999",
    };

    for (size_t i = 0; i < COUNT(texts); i++) {
        int64_t unix_ms = 4711;

        if (hb_parse_time_ms(texts[i], &unix_ms) || unix_ms != 4711) {
            fail_msg("'%s' is taken", texts[i]);
        }
    }
}

static void a_time_is_written_with_milliseconds(void **state)
{
    (void)state;
    static const struct {
        int64_t unix_ms;
        const char *text;
        const char *compact;
    } rows[] = {
        { 0, "1970-01-01T00:00:00.000Z", "19700101T000000.000Z" },
        { INT64_C(1769860800123), "2026-01-31T12:00:00.123Z",
          "20260131T120000.123Z" },
        { -1, "1969-12-31T23:59:59.999Z", "19691231T235959.999Z" },
        { INT64_C(951782400000), "2000-02-29T00:00:00.000Z",
          "20000229T000000.000Z" },
        { INT64_C(253402300799999), "9999-12-31T23:59:59.999Z",
          "99991231T235959.999Z" },
        { INT64_MAX, "9999-12-31T23:59:59.807Z", "99991231T235959.807Z" },
        { INT64_MIN, "0000-01-01T00:00:00.192Z", "00000101T000000.192Z" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[HB_TIME_SIZE];

        hb_format_time(text, rows[i].unix_ms);
        assert_string_equal(text, rows[i].text);
        hb_format_time_compact(text, rows[i].unix_ms);
        assert_string_equal(text, rows[i].compact);
    }
}

/* 400 years of the calendar, a bit more than a day at a time. */
static void what_is_written_is_read_back(void **state)
{
    (void)state;
    const int64_t step = INT64_C(90061007);
    const int64_t last = INT64_C(400) * 366 * 86400 * 1000;

    for (int64_t unix_ms = 0; unix_ms < last; unix_ms += step) {
        char text[HB_TIME_SIZE];
        int64_t read = -1;

        hb_format_time(text, unix_ms);
        assert_true(hb_parse_time_ms(text, &read));
        assert_int_equal(read, unix_ms);
    }
}

static void a_duration_is_written_for_people(void **state)
{
    (void)state;
    static const struct {
        uint64_t ms;
        const char *text;
    } rows[] = {
        { 0, "0 ms" },
        { 250, "250 ms" },
        { 999, "999 ms" },
        { 1000, "1 s" },
        { 2500, "2.5 s" },
        { 2259, "2.25 s" },
        { 10000, "10 s" },
        { 20500, "20.5 s" },
        { 59999, "59.9 s" },
        { 60000, "1 min" },
        { 90000, "1 min 30 s" },
        { 3599999, "59 min 59 s" },
        { 3600000, "1 h" },
        { 5400000, "1 h 30 min" },
        { 86400000, "1 d" },
        { 90000000, "1 d 1 h" },
        { UINT64_MAX, "213503982334 d 14 h" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[HB_TIME_SIZE];

        hb_format_duration(text, rows[i].ms);
        assert_string_equal(text, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_is_rfc_3339_or_unix_seconds),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(a_time_is_written_with_milliseconds),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(a_duration_is_written_for_people),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
