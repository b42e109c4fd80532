#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "folder.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/host.h"
#include "system.h"

static void expect_text(const char *path, const char *text)
{
    struct hb_error err = { 0 };
    char *bytes = NULL;
    size_t size = 0;

    if (!hb_file_read(path, 4096, &bytes, &size, &err)) {
        fail_msg("%s", err.text);
    }
    assert_string_equal(bytes, text);
    assert_int_equal(size, strlen(text));
    free(bytes);
}

static void a_file_is_replaced_as_a_whole(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    const char *path = in_folder("one");

    assert_true(hb_file_replace(path, "first, longer", 13, &err));
    assert_true(hb_file_replace(path, "second", 6, &err));
    expect_text(path, "second");
    hb_file_remove(path);
}

static void a_file_may_be_replaced_by_nothing(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    const char *path = in_folder("empty");

    assert_true(hb_file_replace(path, "", 0, &err));
    expect_text(path, "");
    hb_file_remove(path);
}

static void names_beyond_ascii_work(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    const char *path = in_folder("gr\xc3\xbc\xc3\x9f \xe2\x82\xac");

    assert_true(hb_file_replace(path, "x", 1, &err));
    expect_text(path, "x");
    hb_file_remove(path);
}

static void
replacing_where_no_folder_is_says_so_and_leaves_nothing(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    const char *path = in_folder("no/such/file");

    assert_false(hb_file_replace(path, "x", 1, &err));
    assert_int_equal(err.code, HB_ERR_WRITE);
    assert_true(err.os_code != 0);
    assert_false(hb_file_exists(path));
}

static void replacing_a_folder_fails_and_leaves_no_temporary_file(void **state)
{
    (void)state;
    struct hb_error err = { 0 };

    assert_true(hb_folder_make(in_folder("d/e"), &err));
    assert_false(hb_file_replace(in_folder("d"), "x", 1, &err));
    assert_int_equal(err.code, HB_ERR_WRITE);
    hb_folder_remove(in_folder("d/e"));
    hb_folder_remove(in_folder("d")); /* and folder_remove() finds the rest */
}

static void folders_are_made_with_those_above_them(void **state)
{
    (void)state;
    struct hb_error err = { 0 };

    assert_true(hb_folder_make(in_folder("a//b/c/"), &err));
    assert_true(hb_folder_make(in_folder("a/b/c"), &err)); /* again */
    assert_true(hb_file_exists(in_folder("a/b/c")));
    hb_folder_remove(in_folder("a/b")); /* not empty: stays */
    assert_true(hb_file_exists(in_folder("a/b/c")));
    hb_folder_remove(in_folder("a/b/c"));
    hb_folder_remove(in_folder("a/b"));
    hb_folder_remove(in_folder("a"));
}

static void a_file_in_the_way_of_a_folder_is_named(void **state)
{
    (void)state;
    struct hb_error err = { 0 };

    assert_true(hb_file_replace(in_folder("plain"), "x", 1, &err));
    assert_false(hb_folder_make(in_folder("plain/below/it"), &err));
    assert_int_equal(err.code, HB_ERR_WRITE);
    assert_non_null(strstr(err.text, "plain'"));
    assert_false(hb_folder_make(in_folder("plain"), &err));
    hb_file_remove(in_folder("plain"));
}

static void a_file_at_the_cap_is_read_and_one_beyond_is_not(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    const char *path = in_folder("ten");
    char *bytes = NULL;
    size_t size = 0;

    assert_true(hb_file_replace(path, "0123456789", 10, &err));
    assert_true(hb_file_read(path, 10, &bytes, &size, &err));
    assert_string_equal(bytes, "0123456789");
    free(bytes);
    bytes = NULL;
    assert_false(hb_file_read(path, 9, &bytes, &size, &err));
    assert_int_equal(err.code, HB_ERR_READ);
    assert_null(bytes);
    hb_file_remove(path);
}

static void a_file_larger_than_one_read_comes_whole(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    const char *path = in_folder("large");
    static char all[300000];
    char *bytes = NULL;
    size_t size = 0;

    for (size_t i = 0; i < sizeof(all); i++) {
        all[i] = (char)(i % 250);
    }
    assert_true(hb_file_replace(path, all, sizeof(all), &err));
    assert_true(hb_file_read(path, 1000000, &bytes, &size, &err));
    assert_int_equal(size, sizeof(all));
    assert_memory_equal(bytes, all, size);
    free(bytes);
    hb_file_remove(path);
}

static void a_missing_file_is_an_error_to_read_and_none_to_remove(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    char *bytes = NULL;
    size_t size = 0;

    assert_false(hb_file_read(in_folder("none"), 10, &bytes, &size, &err));
    assert_int_equal(err.code, HB_ERR_READ);
    assert_false(hb_file_exists(in_folder("none")));
    hb_file_remove(in_folder("none"));
}

static void an_appender_writes_through_at_once(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    struct hb_appender *appender = NULL;
    const char *path = in_folder("lines");
    size_t written = 0;

    assert_true(hb_file_replace(path, "old", 3, &err));
    assert_true(hb_appender_open(path, &appender, &err));
    expect_text(path, "");
    assert_true(hb_appender_write(appender, "one\n", 4, &written, &err));
    assert_int_equal(written, 4);
    expect_text(path, "one\n");
    assert_true(hb_appender_write(appender, "two\n", 4, NULL, &err));
    expect_text(path, "one\ntwo\n");
    hb_appender_close(appender);
    hb_appender_close(NULL);
    hb_file_remove(path);
}

