#pragma once

#include <stdint.h>

#include "report/emit.h"
#include "report/words.h"

/*
 * Writes the members of a line of the timeline: what fields.h reads. "some"
 * leaves out what is 0 or empty.
 */
void hb_put_number(struct hb_emit *emit, const char *key, uint64_t value);
void hb_put_some(struct hb_emit *emit, const char *key, uint64_t value);

/* UINT64_MAX is null. */
void hb_put_limit(struct hb_emit *emit, const char *key, uint64_t value);

/* NULL is left out. What is no UTF-8 becomes an object, so that a reader gets
 * it back byte for byte. */
void hb_put_text(struct hb_emit *emit, const char *key, const char *text);
void hb_put_some_text(struct hb_emit *emit, const char *key, const char *text);

/* A value by its word; left out if it has none. */
void hb_put_word(struct hb_emit *emit, const char *key,
                 const struct hb_words *words, unsigned value);
