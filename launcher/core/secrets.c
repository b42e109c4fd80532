/*
 * The search is that of Wu and Manber: of a window as long as the shortest
 * text, the last two bytes tell how far the next place can be where any text
 * may begin. Most bytes are never looked at, which matters for the gigabytes
 * of a dump.
 */
#include "core/secrets.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PART_MOST (HB_SECRET_MOST / 2u) /* UTF-16 doubles it */
#define SHIFT_MOST 255u

struct needle {
    char *bytes; /* owned */
    size_t size;
    bool wide;
};

struct hb_secrets {
    struct needle *needles;
    size_t count;
    size_t room;
    size_t window; /* size of the shortest; 0: the shifts are not planned */
    uint8_t shifts[65536];
};

static size_t pair_at(const char *bytes)
{
    return (size_t)(unsigned char)bytes[0] | (size_t)(unsigned char)bytes[1]
                                                 << 8;
}

struct hb_secrets *hb_secrets_new(void)
{
    return calloc(1, sizeof(struct hb_secrets));
}

void hb_secrets_free(struct hb_secrets *secrets)
{
    if (secrets == NULL) {
        return;
    }
    for (size_t i = 0; i < secrets->count; i++) {
        free(secrets->needles[i].bytes);
    }
    free(secrets->needles);
    free(secrets);
}

bool hb_secrets_is_empty(const struct hb_secrets *secrets)
{
    return secrets->count == 0;
}

/* How far the window may move when it ends with a pair: the pair's distance
 * from the end of the window, in the needle where that is least. */
void hb_secrets_plan(struct hb_secrets *secrets)
{
    if (secrets->count == 0 || secrets->window != 0) {
        return;
    }
    size_t window = secrets->needles[0].size;

    for (size_t i = 1; i < secrets->count; i++) {
        if (secrets->needles[i].size < window) {
            window = secrets->needles[i].size;
        }
    }
    secrets->window = window;
    size_t most = window - 1 < SHIFT_MOST ? window - 1 : SHIFT_MOST;
    memset(secrets->shifts, (int)most, sizeof(secrets->shifts));
    for (size_t i = 0; i < secrets->count; i++) {
        for (size_t at = 0; at + 2 <= window; at++) {
            uint8_t *shift =
                &secrets->shifts[pair_at(secrets->needles[i].bytes + at)];
            size_t distance = window - 2 - at;

            if (distance < *shift) {
                *shift = (uint8_t)distance;
            }
        }
    }
}

static bool is_known(const struct hb_secrets *secrets, const char *bytes,
                     size_t size, bool wide)
{
    for (size_t i = 0; i < secrets->count; i++) {
        const struct needle *needle = &secrets->needles[i];

        if (needle->size == size && needle->wide == wide &&
            memcmp(needle->bytes, bytes, size) == 0) {
            return true;
        }
    }
    return false;
}

/* Takes over `bytes`. */
static bool add_needle(struct hb_secrets *secrets, char *bytes, size_t size,
                       bool wide)
{
    if (bytes == NULL) {
        return false;
    }
    if (is_known(secrets, bytes, size, wide)) {
        free(bytes);
        return true;
    }
    if (secrets->count == secrets->room) {
        size_t larger = secrets->room == 0 ? 16 : secrets->room * 2;
        void *needles =
            realloc(secrets->needles, larger * sizeof(secrets->needles[0]));

        if (needles == NULL) {
            free(bytes);
            return false;
        }
        secrets->needles = needles;
        secrets->room = larger;
    }
    secrets->needles[secrets->count++] = (struct needle){ bytes, size, wide };
    secrets->window = 0;
    return true;
}

/* The code point of a UTF-8 character that hb_utf8_length() would accept, or
 * of a single byte; `*at` moves behind it. */
static uint32_t take_point(const unsigned char *bytes, size_t size, size_t *at)
{
    unsigned char first = bytes[*at];
    size_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
    uint32_t point = first;

    if (more > 0) {
        point = first & (0x3fu >> more);
    }
    for ((*at)++; more > 0 && *at < size; more--, (*at)++) {
        point = point << 6 | (bytes[*at] & 0x3fu);
    }
    return point;
}

static size_t put_unit(char *to, uint32_t unit)
{
    to[0] = (char)(unit & 0xffu);
    to[1] = (char)(unit >> 8 & 0xffu);
    return 2;
}

/* The text in UTF-16; never more than two bytes for each of it. */
static char *widen(const char *text, size_t size, size_t *out_size)
{
    const unsigned char *bytes = (const unsigned char *)text;
    char *wide = malloc(size * 2);
    size_t length = 0;

    for (size_t at = 0; wide != NULL && at < size;) {
        uint32_t point = take_point(bytes, size, &at);

        if (point >= 0x10000) {
            length += put_unit(wide + length,
                               0xd800u | (((point - 0x10000) >> 10) & 0x3ffu));
            point = 0xdc00u | (point & 0x3ffu);
        }
        length += put_unit(wide + length, point);
    }
    *out_size = length;
    return wide;
}

