#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "folder.h"
#include "os/file.h"
#include "skip.h"
#include "system.h"

#define MARK_SIZE 64u
#define MIB ((size_t)1024 * 1024)

static char path[600];

static int make_folder(void **state)
{
    (void)folder_make(state);
    (void)snprintf(path, sizeof(path), "%s", in_folder("out.log"));
    return 0;
}

static int remove_folder(void **state)
{
    hb_file_remove(path);
    return folder_remove(state);
}

static char byte_at(uint64_t place)
{
    return (char)('a' + (place * 7 + place / 251) % 26);
}

/* Writes `total` bytes of the pattern, `step` at a time. */
static void write_log(uint64_t cap, uint64_t total, size_t step)
{
    struct hb_error err = { 0 };
    struct hb_log *log = NULL;
    char *bytes = malloc(step);

    assert_non_null(bytes);
    assert_true(hb_log_open(path, cap, &log, &err));
    for (uint64_t done = 0; done < total;) {
        size_t part = total - done < step ? (size_t)(total - done) : step;

        for (size_t i = 0; i < part; i++) {
            bytes[i] = byte_at(done + i);
        }
        assert_true(hb_log_write(log, bytes, part, &err));
        done += part;
    }
    free(bytes);
    assert_true(hb_log_close(log, &err));
}

static void expect_pattern(const char *bytes, uint64_t from, uint64_t size)
{
    for (uint64_t i = 0; i < size; i++) {
        if (bytes[i] != byte_at(from + i)) {
            fail_msg("byte %llu is not that of place %llu",
                     (unsigned long long)i, (unsigned long long)(from + i));
        }
    }
}

/* Head, mark with the right count, tail: or just the bytes. */
static void expect_log(uint64_t cap, uint64_t total)
{
    struct hb_error err = { 0 };
    char *bytes = NULL;
    size_t size = 0;
    char count[64];

    assert_true(hb_file_read(path, 16 * MIB, &bytes, &size, &err));
    if (total <= cap) {
        assert_int_equal(size, total);
        expect_pattern(bytes, 0, total);
    } else {
        uint64_t head = cap / 2;
        uint64_t tail = cap - head;

        assert_int_equal(size, cap + MARK_SIZE);
        expect_pattern(bytes, 0, head);
        expect_pattern(bytes + head + MARK_SIZE, total - tail, tail);
        (void)snprintf(count, sizeof(count), "\n[hbtest: %llu bytes are ",
                       (unsigned long long)(total - cap));
        assert_memory_equal(bytes + head, count, strlen(count));
        assert_int_equal(bytes[head + MARK_SIZE - 1], '\n');
    }
    free(bytes);
}

static void a_log_without_output_is_an_empty_file(void **state)
{
    (void)state;
    write_log(100, 0, 1);
    expect_log(100, 0);
    assert_true(hb_file_exists(path));
}

static void head_and_tail_are_kept_whatever_the_sizes(void **state)
{
    (void)state;
    static const uint64_t caps[] = { 0, 1, 2, 3, 10, 63, 64, 65, 200 };

    for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
        for (uint64_t total = 0; total < 3 * caps[i] + 140; total += 7) {
            write_log(caps[i], total, 1 + (size_t)total % 9);
            expect_log(caps[i], total);
        }
    }
}

static void a_large_tail_is_put_in_order_in_place(void **state)
{
    (void)state;
    static const uint64_t totals[] = {
        MIB + 1, MIB + 70000, 2 * MIB, 2 * MIB + 300000, 3 * MIB - 5,
    };

    for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++) {
        write_log(MIB, totals[i], 50000);
        expect_log(MIB, totals[i]);
    }
}

static void one_write_may_be_larger_than_the_cap(void **state)
{
    (void)state;
    write_log(1000, 100000, 100000);
    expect_log(1000, 100000);
}

static void a_log_that_was_never_closed_shows_that_it_is_cut(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    struct hb_log *log = NULL;
    static char bytes[1000];
    char *text = NULL;
    size_t size = 0;

    memset(bytes, 'x', sizeof(bytes));
    assert_true(hb_log_open(path, 100, &log, &err));
    assert_true(hb_log_write(log, bytes, sizeof(bytes), &err));
    assert_true(hb_file_read(path, 1000, &text, &size, &err));
    assert_non_null(strstr(text, "[hbtest: cut here"));
    free(text);
    assert_true(hb_log_close(log, &err));
}

static void a_log_in_a_folder_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    struct hb_log *log = NULL;

    assert_false(hb_log_open(in_folder("no/out.log"), 100, &log, &err));
    assert_int_equal(err.code, HB_ERR_WRITE);
    assert_non_null(strstr(err.text, "out.log"));
    assert_null(log);
}

static void closing_no_log_is_fine(void **state)
{
    (void)state;
    struct hb_error err = { 0 };

    assert_true(hb_log_close(NULL, &err));
}

static void a_full_disk_fails_at_once_and_keeps_what_is_there(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    struct hb_log *log = NULL;

    if (!hb_file_exists("/dev/full")) {
        skip_because("Windows has no file that is always full");
    }
    assert_true(hb_log_open("/dev/full", 100, &log, &err));
    assert_false(hb_log_write(log, "x", 1, &err));
    assert_int_equal(err.code, HB_ERR_WRITE);
    assert_true(err.os_code != 0);
    err.code = HB_OK;
    assert_false(hb_log_write(log, "y", 1, &err));
    assert_int_equal(err.code, HB_ERR_WRITE);
    assert_true(hb_log_close(log, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_without_output_is_an_empty_file),
        cmocka_unit_test(head_and_tail_are_kept_whatever_the_sizes),
        cmocka_unit_test(a_large_tail_is_put_in_order_in_place),
        cmocka_unit_test(one_write_may_be_larger_than_the_cap),
        cmocka_unit_test(a_log_that_was_never_closed_shows_that_it_is_cut),
        cmocka_unit_test(a_log_in_a_folder_that_is_not_there_is_an_error),
        cmocka_unit_test(closing_no_log_is_fine),
        cmocka_unit_test(a_full_disk_fails_at_once_and_keeps_what_is_there),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
