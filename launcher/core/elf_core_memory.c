#include "core/elf_core.h"

#include "core/elf_core_parts.h"

#define NOTE_VECTOR 6u
#define VECTOR_MOST 256u

bool hb_elf_core_vector(const struct hb_elf_core *core, uint64_t type,
                        uint64_t *out_value)
{
    unsigned char bytes[16];
    struct hb_elf_core_note note;

    if (!hb_elf_core_note(core, NOTE_VECTOR, 0, sizeof(bytes), &note)) {
        return false;
    }
    for (uint64_t i = 0;
         i < VECTOR_MOST && (i + 1) * sizeof(bytes) <= note.size; i++) {
        if (!hb_elf_core_read(core, note.at + i * sizeof(bytes), bytes,
                              sizeof(bytes))) {
            return false;
        }
        if (hb_elf_core_number(bytes, 8) == type) {
            *out_value = hb_elf_core_number(bytes + 8, 8);
            return true;
        }
    }
    return false;
}

bool hb_elf_core_place(const struct hb_elf_core *core, uint64_t address,
                       struct hb_elf_core_place *out_place)
{
    struct hb_elf_core_segment segment;

    for (uint64_t i = 0; i < core->segment_count; i++) {
        if (!hb_elf_core_segment(core, i, &segment)) {
            return false;
        }
        if (segment.type == HB_ELF_CORE_LOAD && address >= segment.address &&
            address - segment.address < segment.size) {
            uint64_t inside = address - segment.address;

            *out_place = (struct hb_elf_core_place){
                .at = segment.offset + inside,
                .before = inside,
                .size = segment.size - inside,
            };
            return out_place->at >= segment.offset;
        }
    }
    return false;
}

/* One segment's part of it; 0 if the address is in none. */
static size_t read_memory(const struct hb_elf_core *core, uint64_t address,
                          void *bytes, size_t size)
{
    struct hb_elf_core_place place;

    if (!hb_elf_core_place(core, address, &place)) {
        return 0;
    }
    size_t part = place.size < size ? (size_t)place.size : size;
    return hb_elf_core_read(core, place.at, bytes, part) ? part : 0;
}

bool hb_elf_core_memory(const struct hb_elf_core *core, uint64_t address,
                        void *bytes, size_t size)
{
    char *to = bytes;

    while (size > 0) {
        size_t got = read_memory(core, address, to, size);

        if (got == 0) {
            return false;
        }
        to += got;
        address += got;
        size -= got;
    }
    return true;
}
