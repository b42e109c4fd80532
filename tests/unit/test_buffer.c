#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void an_empty_buffer_owns_nothing(void **state)
{
    (void)state;
    struct hb_buffer buffer = { 0 };

    hb_buffer_add(&buffer, NULL, 0);
    hb_buffer_text(&buffer, "");
    assert_null(buffer.bytes);
    assert_int_equal(buffer.size, 0);
    hb_buffer_free(&buffer);
    hb_buffer_free(&buffer);
}

static void appended_texts_stand_in_a_row(void **state)
{
    (void)state;
    struct hb_buffer buffer = { 0 };

    hb_buffer_text(&buffer, "a");
    hb_buffer_format(&buffer, "[%d|%s]", 42, "b");
    hb_buffer_add(&buffer, "c\0d", 3);
    assert_int_equal(buffer.size, 1 + 6 + 3);
    assert_memory_equal(buffer.bytes, "a[42|b]c\0d", 11);
    assert_false(buffer.failed);
    hb_buffer_free(&buffer);
}

static void a_long_text_is_formatted_whole(void **state)
{
    (void)state;
    struct hb_buffer buffer = { 0 };
    char text[5000];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (int i = 0; i < 10; i++) {
        hb_buffer_format(&buffer, "%s%d", text, i);
    }
    assert_int_equal(buffer.size, 50000);
    assert_int_equal(strlen(buffer.bytes), 50000);
    assert_int_equal(buffer.bytes[49999], '9');
    hb_buffer_free(&buffer);
}

static void many_small_texts_fill_it_to_the_cap(void **state)
{
    (void)state;
    struct hb_buffer buffer = { .cap = 1000 };

    for (int i = 0; i < 1000; i++) {
        hb_buffer_text(&buffer, "y");
    }
    assert_int_equal(buffer.size, 1000);
    assert_false(buffer.failed);
    hb_buffer_text(&buffer, "z");
    assert_true(buffer.failed);
    assert_int_equal(buffer.size, 1000);
    hb_buffer_free(&buffer);
}

static void after_a_failure_it_stays_as_it_is(void **state)
{
    (void)state;
    struct hb_buffer buffer = { .cap = 4 };

    hb_buffer_text(&buffer, "ab");
    hb_buffer_format(&buffer, "%s", "cdefg");
    hb_buffer_text(&buffer, "c");
    hb_buffer_format(&buffer, "d");
    assert_true(buffer.failed);
    assert_string_equal(buffer.bytes, "ab");
    assert_int_equal(buffer.size, 2);
    hb_buffer_free(&buffer);
}

static void a_size_beyond_all_memory_is_a_failure(void **state)
{
    (void)state;
    struct hb_buffer buffer = { .cap = SIZE_MAX };

    hb_buffer_add(&buffer, "b", SIZE_MAX);
    assert_true(buffer.failed);
    assert_null(buffer.bytes);
    hb_buffer_free(&buffer);
}

static void a_freed_buffer_can_be_used_again(void **state)
{
    (void)state;
    struct hb_buffer buffer = { .cap = 2 };

    hb_buffer_text(&buffer, "abc");
    hb_buffer_free(&buffer);
    hb_buffer_text(&buffer, "de");
    assert_false(buffer.failed);
    assert_string_equal(buffer.bytes, "de");
    hb_buffer_free(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_buffer_owns_nothing),
        cmocka_unit_test(appended_texts_stand_in_a_row),
        cmocka_unit_test(a_long_text_is_formatted_whole),
        cmocka_unit_test(many_small_texts_fill_it_to_the_cap),
        cmocka_unit_test(after_a_failure_it_stays_as_it_is),
        cmocka_unit_test(a_size_beyond_all_memory_is_a_failure),
        cmocka_unit_test(a_freed_buffer_can_be_used_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