static void room_that_is_not_used_is_no_part_of_the_file(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    struct hb_appender *appender = NULL;
    const char *path = in_folder("lines");

    assert_true(hb_appender_open(path, &appender, &err));
    assert_true(hb_appender_write(appender, "one\n", 4, NULL, &err));
    hb_appender_reserve(appender, 65536);
    expect_text(path, "one\n");
    assert_true(hb_appender_write(appender, "two\n", 4, NULL, &err));
    hb_appender_close(appender);
    expect_text(path, "one\ntwo\n");
    hb_file_remove(path);
}

static void appending_keeps_what_others_wrote(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    const char *path = in_folder("summary");

    assert_true(hb_file_append(path, "a", 1, &err));
    assert_true(hb_file_append(path, "b", 1, &err));
    expect_text(path, "ab");
    hb_file_remove(path);
    assert_false(hb_file_append(in_folder("no/summary"), "a", 1, &err));
    assert_int_equal(err.code, HB_ERR_WRITE);
}

static void an_absolute_path_needs_no_file(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    char current[1024];
    char made[2048];
    char small[4];

    assert_true(hb_path_current(current, sizeof(current), &err));
    assert_true(hb_path_absolute("not/there", made, sizeof(made), &err));
    assert_memory_equal(made, current, strlen(current));
    assert_true(strlen(made) == strlen(current) + 1 + strlen("not/there"));
    assert_true(hb_path_absolute(in_folder("x"), made, sizeof(made), &err));
    assert_memory_equal(made, folder_path(), strlen(folder_path()));
    assert_string_equal(made + strlen(folder_path()),
                        system_is_windows ? "\\x" : "/x");
    assert_false(hb_path_absolute("not/there", small, sizeof(small), &err));
    assert_false(hb_path_current(small, sizeof(small), &err));
}

static void the_clock_goes_on_and_its_units_agree(void **state)
{
    (void)state;
    uint64_t ns = hb_clock_ns();
    uint64_t ms = hb_clock_ms();

    assert_true(ms >= ns / 1000000u && ms - ns / 1000000u < 5000);
    assert_true(hb_clock_ns() >= ns);
    assert_true(hb_clock_unix_ms() > 1600000000000);
    assert_true(hb_clock_suspended_ms() < UINT64_MAX / 2);
}

static void the_host_is_described_and_every_lack_has_a_reason(void **state)
{
    (void)state;
    struct hb_host host;
    struct hb_ability abilities[32];

    hb_host_read(&host);
    assert_true(host.os[0] != '\0' && host.release[0] != '\0');
    assert_true(host.arch[0] != '\0' && host.name[0] != '\0');
    assert_true(host.cpus >= 1);
    assert_true(hb_host_pid() != 0);
    assert_true(hb_host_random() != hb_host_random());

    size_t count = hb_host_abilities(abilities, 32);
    assert_true(count > 0 && count < 32);
    for (size_t i = 0; i < count; i++) {
        assert_true(abilities[i].available || abilities[i].detail[0] != '\0');
    }
    assert_int_equal(hb_host_abilities(abilities, 1), 1);
}

static void a_variable_that_was_set_can_be_read(void **state)
{
    (void)state;
    struct hb_error err = { 0 };

    assert_null(hb_environment_get("HBTEST_NOT_SET_BY_ANYBODY"));
    assert_true(hb_environment_set("OS_TEST", "gr\xc3\xbc\xc3\x9f", &err));
    assert_string_equal(hb_environment_get("OS_TEST"), "gr\xc3\xbc\xc3\x9f");
}

static bool is_set(void *context, const char *text, struct hb_error *err)
{
    (void)err;
    *(int *)context += strcmp(text, "OS_EACH=gr\xc3\xbc\xc3\x9f") == 0;
    return true;
}

static bool refuse(void *context, const char *text, struct hb_error *err)
{
    (void)text;
    *(int *)context += 1;
    return hb_fail(err, HB_ERR_INTERNAL, 0, "no more");
}

static void each_variable_is_handed_on_until_one_is_refused(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    int count = 0;

    assert_true(hb_environment_set("OS_EACH", "gr\xc3\xbc\xc3\x9f", &err));
    assert_true(hb_environment_each(is_set, &count, &err));
    assert_int_equal(count, 1);
    assert_false(hb_environment_each(refuse, &count, &err));
    assert_int_equal(count, 2);
    assert_string_equal(err.text, "no more");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_replaced_as_a_whole),
        cmocka_unit_test(a_file_may_be_replaced_by_nothing),
        cmocka_unit_test(names_beyond_ascii_work),
        cmocka_unit_test(
            replacing_where_no_folder_is_says_so_and_leaves_nothing),
        cmocka_unit_test(replacing_a_folder_fails_and_leaves_no_temporary_file),
        cmocka_unit_test(folders_are_made_with_those_above_them),
        cmocka_unit_test(a_file_in_the_way_of_a_folder_is_named),
        cmocka_unit_test(a_file_at_the_cap_is_read_and_one_beyond_is_not),
        cmocka_unit_test(a_file_larger_than_one_read_comes_whole),
        cmocka_unit_test(a_missing_file_is_an_error_to_read_and_none_to_remove),
        cmocka_unit_test(an_appender_writes_through_at_once),
        cmocka_unit_test(room_that_is_not_used_is_no_part_of_the_file),
        cmocka_unit_test(appending_keeps_what_others_wrote),
        cmocka_unit_test(an_absolute_path_needs_no_file),
        cmocka_unit_test(the_clock_goes_on_and_its_units_agree),
        cmocka_unit_test(the_host_is_described_and_every_lack_has_a_reason),
        cmocka_unit_test(a_variable_that_was_set_can_be_read),
        cmocka_unit_test(each_variable_is_handed_on_until_one_is_refused),
    };

    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