static char *copy(const char *bytes, size_t size)
{
    char *own = malloc(size + 1);

    if (own != NULL) {
        memcpy(own, bytes, size);
    }
    return own;
}

static bool add_part(struct hb_secrets *secrets, const char *part, size_t size)
{
    size_t wide_size = 0;
    char *wide = widen(part, size, &wide_size);

    if (wide != NULL && wide_size < HB_SECRET_LEAST) { /* it was no UTF-8 */
        free(wide);
        return add_needle(secrets, copy(part, size), size, false);
    }
    return add_needle(secrets, wide, wide_size, true) &&
           add_needle(secrets, copy(part, size), size, false);
}

/* Parts follow each other without a gap and do not overlap: blanking one would
 * hide the next. None begins within a character. */
bool hb_secrets_add(struct hb_secrets *secrets, const char *value, size_t size)
{
    if (size < HB_SECRET_LEAST) {
        return true;
    }
    size_t parts = (size + PART_MOST / 2 - 1) / (PART_MOST / 2);
    size_t from = 0;

    for (size_t i = 0; i < parts; i++) {
        size_t to = size * (i + 1) / parts;

        while (to < size && ((unsigned char)value[to] & 0xc0u) == 0x80u &&
               to - from < PART_MOST) {
            to++;
        }
        if (to > from && !add_part(secrets, value + from, to - from)) {
            return false;
        }
        from = to;
    }
    return true;
}

/* The longest needle that stands at `bytes`, or NULL. */
static const struct needle *find(const struct hb_secrets *secrets,
                                 const char *bytes, size_t size)
{
    const struct needle *found = NULL;

    for (size_t i = 0; i < secrets->count; i++) {
        const struct needle *needle = &secrets->needles[i];

        if (needle->size <= size &&
            memcmp(needle->bytes, bytes, needle->size) == 0 &&
            (found == NULL || needle->size > found->size)) {
            found = needle;
        }
    }
    return found;
}

/* What was found and is not overwritten yet: another value may begin in it. */
struct found {
    size_t begin;
    size_t from; /* what lies before is overwritten */
    size_t to;
    bool wide;
};

static void overwrite(struct found *found, char *bytes, size_t to)
{
    for (; found->from < found->to && found->from < to; found->from++) {
        bool second = found->wide && (found->from - found->begin) % 2 == 1;

        bytes[found->from] = (char)(second ? '\0' : '*');
    }
}

size_t hb_secrets_blank(struct hb_secrets *secrets, char *bytes, size_t size)
{
    struct found found = { 0 };
    size_t count = 0;

    hb_secrets_plan(secrets);
    size_t window = secrets->window;
    for (size_t at = 0; window != 0 && at + window <= size;) {
        size_t shift = secrets->shifts[pair_at(bytes + at + window - 2)];
        const struct needle *needle =
            shift == 0 ? find(secrets, bytes + at, size - at) : NULL;

        if (needle != NULL) {
            overwrite(&found, bytes, at);
            if (at + needle->size > found.to) {
                found =
                    (struct found){ at, at, at + needle->size, needle->wide };
                count++;
            }
        }
        at += shift > 0 ? shift : 1;
    }
    overwrite(&found, bytes, size);
    return count;
}

static bool blank_piece(char *bytes, const struct needle *needle, size_t from,
                        size_t length)
{
    struct found found = { 0, 0, length, needle->wide };

    if (memcmp(bytes, needle->bytes + from, length) != 0) {
        return false;
    }
    found.begin -= from % 2; /* the second byte of a unit may come first */
    overwrite(&found, bytes, length);
    return true;
}

static size_t blank_ends(const struct hb_secrets *secrets, char *bytes,
                         size_t size, bool begins_too)
{
    size_t count = 0;

    for (size_t i = 0; i < secrets->count; i++) {
        const struct needle *needle = &secrets->needles[i];
        size_t most = needle->size - 1 < size ? needle->size - 1 : size;
        bool first = false;
        bool last = false;

        for (size_t length = most; length >= HB_SECRET_LEAST; length--) {
            first = first ||
                    (begins_too &&
                     blank_piece(bytes, needle, needle->size - length, length));
            last =
                last || blank_piece(bytes + size - length, needle, 0, length);
        }
        count += (size_t)first + (size_t)last;
    }
    return count;
}

size_t hb_secrets_blank_edges(const struct hb_secrets *secrets, char *bytes,
                              size_t size)
{
    return blank_ends(secrets, bytes, size, true);
}

size_t hb_secrets_blank_end(const struct hb_secrets *secrets, char *bytes,
                            size_t size)
{
    return blank_ends(secrets, bytes, size, false);
}
