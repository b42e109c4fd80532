#pragma once

#include "postmortem/image.h"

/* What image.c and exports.c share. Nobody else includes this. */
#define HB_IMAGE_OPTIONAL 24u /* where the optional header begins */
#define HB_IMAGE_EXPORTS 0u
#define HB_IMAGE_DEBUG_DIRECTORY 6u

struct hb_image_header {
    unsigned char bytes[HB_IMAGE_OPTIONAL + 112 + 8 * 8];
};

/* An entry of the header's directories: offset and size; both 0: none. */
struct hb_image_part {
    uint32_t at;
    uint32_t size;
};

bool hb_image_header_read(const struct hb_memory *memory, uint64_t base,
                          struct hb_image_header *out_header);
struct hb_image_part hb_image_directory(const struct hb_image_header *header,
                                        uint32_t which);
