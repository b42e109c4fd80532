#include "postmortem/image.h"

#include "base/text.h"
#include "core/bytes.h"
#include "core/minidump.h"
#include "postmortem/image_parts.h"

#define CODEVIEW 2u

enum {
    ENTRIES_MAX = 16, /* of the debug directory */
    ENTRY_SIZE = 28,
};

static void read_debug_entry(const struct hb_memory *memory, uint64_t base,
                             const unsigned char *entry, struct hb_image *image)
{
    unsigned char bytes[64];
    size_t size = hb_u32_at(entry + 16);
    uint32_t at = hb_u32_at(entry + 20);

    if (hb_u32_at(entry + 12) != CODEVIEW || at == 0) {
        return;
    }
    if (size > sizeof(bytes)) {
        size = sizeof(bytes);
    }
    if (hb_memory_copy(memory, base + at, bytes, size)) {
        (void)hb_codeview_id(bytes, size, image->id, sizeof(image->id));
    }
}

static void read_debug(const struct hb_memory *memory, uint64_t base,
                       struct hb_image_part debug, struct hb_image *image)
{
    unsigned char entry[ENTRY_SIZE];

    for (uint32_t i = 0; i < ENTRIES_MAX && (i + 1) * ENTRY_SIZE <= debug.size;
         i++) {
        if (image->id[0] == '\0' &&
            hb_memory_copy(memory, base + debug.at + (uint64_t)i * ENTRY_SIZE,
                           entry, sizeof(entry))) {
            read_debug_entry(memory, base, entry, image);
        }
    }
}

bool hb_image_read(const struct hb_memory *memory, uint64_t base,
                   struct hb_image *out_image)
{
    struct hb_image_header header;
    struct hb_image image = { 0 };

    if (!hb_image_header_read(memory, base, &header)) {
        return false;
    }
    image.machine = hb_u16_at(header.bytes + 4);
    image.time = hb_u32_at(header.bytes + 8);
    image.size = hb_u32_at(header.bytes + HB_IMAGE_OPTIONAL + 56);
    read_debug(memory, base,
               hb_image_directory(&header, HB_IMAGE_DEBUG_DIRECTORY), &image);
    if (image.id[0] == '\0') {
        (void)hb_text_format(image.id, sizeof(image.id), "%08lX%lx",
                             (unsigned long)image.time,
                             (unsigned long)image.size);
    }
    *out_image = image;
    return true;
}
