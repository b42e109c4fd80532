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

static bool is_plain(char byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '&' && byte != '<' &&
           byte != '>' && byte != '"';
}

/* How many of the bytes stand for themselves. */
static size_t plain_length(const char *bytes, size_t size)
{
    size_t length = 0;

    while (length < size && is_plain(bytes[length])) {
        length++;
    }
    return length;
}

void hb_xml_attribute(struct hb_buffer *out, const char *name, const char *text)
{
    size_t left = strlen(text);

    hb_buffer_format(out, " %s=\"", name);
    while (left > 0) {
        size_t plain = plain_length(text, left);
        size_t length = plain > 0 ? plain : escape_length(text, left);

        hb_buffer_add(out, text, plain);
        if (length == 0) {
            length = write_character(out, text, left, true);
        }
        text += length;
        left -= length;
    }
    hb_buffer_text(out, "\"");
}

void hb_xml_text(struct hb_buffer *out, const char *bytes, size_t size)
{
    while (size > 0) {
        size_t plain = plain_length(bytes, size);
        size_t length = plain > 0 ? plain : escape_length(bytes, size);

        hb_buffer_add(out, bytes, plain);
        if (length == 0 && size > 1 && memcmp(bytes, "\r\n", 2) == 0) {
            length = 1;
        } else if (length == 0) {
            length = write_character(out, bytes, size, false);
        }
        bytes += length;
        size -= length;
    }
}
