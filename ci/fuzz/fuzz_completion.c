#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/completion.h"
#include "require.h"

/*
 * The input is the output of a test program: stdout, a byte 0x1E, stderr. Its
 * first byte says into what pieces it is cut. However it is cut, the same must
 * be read from it.
 */

/* What was said, boiled down to a number. */
struct said {
    uint64_t hash;
    uint64_t count;
};

static void mix(struct said *said, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < size; i++) {
        said->hash = (said->hash ^ at[i]) * 0x100000001b3u;
    }
}

static void mix_text(struct said *said, const char *text)
{
    mix(said, text != NULL ? text : "\1", text != NULL ? strlen(text) + 1 : 1);
}

static void note(void *context, const struct hb_observation *seen)
{
    struct said *said = context;

    REQUIRE(seen->kind == HB_OBS_PLAN || seen->kind == HB_OBS_CASE_BEGIN ||
            seen->kind == HB_OBS_CASE_END || seen->kind == HB_OBS_CASE_DETAIL ||
            seen->kind == HB_OBS_EXPECTED || seen->kind == HB_OBS_COMPLETE ||
            seen->kind == HB_OBS_BAD_TEXT);
    REQUIRE(seen->kind == HB_OBS_BAD_TEXT || seen->source >= HB_SOURCE_CMOCKA);
    REQUIRE(seen->kind != HB_OBS_CASE_END || seen->name != NULL);
    said->count++;
    mix(said, &seen->kind, sizeof(seen->kind));
    mix(said, &seen->source, sizeof(seen->source));
    mix(said, &seen->count, sizeof(seen->count));
    mix(said, &seen->status, sizeof(seen->status));
    mix(said, &seen->line, sizeof(seen->line));
    mix(said, &seen->failed, sizeof(seen->failed));
    mix_text(said, seen->suite);
    mix_text(said, seen->name);
    mix_text(said, seen->text);
    mix_text(said, seen->file);
}

/* Each piece in memory of its own, so that reading past it is noticed. */
static void feed(struct hb_completion *reader, enum hb_stream stream,
                 const unsigned char *bytes, size_t size, size_t step)
{
    for (size_t at = 0; at < size; at += step) {
        size_t length = size - at < step ? size - at : step;
        char *piece = malloc(length);

        REQUIRE(piece != NULL);
        memcpy(piece, bytes + at, length);
        hb_completion_feed(reader, stream, piece, length, 1);
        free(piece);
    }
    hb_completion_end(reader, stream, 2);
}

static struct said read_all(const unsigned char *bytes, size_t size,
                            size_t step)
{
    struct said said = { 0xcbf29ce484222325u, 0 };
    struct hb_completion *reader = hb_completion_new(note, &said);
    const unsigned char *seam = size > 0 ? memchr(bytes, 0x1e, size) : NULL;
    size_t out = seam != NULL ? (size_t)(seam - bytes) : size;

    REQUIRE(reader != NULL);
    feed(reader, HB_STDOUT, bytes, out, step);
    if (seam != NULL) {
        feed(reader, HB_STDERR, seam + 1, size - out - 1, step);
    }
    hb_completion_free(reader);
    return said;
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
    struct said whole;
    struct said parts;

    if (size == 0) {
        return 0;
    }
    whole = read_all(bytes + 1, size - 1, SIZE_MAX / 2);
    parts = read_all(bytes + 1, size - 1, (size_t)bytes[0] % 64 + 1);
    REQUIRE(whole.count == parts.count && whole.hash == parts.hash);
    return 0;
}
