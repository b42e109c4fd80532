#include "base/text.h"

#include <stdio.h>
#include <string.h>

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0u) == 0x80u;
}

/* How long the character claims to be that begins with `lead`. */
static size_t claimed_length(unsigned char lead)
{
    if (lead < 0xc2u) {
        return 1;
    }
    return lead < 0xe0u ? 2 : lead < 0xf0u ? 3 : lead < 0xf5u ? 4 : 1;
}

/* `text` was cut after `length` bytes: where its last character is not whole,
 * it goes too. */
static void end_at_edge(char *text, size_t length)
{
    size_t lead = length;

    while (lead > 0 && length - lead < 3 && is_continuation(text[lead - 1])) {
        lead--;
    }
    if (lead > 0) {
        lead--;
        if (claimed_length((unsigned char)text[lead]) > length - lead) {
            length = lead;
        }
    }
    text[length] = '\0';
}

bool hb_text_copy(char *target, size_t size, const char *source)
{
    if (source == NULL) {
        source = "";
    }
    return hb_text_copy_bytes(target, size, source, strlen(source));
}

bool hb_text_copy_bytes(char *target, size_t size, const char *bytes,
                        size_t length)
{
    if (size == 0) {
        return false;
    }

    const char *end = length > 0 ? memchr(bytes, '\0', length) : NULL;

    if (end != NULL) {
        length = (size_t)(end - bytes);
    }

    bool fits = length < size;

    if (!fits) {
        length = size - 1;
    }
    if (length > 0) {
        memmove(target, bytes, length);
    }
    if (fits) {
        target[length] = '\0';
    } else {
        end_at_edge(target, length);
    }
    return fits;
}

bool hb_text_format_list(char *target, size_t size, const char *format,
                         va_list arguments)
{
    if (size == 0) {
        return false;
    }

    int length = vsnprintf(target, size, format, arguments);

    if (length < 0) {
        target[0] = '\0';
        return false;
    }
    if ((size_t)length >= size) {
        end_at_edge(target, size - 1);
        return false;
    }
    return true;
}

bool hb_text_format(char *target, size_t size, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    bool fits = hb_text_format_list(target, size, format, arguments);
    va_end(arguments);
    return fits;
}

/* Which second bytes are right after `lead`: this is where overlong forms,
 * surrogates and what lies above U+10FFFF are told apart. */
static bool second_fits(unsigned char lead, unsigned char second)
{
    unsigned char least = 0x80u;
    unsigned char most = 0xbfu;

    if (lead == 0xe0u) {
        least = 0xa0u;
    } else if (lead == 0xedu) {
        most = 0x9fu;
    } else if (lead == 0xf0u) {
        least = 0x90u;
    } else if (lead == 0xf4u) {
        most = 0x8fu;
    }
    return second >= least && second <= most;
}

size_t hb_utf8_length(const char *bytes, size_t available)
{
    if (available == 0) {
        return 0;
    }

    unsigned char lead = (unsigned char)bytes[0];

    if (lead < 0x80u) {
        return 1;
    }

    size_t length = claimed_length(lead);

    if (length == 1 || length > available ||
        !second_fits(lead, (unsigned char)bytes[1])) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if (!is_continuation(bytes[i])) {
            return 0;
        }
    }
    return length;
}

void hb_text_copy_path(char *target, size_t size, const char *path)
{
    size_t length = strlen(path);
    bool fits = length < size;

    if (!fits) {
        path += length - (size - 4);
        while (is_continuation(*path)) {
            path++;
        }
    }
    (void)hb_text_format(target, size, "%s%s", fits ? "" : "...", path);
}

const char *hb_text_base_name(const char *path, bool windows)
{
    const char *name = path;

    for (const char *at = path; *at != '\0'; at++) {
        if (*at == '/' || (windows && (*at == '\\' || *at == ':'))) {
            name = at + 1;
        }
    }
    return name;
}

size_t hb_utf8_put(uint32_t point, char *to)
{
    if (point < 0x80u) {
        to[0] = (char)point;
        return 1;
    }
    if (point < 0x800u) {
        to[0] = (char)(0xC0u | point >> 6);
        to[1] = (char)(0x80u | (point & 0x3Fu));
        return 2;
    }
    if (point < 0x10000u) {
        to[0] = (char)(0xE0u | point >> 12);
        to[1] = (char)(0x80u | (point >> 6 & 0x3Fu));
        to[2] = (char)(0x80u | (point & 0x3Fu));
        return 3;
    }
    to[0] = (char)(0xF0u | point >> 18);
    to[1] = (char)(0x80u | (point >> 12 & 0x3Fu));
    to[2] = (char)(0x80u | (point >> 6 & 0x3Fu));
    to[3] = (char)(0x80u | (point & 0x3Fu));
    return 4;
}
