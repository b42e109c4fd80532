#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "postmortem/memory.h"

/*
 * What a program or DLL says of itself in memory. A process that is looked at
 * may have written over it, so nothing in it is believed: what cannot be is
 * not there.
 */
struct hb_image {
    uint16_t machine; /* IMAGE_FILE_MACHINE_...: 0x8664 is x86-64 */
    uint32_t time;    /* stamp */
    uint32_t size;    /* in memory */
    char id[80];      /* GUID and age of its PDB; where it has none, time stamp
                         and size, by which a symbol server knows the file */
};

/* False: no image lies at `base`. */
bool hb_image_read(const struct hb_memory *memory, uint64_t base,
                   struct hb_image *out_image);

/* The export that lies nearest below `offset` into the image; false: none
 * does. What is not exported is not seen, so it may be of another function. */
bool hb_image_export(const struct hb_memory *memory, uint64_t base,
                     uint32_t offset, char *target, size_t size,
                     uint32_t *out_start);

/* Where the export of this name lies in the image; false: there is none. */
bool hb_image_find(const struct hb_memory *memory, uint64_t base,
                   const char *name, uint32_t *out_offset);
