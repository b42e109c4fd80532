#include "report/emit.h"

#include <inttypes.h>
#include <string.h>

/* U+FFFD, the replacement character. */
#define REPLACEMENT "\xef\xbf\xbd"

static void start_line(struct hb_emit *emit)
{
    if (emit->indented) {
        hb_buffer_add(emit->out, "\n", 1);
        for (unsigned level = 0; level < emit->depth; level++) {
            hb_buffer_add(emit->out, "  ", 2);
        }
    }
}

static void write_escaped(struct hb_buffer *out, unsigned char byte)
{
    switch (byte) {
    case '"':
        hb_buffer_text(out, "\\\"");
        break;
    case '\\':
        hb_buffer_text(out, "\\\\");
        break;
    case '\n':
        hb_buffer_text(out, "\\n");
        break;
    case '\r':
        hb_buffer_text(out, "\\r");
        break;
    case '\t':
        hb_buffer_text(out, "\\t");
        break;
    default:
        hb_buffer_format(out, "\\u%04x", (unsigned)byte);
        break;
    }
}

static bool is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7f;
}

static void write_string(struct hb_buffer *out, const char *text)
{
    size_t size = strlen(text);
    size_t kept = 0; /* everything before it is in the buffer */
    size_t at = 0;

    hb_buffer_add(out, "\"", 1);
    while (at < size) {
        size_t length = hb_utf8_length(text + at, size - at);

        if (length > 1 || (length == 1 && is_plain((unsigned char)text[at]))) {
            at += length;
            continue;
        }
        hb_buffer_add(out, text + kept, at - kept);
        if (length == 0) {
            hb_buffer_text(out, REPLACEMENT);
        } else {
            write_escaped(out, (unsigned char)text[at]);
        }
        at++;
        kept = at;
    }
    hb_buffer_add(out, text + kept, size - kept);
    hb_buffer_add(out, "\"", 1);
}

static void start_member(struct hb_emit *emit, const char *key)
{
    if (emit->inhabited) {
        hb_buffer_add(emit->out, ",", 1);
    }
    if (emit->depth > 0) {
        start_line(emit);
    }
    if (key != NULL) {
        write_string(emit->out, key);
        hb_buffer_text(emit->out, emit->indented ? ": " : ":");
    }
    emit->inhabited = true;
}

static void open_with(struct hb_emit *emit, const char *key,
                      const char *bracket)
{
    start_member(emit, key);
    hb_buffer_text(emit->out, bracket);
    emit->depth++;
    emit->inhabited = false;
}

static void close_with(struct hb_emit *emit, const char *bracket)
{
    emit->depth--;
    if (emit->inhabited) {
        start_line(emit);
    }
    hb_buffer_text(emit->out, bracket);
    emit->inhabited = true;
}

void hb_emit_object(struct hb_emit *emit, const char *key)
{
    open_with(emit, key, "{");
}

void hb_emit_array(struct hb_emit *emit, const char *key)
{
    open_with(emit, key, "[");
}

void hb_emit_end_object(struct hb_emit *emit)
{
    close_with(emit, "}");
}

void hb_emit_end_array(struct hb_emit *emit)
{
    close_with(emit, "]");
}

void hb_emit_text(struct hb_emit *emit, const char *key, const char *text)
{
    start_member(emit, key);
    write_string(emit->out, text);
}

void hb_emit_number(struct hb_emit *emit, const char *key, uint64_t value)
{
    start_member(emit, key);
    hb_buffer_format(emit->out, "%" PRIu64, value);
}

void hb_emit_thousandths(struct hb_emit *emit, const char *key, uint64_t value)
{
    start_member(emit, key);
    hb_buffer_format(emit->out, "%" PRIu64 ".%03u", value / 1000,
                     (unsigned)(value % 1000));
}

void hb_emit_hex(struct hb_emit *emit, const char *key, uint64_t value)
{
    start_member(emit, key);
    hb_buffer_format(emit->out, "\"0x%" PRIx64 "\"", value);
}

void hb_emit_bool(struct hb_emit *emit, const char *key, bool value)
{
    start_member(emit, key);
    hb_buffer_text(emit->out, value ? "true" : "false");
}

void hb_emit_null(struct hb_emit *emit, const char *key)
{
    start_member(emit, key);
    hb_buffer_text(emit->out, "null");
}

void hb_emit_known_text(struct hb_emit *emit, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        hb_emit_text(emit, key, text);
    }
}

void hb_emit_known_number(struct hb_emit *emit, const char *key, uint64_t value)
{
    if (value != UINT64_MAX) {
        hb_emit_number(emit, key, value);
    }
}
