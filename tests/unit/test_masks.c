#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/masks.h"

/* What was taken, each value in brackets. */
static struct hb_buffer taken;

static int begin(void **state)
{
    (void)state;
    memset(&taken, 0, sizeof(taken));
    hb_buffer_text(&taken, "");
    return 0;
}

static int end(void **state)
{
    (void)state;
    hb_buffer_free(&taken);
    return 0;
}

static void take(void *context, const char *value, size_t size)
{
    (void)context;
    assert_int_equal(strlen(value), size);
    hb_buffer_format(&taken, "[%s]", value);
}

/* The text in pieces of `step` bytes. */
static void feed(const char *text, size_t step)
{
    struct hb_mask_reader reader = { 0 };
    size_t size = strlen(text);

    taken.size = 0;
    for (size_t at = 0; at < size; at += step) {
        size_t part = size - at < step ? size - at : step;

        hb_masks_feed(&reader, text + at, part, take, NULL);
    }
    hb_masks_end(&reader, take, NULL);
    hb_buffer_free(&reader.line);
}

static const struct row {
    const char *text;
    const char *wanted;
} rows[] = {
    { "::add-mask::abc\n", "[abc]" },
    { "x\n::add-mask::abc\r\ny\n::add-mask::d e\n", "[abc][d e]" },
    { "::add-mask::without an end", "[without an end]" },
    { " \t::add-mask::abc\n", "[abc]" },
    { "::Add-Mask::abc\n", "[abc]" },
    { "::add-mask a=b::abc\n", "[abc]" },
    { "::add-mask::a::b\n", "[a::b]" },
    { "::add-mask::a%25b%0Ac%0Dd\n", "[a%25b%0Ac%0Dd][a%b\nc\rd]" },
    { "::add-mask::%250A %2 %\n", "[%250A %2 %][%0A %2 %]" },
    { "::add-mask::\n::add-mask\n::add-mask:\n::add-mask:x::y\n", "" },
    { "::add-masks::abc\nx ::add-mask::abc\n:add-mask::abc\n", "" },
    { "::error::abc\n\n\r\n \n", "" },
};

static void each_line_gives_what_github_takes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t step = 1; step < 40; step += 1 + step / 4) {
            feed(rows[i].text, step);
            if (taken.size != strlen(rows[i].wanted) ||
                (taken.size > 0 && strcmp(taken.bytes, rows[i].wanted) != 0)) {
                fail_msg("'%s' by %zu gave '%.*s'", rows[i].text, step,
                         (int)taken.size, taken.bytes);
            }
        }
    }
}

static void an_endless_line_is_cut(void **state)
{
    static const char start[] = "::add-mask::";
    struct hb_mask_reader reader = { 0 };
    char part[1000];

    (void)state;
    memset(part, 'x', sizeof(part));
    hb_masks_feed(&reader, start, sizeof(start) - 1, take, NULL);
    for (int i = 0; i < 100; i++) {
        hb_masks_feed(&reader, part, sizeof(part), take, NULL);
    }
    hb_masks_end(&reader, take, NULL);
    hb_buffer_free(&reader.line);
    assert_int_equal(taken.size, HB_MASK_LINE_MAX - sizeof(start) + 1 + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_line_gives_what_github_takes,
                                        begin, end),
        cmocka_unit_test_setup_teardown(an_endless_line_is_cut, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
