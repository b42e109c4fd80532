#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/*
 * Finds the values that output asks GitHub to mask, each on a line of its own:
 * "::add-mask::VALUE". Blanks before it, capitals and properties
 * ("::add-mask a=b::VALUE") are taken as GitHub takes them, and %25, %0D and
 * %0A in the value are what they stand for.
 */

/* A longer line is taken for as much of it. */
#define HB_MASK_LINE_MAX 32768u

/* Of one stream. Begins as zeroes; the caller frees `line`. */
struct hb_mask_reader {
    struct hb_buffer line; /* of the line so far, which may be a command */
    bool skips;            /* the rest of the line: it is none */
};

/* `value` is borrowed, ends with NUL and is never empty. One that had
 * something to decode is handed on as it stands too. */
typedef void hb_mask_take(void *context, const char *value, size_t size);

void hb_masks_feed(struct hb_mask_reader *reader, const char *bytes,
                   size_t size, hb_mask_take *take, void *context);

/* No more will come: a last line may have no end. */
void hb_masks_end(struct hb_mask_reader *reader, hb_mask_take *take,
                  void *context);
