#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void a_cut_never_splits_a_character(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        size_t size;
        bool fits;
        const char *expected;
    } rows[] = {
        { "abc", 4, true, "abc" },
        { "abc", 3, false, "ab" },
        { "abc", 1, false, "" },
        { "", 1, true, "" },
        { "h\xc3\xa9", 4, true, "h\xc3\xa9" },
        { "h\xc3\xa9", 3, false, "h" },
        { "\xe2\x82\xac"
          "uro",
          5, false, "\xe2\x82\xacu" },
        { "\xe2\x82\xac"
          "uro",
          3, false, "" },
        { "\xf0\x9f\x98\x80!", 5, false, "\xf0\x9f\x98\x80" },
        { "\xf0\x9f\x98\x80!", 4, false, "" },
        { "\x80\x80\x80\x80\x80", 4, false, "\x80\x80\x80" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char copied[16] = "before";
        char formatted[16] = "before";

        assert_int_equal(hb_text_copy(copied, rows[i].size, rows[i].source),
                         rows[i].fits);
        assert_string_equal(copied, rows[i].expected);
        assert_int_equal(
            hb_text_format(formatted, rows[i].size, "%s", rows[i].source),
            rows[i].fits);
        assert_string_equal(formatted, rows[i].expected);
    }
}

static void of_a_path_that_is_too_long_the_end_is_kept(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        size_t size;
        const char *expected;
    } rows[] = {
        { "/a/core", 8, "/a/core" },
        { "/abc/core", 9, ".../core" },
        { "/ab\xc3\xa9/cor", 9, ".../cor" },
        { "", 8, "" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char copied[16] = "before";

        hb_text_copy_path(copied, rows[i].size, rows[i].path);
        assert_string_equal(copied, rows[i].expected);
    }
}

static void no_text_is_an_empty_one(void **state)
{
    (void)state;
    char target[4] = "abc";

    assert_true(hb_text_copy(target, sizeof(target), NULL));
    assert_string_equal(target, "");
}

static void a_target_without_room_is_left_alone(void **state)
{
    (void)state;
    char target[4] = "abc";

    assert_false(hb_text_copy(target, 0, "x"));
    assert_false(hb_text_format(target, 0, "x"));
    assert_string_equal(target, "abc");
}

static void copied_bytes_stop_at_a_nul(void **state)
{
    (void)state;
    char target[8] = "";

    assert_true(hb_text_copy_bytes(target, sizeof(target), "ab\0cd", 5));
    assert_string_equal(target, "ab");
    assert_true(hb_text_copy_bytes(target, sizeof(target), "abcdef", 3));
    assert_string_equal(target, "abc");
    assert_true(hb_text_copy_bytes(target, sizeof(target), NULL, 0));
    assert_string_equal(target, "");
}

static void only_valid_utf8_has_a_length(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
    } rows[] = {
        { "a", 1 },
        { "\x7f", 1 },
        { "\xc2\x80", 2 },
        { "\xdf\xbf", 2 },
        { "\xe0\xa0\x80", 3 },
        { "\xed\x9f\xbf", 3 },
        { "\xef\xbf\xbf", 3 },
        { "\xf0\x90\x80\x80", 4 },
        { "\xf4\x8f\xbf\xbf", 4 },
        { "\x80", 0 },             /* a continuation alone */
        { "\xc0\x80", 0 },         /* overlong */
        { "\xc1\xbf", 0 },         /* overlong */
        { "\xe0\x9f\xbf", 0 },     /* overlong */
        { "\xf0\x8f\xbf\xbf", 0 }, /* overlong */
        { "\xed\xa0\x80", 0 },     /* a surrogate */
        { "\xf4\x90\x80\x80", 0 }, /* beyond the last */
        { "\xf5\x80\x80\x80", 0 },
        { "\xff", 0 },
        { "\xe2\x82", 0 }, /* cut */
        { "\xe2\x28\xa1", 0 },
        { "\xf0\x90\x28\x80", 0 },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(hb_utf8_length(rows[i].bytes, strlen(rows[i].bytes)),
                         rows[i].length);
    }
    assert_int_equal(hb_utf8_length("a", 0), 0);
    assert_int_equal(hb_utf8_length("\0", 1), 1);
    assert_int_equal(hb_utf8_length("\xc2\x80", 1), 0);
}

static void a_base_name_is_what_follows_the_last_separator(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        bool windows;
        const char *expected;
    } rows[] = {
        { "test", false, "test" },
        { "/usr/bin/test", false, "test" },
        { "dir\\test", false, "dir\\test" },
        { "dir\\test.exe", true, "test.exe" },
        { "C:test.exe", true, "test.exe" },
        { "C:/a\\b/test.exe", true, "test.exe" },
        { "dir/", false, "" },
        { "", true, "" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_string_equal(hb_text_base_name(rows[i].path, rows[i].windows),
                            rows[i].expected);
    }
}

static void a_failure_is_one_line_whatever_it_quotes(void **state)
{
    (void)state;
    struct hb_error err = { 0 };

    assert_false(
        hb_fail(&err, HB_ERR_START, 13, "cannot start '%s'", "a\nb\tc\x1b[1m"));
    assert_int_equal(err.code, HB_ERR_START);
    assert_int_equal(err.os_code, 13);
    assert_string_equal(err.text, "cannot start 'a b c [1m'");
}

static void a_long_failure_is_cut_and_not_overflowed(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    char path[1000];

    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_false(hb_fail(&err, HB_ERR_READ, 0, "cannot read '%s'", path));
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

static void the_nearest_name_is_a_slip_away(void **state)
{
    (void)state;
    static const char *const names[] = { "hang-after", "timeout", "json",
                                         "junit", "keep" };
    static const struct {
        const char *text;
        const char *expected;
    } rows[] = {
        { "hang-afer", "hang-after" },
        { "hang_after", "hang-after" },
        { "HANG-AFTER", "hang-after" },
        { "tiemout", "timeout" },
        { "timout", "timeout" },
        { "jsn", "json" },
        { "jnuit", "junit" },
        { "kepe", "keep" },
        { "soak", NULL },
        { "x", NULL },
        { "", NULL },
        { "completely-different", NULL },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *nearest =
            hb_text_nearest(rows[i].text, names, COUNT(names));

        if (rows[i].expected == NULL) {
            assert_null(nearest);
        } else {
            assert_non_null(nearest);
            assert_string_equal(nearest, rows[i].expected);
        }
    }
}

static void a_word_of_any_length_can_be_looked_up(void **state)
{
    (void)state;
    char text[300];
    const char *name = "timeout";

    for (size_t size = 0; size < sizeof(text); size++) {
        memset(text, 't', size);
        text[size] = '\0';
        assert_null(hb_text_nearest(text, &name, 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_never_splits_a_character),
        cmocka_unit_test(of_a_path_that_is_too_long_the_end_is_kept),
        cmocka_unit_test(no_text_is_an_empty_one),
        cmocka_unit_test(a_target_without_room_is_left_alone),
        cmocka_unit_test(copied_bytes_stop_at_a_nul),
        cmocka_unit_test(only_valid_utf8_has_a_length),
        cmocka_unit_test(a_base_name_is_what_follows_the_last_separator),
        cmocka_unit_test(a_failure_is_one_line_whatever_it_quotes),
        cmocka_unit_test(a_long_failure_is_cut_and_not_overflowed),
        cmocka_unit_test(the_nearest_name_is_a_slip_away),
        cmocka_unit_test(a_word_of_any_length_can_be_looked_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
