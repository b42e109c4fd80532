#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Bounded text. Strings are UTF-8 `char *`; every function here ends its
 * output with NUL, cuts between characters and never inside one, and is safe
 * in any thread.
 */

/* Copies `source` (NULL counts as empty) into `target` of `size` bytes,
 * cutting at a character's edge. Returns false if it had to cut. */
bool hb_text_copy(char *target, size_t size, const char *source);

/* The same for `length` bytes that need not end with NUL; stops at one. */
bool hb_text_copy_bytes(char *target, size_t size, const char *bytes,
                        size_t length);

/* Copies a path; of one that is too long its end, behind "...". `size` is more
 * than 4. */
void hb_text_copy_path(char *target, size_t size, const char *path);

/* Formats into `target`, cutting at a character's edge. */
bool hb_text_format(char *target, size_t size, const char *format, ...)
    HB_PRINTF(3, 4);
bool hb_text_format_list(char *target, size_t size, const char *format,
                         va_list arguments) HB_PRINTF(3, 0);

/* Length in bytes of the valid UTF-8 character at `bytes`, 1 to 4, or 0 if
 * what stands there is not one (overlong forms and surrogates are not). */
size_t hb_utf8_length(const char *bytes, size_t available);

/* Writes the 1 to 4 bytes of a code point and returns how many; half of a
 * surrogate pair gets its three bytes too. */
size_t hb_utf8_put(uint32_t point, char *to);

/* The last part of a path, after '/' (and '\\' or ':' if `windows`). */
const char *hb_text_base_name(const char *path, bool windows);

/*
 * "250ms", "2s", "5m", "1h", "1.5s"; a bare number is seconds. Rounded up to
 * milliseconds. False if the text is anything else, is less than one of them
 * and not 0, or over 100 years.
 */
bool hb_parse_duration_ms(const char *text, uint64_t *out_ms);

/* "64MiB", "1G", "10k", "3MB" (all units are powers of 1024); a bare number
 * is bytes. False if it is anything else or does not fit. */
bool hb_parse_size(const char *text, uint64_t *out_bytes);

/* A decimal number without sign or blanks, or "0x" and hex digits. */
bool hb_parse_u64(const char *text, uint64_t *out_value);

/* RFC 3339 ("2026-01-31T12:00:00Z", "+02:00", fractions) or bare Unix
 * seconds. Milliseconds since 1970. */
bool hb_parse_time_ms(const char *text, int64_t *out_unix_ms);

#define HB_TIME_SIZE 32

/* "2026-01-31T12:00:00.123Z". `target` has HB_TIME_SIZE bytes. */
void hb_format_time(char *target, int64_t unix_ms);

/* "20260131T120000.123Z", as run ids have it. HB_TIME_SIZE bytes. */
void hb_format_time_compact(char *target, int64_t unix_ms);

/* "250 ms", "2.5 s", "1 min 30 s": for people. HB_TIME_SIZE bytes. */
void hb_format_duration(char *target, uint64_t ms);

/* The cap of a buffer whose user names none. */
#define HB_BUFFER_CAP ((size_t)256 << 20)

/*
 * A growing text with a cap. Zero-initialised it is empty. After a failure
 * (out of memory, or the cap) it stays as it is and `failed` stays true, so
 * many appends need one check at the end.
 */
struct hb_buffer {
    char *bytes; /* NUL after `size`, or NULL while empty */
    size_t size;
    size_t room;
    size_t cap; /* most that `size` may become; 0: HB_BUFFER_CAP */
    bool failed;
};

void hb_buffer_add(struct hb_buffer *buffer, const char *bytes, size_t size);
void hb_buffer_text(struct hb_buffer *buffer, const char *text);
void hb_buffer_format(struct hb_buffer *buffer, const char *format, ...)
    HB_PRINTF(2, 3);
void hb_buffer_free(struct hb_buffer *buffer);

/* The one of `count` names that is nearest to `text` by edit distance, or
 * NULL if none is near enough to be meant. */
const char *hb_text_nearest(const char *text, const char *const *names,
                            size_t count);
