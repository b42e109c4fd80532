/*
 * Where reports go: what may be replaced, what two spellings name, and how a
 * failure is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "folder.h"
#include "os/file.h"
#include "os/reason.h"
#include "skip.h"
#include "system.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void write_text(const char *path, const char *text)
{
    struct hb_error err = { 0 };

    if (!hb_file_replace(path, text, strlen(text), &err)) {
        fail_msg("%s", err.text);
    }
}

static void expect_text(const char *path, const char *text)
{
    struct hb_error err = { 0 };
    char *bytes = NULL;
    size_t size = 0;

    assert_true(hb_file_read(path, 4096, &bytes, &size, &err));
    assert_string_equal(bytes, text);
    assert_int_equal(size, strlen(text));
    free(bytes);
}

static void a_failure_is_told_in_the_words_of_the_system(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    char words[HB_REASON_SIZE];

    assert_false(hb_file_replace(in_folder("no/file"), "x", 1, &err));
    hb_reason_say(&err, words, sizeof(words));
    assert_non_null(strstr(words, "no/file' (error "));
    assert_non_null(
        strstr(words, system_is_windows ? "ath not found" : "No such file"));
    assert_null(strpbrk(words, "\r\n"));
    assert_int_equal(words[strlen(words) - 1], ')');
    assert_null(strstr(words, ".tmp")); /* the name that the user gave */
}

static void an_error_of_our_own_has_no_words_of_the_system(void **state)
{
    (void)state;
    struct hb_error err = { .text = "only this" };
    char words[HB_REASON_SIZE];

    hb_reason_say(&err, words, sizeof(words));
    assert_string_equal(words, "only this");
    err.os_code = 123456789; /* no system has that one */
    hb_reason_say(&err, words, sizeof(words));
    assert_non_null(strstr(words, "only this (error 123456789"));
}

static void what_is_no_regular_file_is_refused_by_name(void **state)
{
    (void)state;
    const char *device = system_is_windows ? "NUL" : "/dev/null";
    const char *names[] = { device, folder_path(),
                            "\\\\.\\pipe\\hbtest-nobody" };
    size_t count = system_is_windows ? COUNT(names) : COUNT(names) - 1;

    for (size_t i = 0; i < count; i++) {
        struct hb_error err = { 0 };

        assert_false(hb_file_check(names[i], &err));
        assert_non_null(strstr(err.text, names[i]));
        assert_non_null(strstr(err.text, "no regular file"));
        assert_false(hb_file_replace(names[i], "x", 1, &err));
        assert_non_null(strstr(err.text, names[i]));
    }
}

static void a_link_stays_and_what_it_names_is_replaced(void **state)
{
    (void)state;
    write_text(in_folder("real"), "old");
    if (!system_make_link("real", in_folder("link"))) {
        hb_file_remove(in_folder("real"));
        skip_because("Wine has no links, Windows not for everybody");
    }
    write_text(in_folder("link"), "new");
    expect_text(in_folder("real"), "new");
    assert_true(hb_file_same(in_folder("link"), in_folder("real")));
    hb_file_remove(in_folder("real"));
    assert_false(hb_file_exists(in_folder("link"))); /* still a link */
    hb_file_remove(in_folder("link"));
}

static void a_link_to_nothing_is_refused(void **state)
{
    (void)state;
    struct hb_error err = { 0 };

    if (!system_make_link("nothing", in_folder("link"))) {
        skip_because("Wine has no links, Windows not for everybody");
    }
    assert_false(hb_file_replace(in_folder("link"), "x", 1, &err));
    assert_non_null(strstr(err.text, "a link to nothing"));
    assert_false(hb_file_exists(in_folder("nothing")));
    hb_file_remove(in_folder("link"));
}

static void two_spellings_are_one_file(void **state)
{
    static const struct {
        const char *one;
        const char *other;
        bool same;
    } rows[] = {
        { "a", "a", true },          { "a", "./a", true },
        { "a", "sub/../a", true },   { "sub/a", "sub//a", true },
        { "a", "b", false },         { "a", "sub/a", false },
        { "no/a", "./no/a", false }, /* neither can be written */
    };
    struct hb_error err = { 0 };

    (void)state;
    assert_true(hb_folder_make(in_folder("sub"), &err));
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool same =
            hb_file_same(in_folder(rows[i].one), in_folder(rows[i].other));

        if (same != rows[i].same) {
            fail_msg("%s and %s", rows[i].one, rows[i].other);
        }
    }
    assert_int_equal(hb_file_same(in_folder("A.json"), in_folder("a.JSON")),
                     system_is_windows);
    hb_folder_remove(in_folder("sub"));
}

static void a_place_is_checked_and_nothing_is_made(void **state)
{
    (void)state;
    struct hb_error err = { 0 };

    assert_true(hb_file_check(in_folder("new"), &err));
    assert_false(hb_file_exists(in_folder("new")));
    assert_false(hb_file_check(in_folder("no/new"), &err));
    assert_non_null(strstr(err.text, "no/new'"));
    assert_int_equal(err.code, HB_ERR_WRITE);
    assert_false(hb_file_check(in_folder("new/"), &err));
    write_text(in_folder("old"), "x");
    assert_true(hb_file_check(in_folder("old"), &err));
    assert_false(hb_file_check(in_folder("old/new"), &err));
    expect_text(in_folder("old"), "x");
    hb_file_remove(in_folder("old"));
}

static void a_file_is_overwritten_where_it_is(void **state)
{
    (void)state;
    struct hb_error err = { 0 };

    write_text(in_folder("record"), "first, longer");
    assert_true(hb_file_overwrite(in_folder("record"), "short", 5, &err));
    expect_text(in_folder("record"), "short");
    assert_true(
        hb_file_overwrite(in_folder("record"), "longer again", 12, &err));
    expect_text(in_folder("record"), "longer again");
    hb_file_remove(in_folder("record"));
    assert_false(hb_file_overwrite(in_folder("record"), "x", 1, &err));
    assert_false(hb_file_exists(in_folder("record")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_is_told_in_the_words_of_the_system),
        cmocka_unit_test(an_error_of_our_own_has_no_words_of_the_system),
        cmocka_unit_test(what_is_no_regular_file_is_refused_by_name),
        cmocka_unit_test(a_link_stays_and_what_it_names_is_replaced),
        cmocka_unit_test(a_link_to_nothing_is_refused),
        cmocka_unit_test(two_spellings_are_one_file),
        cmocka_unit_test(a_place_is_checked_and_nothing_is_made),
        cmocka_unit_test(a_file_is_overwritten_where_it_is),
    };

    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
