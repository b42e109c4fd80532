#include "os/windows/widen.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "base/text.h"

#define REPLACEMENT 0xFFFDu

bool hb_fail_memory(struct hb_error *err)
{
    return hb_fail(err, HB_ERR_INTERNAL, 0, "out of memory");
}

static bool is_high(uint32_t unit)
{
    return unit >= 0xD800u && unit < 0xDC00u;
}

static bool is_low(uint32_t unit)
{
    return unit >= 0xDC00u && unit < 0xE000u;
}

/* A lone surrogate in its three bytes. No UTF-8, but our own narrow form. */
static bool is_lone(const unsigned char *at)
{
    return at[0] == 0xED && (at[1] & 0xE0) == 0xA0 && (at[2] & 0xC0) == 0x80;
}

/* The NUL at the end is no continuation, so nothing behind it is read. */
static uint32_t decode(const char *text, size_t *at)
{
    const unsigned char *from = (const unsigned char *)text + *at;
    size_t length = hb_utf8_length(text + *at, 4);

    if (length == 0 && from[0] == 0xED && is_lone(from)) {
        length = 3;
    }
    *at += length == 0 ? 1 : length;
    switch (length) {
    case 0:
        return REPLACEMENT;
    case 1:
        return from[0];
    case 2:
        return (from[0] & 0x1Fu) << 6 | (from[1] & 0x3Fu);
    case 3:
        return (from[0] & 0x0Fu) << 12 | (from[1] & 0x3Fu) << 6 |
               (from[2] & 0x3Fu);
    default:
        return (from[0] & 0x07u) << 18 | (from[1] & 0x3Fu) << 12 |
               (from[2] & 0x3Fu) << 6 | (from[3] & 0x3Fu);
    }
}

wchar_t *hb_widen(const char *text)
{
    /* No character takes more units than bytes. */
    wchar_t *wide = malloc((strlen(text) + 1) * sizeof(*wide));
    size_t size = 0;

    if (wide == NULL) {
        return NULL;
    }
    for (size_t at = 0; text[at] != '\0';) {
        uint32_t point = decode(text, &at);

        if (point >= 0x10000u) {
            wide[size++] = (wchar_t)(0xD800u + ((point - 0x10000u) >> 10));
            point = 0xDC00u + ((point - 0x10000u) & 0x3FFu);
        }
        wide[size++] = (wchar_t)point;
    }
    wide[size] = L'\0';
    return wide;
}

static uint32_t next_point(const wchar_t **at)
{
    uint32_t unit = *(*at)++;

    if (is_high(unit) && is_low(**at)) {
        return 0x10000u + ((unit - 0xD800u) << 10) + (*(*at)++ - 0xDC00u);
    }
    return unit;
}

/* Returns how many bytes, without the NUL. */
static size_t narrow(const wchar_t *wide, char *target, size_t size)
{
    size_t used = 0;
    char bytes[4];

    while (*wide != L'\0') {
        size_t length = hb_utf8_put(next_point(&wide), bytes);

        if (used + length >= size) {
            break;
        }
        memcpy(target + used, bytes, length);
        used += length;
    }
    target[used] = '\0';
    return used;
}

char *hb_narrow(const wchar_t *wide)
{
    size_t size = wcslen(wide) * 3 + 1;
    char *text = malloc(size);

    if (text != NULL) {
        (void)narrow(wide, text, size);
    }
    return text;
}

void hb_narrow_into(char *target, size_t size, const wchar_t *wide)
{
    (void)narrow(wide, target, size);
}

static wchar_t *full_path(const wchar_t *wide)
{
    DWORD room = GetFullPathNameW(wide, 0, NULL, NULL);
    wchar_t *full = room == 0 ? NULL : malloc(room * sizeof(*full));

    if (full != NULL && GetFullPathNameW(wide, room, full, NULL) >= room) {
        free(full); /* the working directory changed in between */
        return NULL;
    }
    return full;
}

/* "C:\..." gets "\\?\" in front, "\\server\..." "\\?\UNC"; what begins with
 * "\\?\" or "\\.\" already stays. */
static wchar_t *prefixed(const wchar_t *full)
{
    bool network = full[0] == L'\\' && full[1] == L'\\';
    bool device = network && (full[2] == L'?' || full[2] == L'.');
    const wchar_t *prefix = device ? L"" : network ? L"\\\\?\\UNC" : L"\\\\?\\";
    const wchar_t *rest = network && !device ? full + 1 : full;
    size_t front = wcslen(prefix);
    size_t back = wcslen(rest) + 1;
    wchar_t *path = malloc((front + back) * sizeof(*path));

    if (path != NULL) {
        memcpy(path, prefix, front * sizeof(*path));
        memcpy(path + front, rest, back * sizeof(*path));
    }
    return path;
}

bool hb_widen_path(const char *path, wchar_t **out_wide, struct hb_error *err)
{
    wchar_t *wide = hb_widen(path);
    wchar_t *full = NULL;
    wchar_t *result = NULL;

    if (wide == NULL) {
        return hb_fail_memory(err);
    }
    full = full_path(wide);
    if (full == NULL) {
        (void)hb_fail(err, HB_ERR_READ, (long)GetLastError(), "'%s' is no path",
                      path);
        goto out;
    }
    result = prefixed(full);
    if (result == NULL) {
        (void)hb_fail_memory(err);
        goto out;
    }
    *out_wide = result;

out:
    free(full);
    free(wide);
    return result != NULL;
}
