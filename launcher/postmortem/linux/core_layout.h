#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "postmortem/linux/core_output.h"
#include "postmortem/linux/maps.h"

/*
 * What of a process's memory a core holds. All of it is known before the first
 * byte is written, because a compressed file cannot be corrected.
 */
struct hb_core_segment {
    const struct hb_mapping *mapping; /* borrowed */
    uint64_t start;
    uint64_t memory_size;
    uint64_t file_size; /* the first so many bytes of it are stored */
};

struct hb_core_layout {
    struct hb_core_segment *items; /* by address */
    size_t count;
    size_t room;
    bool failed; /* out of memory: something is missing */
};

/* Begins a mapping of which nothing is stored yet. */
void hb_core_layout_begin(struct hb_core_layout *layout,
                          const struct hb_mapping *mapping);

/* Stores a range of the mapping begun last, behind those stored before. What
 * lies between is stored as well if it is no more than `gap` bytes. */
void hb_core_layout_store(struct hb_core_layout *layout, uint64_t from,
                          uint64_t to, uint64_t gap);

/* Stores a range of `mapping` as a segment of its own that tells nothing of
 * the rest. */
void hb_core_layout_add(struct hb_core_layout *layout,
                        const struct hb_mapping *mapping, uint64_t from,
                        uint64_t to);
void hb_core_layout_free(struct hb_core_layout *layout);

/* Bytes that are stored. */
uint64_t hb_core_layout_size(const struct hb_core_layout *layout);

/* Writes all that stands before the memory: headers and notes. */
bool hb_core_layout_write(const struct hb_core_layout *layout,
                          const struct hb_buffer *notes,
                          struct hb_core_output *output, struct hb_error *err);
