#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * What a later run wants to know of the result.json of one before it.
 */
#define HB_PAST_DUMPS_MAX 64u

struct hb_past {
    char signature[20];
    char dumps[HB_PAST_DUMPS_MAX][64]; /* files in the run's own folder */
    size_t dump_count;
};

/* False if the bytes are no record of ours, if it is not final, or if the run
 * has no signature. */
bool hb_past_read(const char *bytes, size_t size, struct hb_past *out);

/* True for names that dumps have, whole or not. */
bool hb_past_is_dump(const char *name);
