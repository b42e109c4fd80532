#include "report/junit/xml.h"

#include <inttypes.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* No escape sequence of use is longer; a title may be set with one. */
#define ESCAPE_MAX 256u

size_t hb_xml_length(const char *bytes, size_t available)
{
    size_t length = hb_utf8_length(bytes, available);
    unsigned char first = length > 0 ? (unsigned char)bytes[0] : 0;

    if (length == 1 && first < 0x20) {
        return first == '\t' || first == '\n' || first == '\r' ? 1 : 0;
    }
    if (length == 3 && (memcmp(bytes, "\xef\xbf\xbe", 3) == 0 ||
                        memcmp(bytes, "\xef\xbf\xbf", 3) == 0)) {
        return 0;
    }
    return length;
}

/* NULL if the character stands for itself. */
static const char *reference(char letter, bool attribute)
{
    switch (letter) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '\r':
        return "&#13;";
    case '"':
        return attribute ? "&quot;" : NULL;
    case '\n':
        return attribute ? "&#10;" : NULL;
    case '\t':
        return attribute ? "&#9;" : NULL;
    default:
        return NULL;
    }
}

/* Writes the character at `bytes` and says how long it was. */
static size_t write_character(struct hb_buffer *out, const char *bytes,
                              size_t available, bool attribute)
{
    size_t length = hb_xml_length(bytes, available);
    const char *instead = NULL;

    if (length == 0) {
        /* One mark for a whole character, such as U+FFFE. */
        size_t skipped = hb_utf8_length(bytes, available);

        hb_buffer_text(out, REPLACEMENT);
        return skipped > 0 ? skipped : 1;
    }
    if (length == 1) {
        instead = reference(*bytes, attribute);
    }
    if (instead != NULL) {
        hb_buffer_text(out, instead);
    } else {
        hb_buffer_add(out, bytes, length);
    }
    return length;
}

void hb_xml_attribute_number(struct hb_buffer *out, const char *name,
                             size_t value)
{
    hb_buffer_format(out, " %s=\"%zu\"", name, value);
}

void hb_xml_attribute_seconds(struct hb_buffer *out, const char *name,
                              uint64_t ms)
{
    hb_buffer_format(out, " %s=\"%" PRIu64 ".%03u\"", name, ms / 1000,
                     (unsigned)(ms % 1000));
}

/* ESC [ parameters, a letter. 0 if it is not whole. */
static size_t control_sequence(const char *bytes, size_t size)
{
    size_t at = 2;

    while (at < size && bytes[at] >= 0x20 && bytes[at] <= 0x3f) {
        at++;
    }
    return at < size && bytes[at] >= 0x40 && bytes[at] <= 0x7e ? at + 1 : 0;
}

/* ESC ] text, BEL or ESC \. 0 if it is not whole or runs over a line. */
static size_t system_command(const char *bytes, size_t size)
{
    for (size_t at = 2; at < size && bytes[at] != '\n'; at++) {
        if (bytes[at] == '\a') {
            return at + 1;
        }
        if (bytes[at] == '\x1b') {
            return at + 1 < size && bytes[at + 1] == '\\' ? at + 2 : 0;
        }
    }
    return 0;
}

/* Length of the escape sequence that begins here, 0 if there is none. */
static size_t escape_length(const char *bytes, size_t size)
{
    if (size > ESCAPE_MAX) {
        size = ESCAPE_MAX;
    }
    if (size < 3 || bytes[0] != '\x1b') {
        return 0;
    }
    if (bytes[1] == '[') {
        return control_sequence(bytes, size);
    }
    return bytes[1] == ']' ? system_command(bytes, size) : 0;
}

void hb_xml_attribute(struct hb_buffer *out, const char *name, const char *text)
{
    size_t size = strlen(text);

    hb_buffer_format(out, " %s=\"", name);
    for (size_t at = 0; at < size;) {
        size_t escape = escape_length(text + at, size - at);

        at += escape > 0 ? escape
                         : write_character(out, text + at, size - at, true);
    }
    hb_buffer_text(out, "\"");
}

static bool is_plain(char byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '&' && byte != '<' &&
           byte != '>';
}

void hb_xml_text(struct hb_buffer *out, const char *bytes, size_t size)
{
    size_t at = 0;

    while (at < size) {
        size_t plain = at;
        size_t escape = escape_length(bytes + at, size - at);

        while (plain < size && is_plain(bytes[plain])) {
            plain++;
        }
        hb_buffer_add(out, bytes + at, plain - at);
        if (plain > at) {
            at = plain;
        } else if (escape > 0) {
            at += escape;
        } else if (bytes[at] == '\r' && at + 1 < size &&
                   bytes[at + 1] == '\n') {
            at++;
        } else {
            at += write_character(out, bytes + at, size - at, false);
        }
    }
}
