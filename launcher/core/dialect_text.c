#include <string.h>

#include "core/dialect.h"

bool hb_span_is(struct hb_span span, const char *text)
{
    return span.size == strlen(text) &&
           memcmp(span.bytes, text, span.size) == 0;
}

bool hb_span_starts(struct hb_span span, const char *text)
{
    size_t length = strlen(text);

    return span.size >= length && memcmp(span.bytes, text, length) == 0;
}

bool hb_span_ends(struct hb_span span, const char *text)
{
    size_t length = strlen(text);

    return span.size >= length &&
           memcmp(span.bytes + span.size - length, text, length) == 0;
}

struct hb_span hb_span_after(struct hb_span span, size_t count)
{
    return (struct hb_span){ span.bytes + count, span.size - count };
}

struct hb_span hb_span_trim(struct hb_span span)
{
    while (span.size > 0 && (span.bytes[0] == ' ' || span.bytes[0] == '\t')) {
        span = hb_span_after(span, 1);
    }
    while (span.size > 0 && (span.bytes[span.size - 1] == ' ' ||
                             span.bytes[span.size - 1] == '\t')) {
        span.size--;
    }
    return span;
}

size_t hb_span_find(struct hb_span span, const char *text)
{
    size_t at = 0;

    while (at < span.size) {
        const char *hit = memchr(span.bytes + at, text[0], span.size - at);

        if (hit == NULL) {
            break;
        }
        at = (size_t)(hit - span.bytes);
        if (hb_span_starts(hb_span_after(span, at), text)) {
            return at;
        }
        at++;
    }
    return span.size;
}

bool hb_take(struct hb_span *span, const char *text)
{
    if (!hb_span_starts(*span, text)) {
        return false;
    }
    *span = hb_span_after(*span, strlen(text));
    return true;
}

/* Up to eighteen digits: more are no count of anything. */
bool hb_take_number(struct hb_span *span, uint64_t *out_number)
{
    uint64_t number = 0;
    size_t digits = 0;

    while (digits < span->size && span->bytes[digits] >= '0' &&
           span->bytes[digits] <= '9') {
        if (digits == 18) {
            return false;
        }
        number = number * 10 + (uint64_t)(span->bytes[digits] - '0');
        digits++;
    }
    if (digits == 0) {
        return false;
    }
    *span = hb_span_after(*span, digits);
    *out_number = number;
    return true;
}

/* At a ':' or '(' there begins a line number, or not. */
static bool location_at(struct hb_span span, size_t at,
                        struct hb_location *out_location)
{
    bool bracket = span.bytes[at] == '(';
    struct hb_span rest = hb_span_after(span, at + 1);
    uint64_t line = 0;

    if (at == 0 || !hb_take_number(&rest, &line) || line > UINT32_MAX ||
        !hb_take(&rest, bracket ? "): " : ": ")) {
        return false;
    }
    out_location->file = (struct hb_span){ span.bytes, at };
    out_location->line = (uint32_t)line;
    out_location->rest = rest;
    return true;
}

bool hb_location_read(struct hb_span span, struct hb_location *out_location)
{
    for (size_t at = span.size; at > 0; at--) {
        char byte = span.bytes[at - 1];

        if ((byte == ':' || byte == '(') &&
            location_at(span, at - 1, out_location)) {
            return true;
        }
    }
    return false;
}

void hb_say(const struct hb_voice *voice, struct hb_observation seen)
{
    seen.at_ms = voice->at_ms;
    voice->observe(voice->context, &seen);
}
