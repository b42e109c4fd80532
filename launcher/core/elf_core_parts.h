#pragma once

#include "core/elf_core.h"

/* The parts of the reader of cores: elf_core.c (headers and notes) and
 * elf_core_memory.c. */
#define HB_ELF_CORE_LOAD 1u
#define HB_ELF_CORE_NOTE 4u

struct hb_elf_core_segment {
    uint32_t type;
    uint64_t offset;
    uint64_t address;
    uint64_t size;
};

struct hb_elf_core_note {
    uint32_t type;
    uint64_t at; /* of what it says */
    uint64_t size;
};

uint64_t hb_elf_core_number(const unsigned char *bytes, size_t size);

/* Reads bytes of the file; false if it does not hold all of them. */
bool hb_elf_core_read(const struct hb_elf_core *core, uint64_t at, void *bytes,
                      size_t size);

bool hb_elf_core_segment(const struct hb_elf_core *core, uint64_t i,
                         struct hb_elf_core_segment *out_segment);

/* Note number `i` of the type, with at least `least` bytes. */
bool hb_elf_core_note(const struct hb_elf_core *core, uint32_t type, size_t i,
                      uint64_t least, struct hb_elf_core_note *out_note);
