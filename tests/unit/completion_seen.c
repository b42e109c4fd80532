#include "unit/completion_seen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *seen_status(enum hb_case_status status)
{
    static const char *const names[] = { "unknown", "passed", "failed",
                                         "skipped" };

    assert_true((size_t)status < sizeof(names) / sizeof(names[0]));
    return names[status];
}

static void seen_case(struct hb_buffer *text, const char *word,
                      const struct hb_observation *seen)
{
    hb_buffer_format(
        text, "%s %s%s%s", word, seen->suite != NULL ? seen->suite : "",
        seen->suite != NULL ? "|" : "", seen->name != NULL ? seen->name : "");
}

void seen_note(void *context, const struct hb_observation *seen)
{
    struct hb_buffer *text = context;

    switch (seen->kind) {
    case HB_OBS_PLAN:
        seen_case(text, "plan", seen);
        hb_buffer_format(text, " %llu", (unsigned long long)seen->count);
        break;
    case HB_OBS_EXPECTED:
        seen_case(text, "expected", seen);
        break;
    case HB_OBS_CASE_BEGIN:
        seen_case(text, "begin", seen);
        break;
    case HB_OBS_CASE_END:
        seen_case(text, seen_status(seen->status), seen);
        if (seen->duration_ms != HB_NO_DURATION) {
            hb_buffer_format(text, " (%llu ms)",
                             (unsigned long long)seen->duration_ms);
        }
        break;
    case HB_OBS_CASE_DETAIL:
        seen_case(text, "detail", seen);
        hb_buffer_format(
            text, " %s:%lu '%s'", seen->file != NULL ? seen->file : "",
            (unsigned long)seen->line, seen->text != NULL ? seen->text : "");
        break;
    case HB_OBS_COMPLETE:
        hb_buffer_format(
            text, "complete %llu%s%s%s", (unsigned long long)seen->count,
            seen->failed ? " failed" : "", seen->text != NULL ? " " : "",
            seen->text != NULL ? seen->text : "");
        break;
    case HB_OBS_BAD_TEXT:
        hb_buffer_format(text, "bad text '%s'", seen->text);
        break;
    default:
        fail_msg("an observation of kind %d", (int)seen->kind);
    }
    hb_buffer_text(text, "\n");
}

void seen_feed(struct hb_completion *reader, enum hb_stream stream,
               const struct hb_buffer *bytes, size_t step)
{
    for (size_t at = 0; at < bytes->size; at += step) {
        size_t left = bytes->size - at;

        hb_completion_feed(reader, stream, bytes->bytes + at,
                           left < step ? left : step, 1);
    }
    hb_completion_end(reader, stream, 2);
}

void seen_expect(const char *out, const char *err, const char *expected)
{
    struct hb_buffer said = { 0 };
    struct hb_buffer bytes[HB_STREAM_COUNT] = { { 0 } };
    struct hb_completion *reader = hb_completion_new(seen_note, &said);

    assert_non_null(reader);
    hb_buffer_text(&said, "");
    hb_buffer_text(&bytes[HB_STDOUT], out != NULL ? out : "");
    hb_buffer_text(&bytes[HB_STDERR], err != NULL ? err : "");
    seen_feed(reader, HB_STDOUT, &bytes[HB_STDOUT], SIZE_MAX / 2);
    seen_feed(reader, HB_STDERR, &bytes[HB_STDERR], SIZE_MAX / 2);
    hb_completion_free(reader);
    assert_string_equal(said.bytes != NULL ? said.bytes : "", expected);
    hb_buffer_free(&said);
    hb_buffer_free(&bytes[HB_STDOUT]);
    hb_buffer_free(&bytes[HB_STDERR]);
}
