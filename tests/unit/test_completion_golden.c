#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "golden/golden.h"
#include "unit/completion_seen.h"

/* Real output of programs linked with cmocka 1.1.5 and GoogleTest 1.12.1, and
 * TAP by hand: NAME.out, NAME.err, and in NAME.seen what is read from them. */
static const char *const names[] = {
    "cmocka-all",
    "cmocka-pass",
    "cmocka-exit",
    "cmocka-groups",
    "cmocka-group-setup",
    "cmocka-group-teardown",
    "cmocka-empty",
    "cmocka-tap-all",
    "cmocka-tap-groups",
    "cmocka-tap-exit",
    "cmocka-tap-teardown",
    "cmocka-subunit",
    "gtest-all",
    "gtest-color",
    "gtest-crlf",
    "gtest-brief",
    "gtest-repeat",
    "gtest-exit",
    "gtest-suite-setup",
    "gtest-none",
    "gtest-no-time",
    "gtest-list",
    "tap-14",
    "tap-late-plan",
    "tap-bail",
    "cmocka-windows",
};

struct input {
    const char *name;
    struct hb_buffer streams[HB_STREAM_COUNT];
};

static void load_stream(struct hb_buffer *bytes, const char *name,
                        const char *ending)
{
    char path[600];
    char chunk[4096];
    FILE *file;

    assert_true(hb_text_format(path, sizeof(path), "%s/dialects/%s.%s",
                               HB_GOLDEN_DIR, name, ending));
    file = fopen(path, "rb");
    for (size_t size = sizeof(chunk); file != NULL && size == sizeof(chunk);) {
        size = fread(chunk, 1, sizeof(chunk), file);
        hb_buffer_add(bytes, chunk, size);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    assert_false(bytes->failed);
}

static void load(struct input *input, const char *name)
{
    *input = (struct input){ .name = name };
    load_stream(&input->streams[HB_STDOUT], name, "out");
    load_stream(&input->streams[HB_STDERR], name, "err");
    assert_true(input->streams[HB_STDOUT].size > 0);
}

static void unload(struct input *input)
{
    hb_buffer_free(&input->streams[HB_STDOUT]);
    hb_buffer_free(&input->streams[HB_STDERR]);
}

/* What is read if both streams come in pieces of `step` bytes. */
static struct hb_buffer read_in_steps(const struct input *input, size_t step)
{
    struct hb_buffer said = { 0 };
    struct hb_completion *reader = hb_completion_new(seen_note, &said);

    assert_non_null(reader);
    seen_feed(reader, HB_STDOUT, &input->streams[HB_STDOUT], step);
    seen_feed(reader, HB_STDERR, &input->streams[HB_STDERR], step);
    hb_completion_free(reader);
    hb_buffer_text(&said, "end\n");
    assert_false(said.failed);
    return said;
}

/* The same with one cut of stdout, at `at`. */
static struct hb_buffer read_cut(const struct input *input, size_t at)
{
    const struct hb_buffer *out = &input->streams[HB_STDOUT];
    struct hb_buffer said = { 0 };
    struct hb_completion *reader = hb_completion_new(seen_note, &said);

    assert_non_null(reader);
    hb_completion_feed(reader, HB_STDOUT, out->bytes, at, 1);
    hb_completion_feed(reader, HB_STDOUT, out->bytes + at, out->size - at, 1);
    hb_completion_end(reader, HB_STDOUT, 2);
    seen_feed(reader, HB_STDERR, &input->streams[HB_STDERR], 65536);
    hb_completion_free(reader);
    hb_buffer_text(&said, "end\n");
    return said;
}

static void expect_same(const struct input *input, size_t place,
                        struct hb_buffer *got, const struct hb_buffer *expected)
{
    if (got->size != expected->size ||
        memcmp(got->bytes, expected->bytes, got->size) != 0) {
        fail_msg("%s, %lu: '%s' is not '%s'", input->name, (unsigned long)place,
                 got->bytes, expected->bytes);
    }
    hb_buffer_free(got);
}

static void each_output_is_read_as_a_person_reads_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct input input;
        struct hb_buffer said;
        char path[64];

        load(&input, names[i]);
        said = read_in_steps(&input, 65536);
        (void)hb_text_format(path, sizeof(path), "dialects/%s", names[i]);
        golden_check(path, "seen", &said);
        hb_buffer_free(&said);
        unload(&input);
    }
}

static void it_does_not_matter_where_the_output_is_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct input input;
        struct hb_buffer whole;

        load(&input, names[i]);
        whole = read_in_steps(&input, 65536);
        for (size_t at = 0; at <= input.streams[HB_STDOUT].size; at++) {
            struct hb_buffer said = read_cut(&input, at);

            expect_same(&input, at, &said, &whole);
        }
        hb_buffer_free(&whole);
        unload(&input);
    }
}

static void output_may_come_in_the_smallest_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct input input;
        struct hb_buffer whole;

        load(&input, names[i]);
        whole = read_in_steps(&input, 65536);
        for (size_t step = 1; step <= 17; step += 4) {
            struct hb_buffer said = read_in_steps(&input, step);

            expect_same(&input, step, &said, &whole);
        }
        hb_buffer_free(&whole);
        unload(&input);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_output_is_read_as_a_person_reads_it),
        cmocka_unit_test(it_does_not_matter_where_the_output_is_cut),
        cmocka_unit_test(output_may_come_in_the_smallest_pieces),
    };

    golden_start(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
