#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/*
 * Writes JSON, member by member, straight into a buffer. Reports hold 64-bit
 * numbers, which must come out digit by digit, and 100000 cases, for which no
 * tree is built first; cJSON, which reads JSON for us, would do neither.
 *
 * `key` is NULL in an array. Whoever opens closes. Failures stay in the
 * buffer, as they do with all that is appended to one.
 */
struct hb_emit {
    struct hb_buffer *out;
    bool indented; /* two spaces a level; otherwise all in one line */
    unsigned depth;
    bool inhabited; /* the open object or array has a member already */
};

void hb_emit_object(struct hb_emit *emit, const char *key);
void hb_emit_array(struct hb_emit *emit, const char *key);
void hb_emit_end_object(struct hb_emit *emit);
void hb_emit_end_array(struct hb_emit *emit);

/* What is not UTF-8 in `text` becomes U+FFFD, byte for byte. */
void hb_emit_text(struct hb_emit *emit, const char *key, const char *text);
void hb_emit_number(struct hb_emit *emit, const char *key, uint64_t value);
/* `value` / 1000, with three decimals. */
void hb_emit_thousandths(struct hb_emit *emit, const char *key, uint64_t value);

/* As a text: "0x7f01". JSON has no hex, and addresses do not fit a double. */
void hb_emit_hex(struct hb_emit *emit, const char *key, uint64_t value);
void hb_emit_bool(struct hb_emit *emit, const char *key, bool value);
void hb_emit_null(struct hb_emit *emit, const char *key);

/* The same, where "not known" is left out: NULL or empty, and UINT64_MAX. */
void hb_emit_known_text(struct hb_emit *emit, const char *key,
                        const char *text);
void hb_emit_known_number(struct hb_emit *emit, const char *key,
                          uint64_t value);
