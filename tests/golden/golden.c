#include "golden/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool updating;

void golden_start(int argc, char **argv)
{
    updating = argc > 1 && strcmp(argv[1], "--update") == 0;
}

static void write_file(const char *path, const struct hb_buffer *bytes)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes->bytes, 1, bytes->size, file), bytes->size);
    assert_int_equal(fclose(file), 0);
}

static void read_file(const char *path, struct hb_buffer *bytes)
{
    char chunk[4096];
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        return;
    }
    for (size_t size = sizeof(chunk); size == sizeof(chunk);) {
        size = fread(chunk, 1, sizeof(chunk), file);
        hb_buffer_add(bytes, chunk, size);
    }
    (void)fclose(file);
}

void golden_check(const char *name, const char *ending,
                  const struct hb_buffer *got)
{
    struct hb_buffer expected = { 0 };
    char path[600];

    assert_false(got->failed);
    assert_non_null(got->bytes);
    assert_true(hb_text_format(path, sizeof(path), "%s/%s.%s", HB_GOLDEN_DIR,
                               name, ending));
    if (updating) {
        write_file(path, got);
        return;
    }
    read_file(path, &expected);

    bool same = expected.size == got->size &&
                memcmp(expected.bytes, got->bytes, got->size) == 0;

    hb_buffer_free(&expected);
    if (!same) {
        assert_true(
            hb_text_format(path, sizeof(path), "%s.%s.got", name, ending));
        write_file(path, got);
        fail_msg("%s.%s is not what it was: see %s", name, ending, path);
    }
}
