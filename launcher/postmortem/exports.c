#include "postmortem/image_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/bytes.h"

#define MZ 0x5A4Du
#define PE 0x4550u
#define PE_32 0x10Bu
#define PE_64 0x20Bu
#define HEADERS_MAX (1u << 20) /* the second header lies no further */
#define EXPORTS_MAX 65536u
#define NAME_ROOM 128u

bool hb_image_header_read(const struct hb_memory *memory, uint64_t base,
                          struct hb_image_header *out_header)
{
    unsigned char start[64];

    return hb_memory_copy(memory, base, start, sizeof(start)) &&
           hb_u16_at(start) == MZ && hb_u32_at(start + 60) <= HEADERS_MAX &&
           hb_memory_copy(memory, base + hb_u32_at(start + 60),
                          out_header->bytes, sizeof(out_header->bytes)) &&
           hb_u32_at(out_header->bytes) == PE;
}

/* The optional header is longer in 64-bit images; its count of directories
 * stands before the first. */
struct hb_image_part hb_image_directory(const struct hb_image_header *header,
                                        uint32_t which)
{
    uint16_t magic = hb_u16_at(header->bytes + HB_IMAGE_OPTIONAL);
    size_t first = HB_IMAGE_OPTIONAL + (magic == PE_64 ? 112u : 96u);
    struct hb_image_part part = { 0, 0 };

    if ((magic == PE_64 || magic == PE_32) &&
        hb_u32_at(header->bytes + first - 4) > which) {
        const unsigned char *entry = header->bytes + first + (size_t)which * 8u;

        part.at = hb_u32_at(entry);
        part.size = hb_u32_at(entry + 4);
    }
    return part;
}

/* The three tables of an export directory, as far as they can be read. */
struct exports {
    uint32_t function_count;
    uint32_t name_count;
    unsigned char *functions; /* offsets */
    unsigned char *names;     /* offsets of texts */
    unsigned char *ordinals;  /* of each name: which function */
};

static unsigned char *read_table(const struct hb_memory *memory, uint64_t at,
                                 size_t size)
{
    unsigned char *bytes = malloc(size + 1);

    if (bytes != NULL && !hb_memory_copy(memory, at, bytes, size)) {
        free(bytes);
        return NULL;
    }
    return bytes;
}

static void free_exports(struct exports *exports)
{
    free(exports->functions);
    free(exports->names);
    free(exports->ordinals);
}

static bool read_exports(const struct hb_memory *memory, uint64_t base,
                         struct hb_image_part part, struct exports *exports)
{
    unsigned char head[40];

    if (part.size < sizeof(head) ||
        !hb_memory_copy(memory, base + part.at, head, sizeof(head))) {
        return false;
    }
    exports->function_count = hb_u32_at(head + 20);
    exports->name_count = hb_u32_at(head + 24);
    if (exports->function_count > EXPORTS_MAX ||
        exports->name_count > EXPORTS_MAX) {
        return false;
    }
    exports->functions = read_table(memory, base + hb_u32_at(head + 28),
                                    (size_t)exports->function_count * 4u);
    exports->names = read_table(memory, base + hb_u32_at(head + 32),
                                (size_t)exports->name_count * 4u);
    exports->ordinals = read_table(memory, base + hb_u32_at(head + 36),
                                   (size_t)exports->name_count * 2u);
    return exports->functions != NULL && exports->names != NULL &&
           exports->ordinals != NULL;
}

/* A forwarder's offset lies in the directory itself, where no code is. */
static bool find_name(const struct exports *exports, struct hb_image_part part,
                      uint32_t offset, uint32_t *out_start, uint32_t *out_name)
{
    bool any = false;

    for (uint32_t i = 0; i < exports->name_count; i++) {
        uint16_t ordinal = hb_u16_at(exports->ordinals + (size_t)i * 2u);

        if (ordinal >= exports->function_count) {
            continue;
        }
        uint32_t start = hb_u32_at(exports->functions + (size_t)ordinal * 4u);

        if (start == 0 || start > offset ||
            (start >= part.at && start - part.at < part.size) ||
            (any && start <= *out_start)) {
            continue;
        }
        any = true;
        *out_start = start;
        *out_name = hb_u32_at(exports->names + (size_t)i * 4u);
    }
    return any;
}

/* A text may end where the memory does. */
static bool read_name(const struct hb_memory *memory, uint64_t at, char *target,
                      size_t size)
{
    char bytes[NAME_ROOM];
    size_t got = memory->read(memory->context, at, bytes, sizeof(bytes));

    (void)hb_text_copy_bytes(target, size, bytes, got);
    return target[0] != '\0';
}

bool hb_image_export(const struct hb_memory *memory, uint64_t base,
                     uint32_t offset, char *target, size_t size,
                     uint32_t *out_start)
{
    struct hb_image_header header;
    struct exports exports = { 0 };
    uint32_t name = 0;
    bool ok = false;

    if (!hb_image_header_read(memory, base, &header)) {
        return false;
    }
    struct hb_image_part part = hb_image_directory(&header, HB_IMAGE_EXPORTS);

    ok = read_exports(memory, base, part, &exports) &&
         find_name(&exports, part, offset, out_start, &name) &&
         read_name(memory, base + name, target, size);
    free_exports(&exports);
    return ok;
}

static bool has_name(const struct hb_memory *memory, uint64_t at,
                     const char *name)
{
    char found[NAME_ROOM];

    return read_name(memory, at, found, sizeof(found)) &&
           strcmp(found, name) == 0;
}

bool hb_image_find(const struct hb_memory *memory, uint64_t base,
                   const char *name, uint32_t *out_offset)
{
    struct hb_image_header header;
    struct exports exports = { 0 };
    bool found = false;

    if (!hb_image_header_read(memory, base, &header)) {
        return false;
    }
    struct hb_image_part part = hb_image_directory(&header, HB_IMAGE_EXPORTS);
    bool ok = read_exports(memory, base, part, &exports);

    for (uint32_t i = 0; ok && !found && i < exports.name_count; i++) {
        uint16_t ordinal = hb_u16_at(exports.ordinals + (size_t)i * 2u);

        if (ordinal < exports.function_count &&
            has_name(memory, base + hb_u32_at(exports.names + (size_t)i * 4u),
                     name)) {
            *out_offset = hb_u32_at(exports.functions + (size_t)ordinal * 4u);
            found = true;
        }
    }
    free_exports(&exports);
    return found;
}
