#include "postmortem/linux/core_layout.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "postmortem/linux/core_source.h"

static struct hb_core_segment *add(struct hb_core_layout *layout)
{
    if (layout->count == layout->room) {
        size_t larger = layout->room == 0 ? 256 : layout->room * 2;
        void *items = realloc(layout->items, larger * sizeof(layout->items[0]));

        if (items == NULL) {
            layout->failed = true;
            return NULL;
        }
        layout->items = items;
        layout->room = larger;
    }
    return &layout->items[layout->count++];
}

void hb_core_layout_begin(struct hb_core_layout *layout,
                          const struct hb_mapping *mapping)
{
    struct hb_core_segment *segment = add(layout);

    if (segment != NULL) {
        *segment = (struct hb_core_segment){ mapping, mapping->start,
                                             mapping->end - mapping->start, 0 };
    }
}

void hb_core_layout_store(struct hb_core_layout *layout, uint64_t from,
                          uint64_t to, uint64_t gap)
{
    if (layout->failed) {
        return;
    }
    struct hb_core_segment *last = &layout->items[layout->count - 1];
    const struct hb_mapping *mapping = last->mapping;
    uint64_t stored_to = last->start + last->file_size;

    if (from <= stored_to + gap) {
        if (to > stored_to) {
            last->file_size = to - last->start;
        }
        return;
    }
    last->memory_size = from - last->start;
    hb_core_layout_add(layout, mapping, from, to);
    if (!layout->failed) {
        layout->items[layout->count - 1].memory_size = mapping->end - from;
    }
}

void hb_core_layout_add(struct hb_core_layout *layout,
                        const struct hb_mapping *mapping, uint64_t from,
                        uint64_t to)
{
    struct hb_core_segment *segment = add(layout);

    if (segment != NULL) {
        *segment =
            (struct hb_core_segment){ mapping, from, to - from, to - from };
    }
}

void hb_core_layout_free(struct hb_core_layout *layout)
{
    free(layout->items);
    *layout = (struct hb_core_layout){ 0 };
}

uint64_t hb_core_layout_size(const struct hb_core_layout *layout)
{
    uint64_t size = 0;

    for (size_t i = 0; i < layout->count; i++) {
        size += layout->items[i].file_size;
    }
    return size;
}

/* Where everything stands in the file. */
struct places {
    uint64_t programs;
    uint64_t sections;
    uint64_t notes;
    uint64_t memory;
    uint64_t count; /* of program headers */
};

static struct places place(const struct hb_core_layout *layout,
                           const struct hb_buffer *notes)
{
    struct places at = { .programs = sizeof(Elf64_Ehdr),
                         .count = layout->count + 1 };

    at.sections = at.programs + at.count * sizeof(Elf64_Phdr);
    at.notes = at.sections + sizeof(Elf64_Shdr);
    at.memory = at.notes + notes->size;
    at.memory += (HB_CORE_PAGE - at.memory % HB_CORE_PAGE) % HB_CORE_PAGE;
    return at;
}

/* The header has 16 bits for the count; where they are too few, the first
 * section header says it. */
static bool write_head(const struct places *at, struct hb_core_output *output,
                       struct hb_error *err)
{
    bool many = at->count >= PN_XNUM;
    Elf64_Ehdr head = {
        .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
                     ELFDATA2LSB, EV_CURRENT, ELFOSABI_NONE },
        .e_type = ET_CORE,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_phoff = at->programs,
        .e_shoff = many ? at->sections : 0,
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = many ? PN_XNUM : (uint16_t)at->count,
        .e_shentsize = many ? sizeof(Elf64_Shdr) : 0,
        .e_shnum = many ? 1 : 0,
    };

    return hb_core_output_write(output, &head, sizeof(head), err);
}

static uint32_t flags_of(const struct hb_mapping *mapping)
{
    return (mapping->readable ? (uint32_t)PF_R : 0u) |
           (mapping->writable ? (uint32_t)PF_W : 0u) |
           (mapping->executable ? (uint32_t)PF_X : 0u);
}

static bool write_programs(const struct hb_core_layout *layout,
                           const struct places *at, size_t notes_size,
                           struct hb_core_output *output, struct hb_error *err)
{
    uint64_t offset = at->memory;
    Elf64_Phdr header = { .p_type = PT_NOTE,
                          .p_offset = at->notes,
                          .p_filesz = notes_size,
                          .p_align = 4 };

    for (size_t i = 0; i <= layout->count; i++) {
        if (!hb_core_output_write(output, &header, sizeof(header), err)) {
            return false;
        }
        if (i < layout->count) {
            const struct hb_core_segment *segment = &layout->items[i];

            header = (Elf64_Phdr){ .p_type = PT_LOAD,
                                   .p_flags = flags_of(segment->mapping),
                                   .p_offset = offset,
                                   .p_vaddr = segment->start,
                                   .p_filesz = segment->file_size,
                                   .p_memsz = segment->memory_size,
                                   .p_align = HB_CORE_PAGE };
            offset += segment->file_size;
        }
    }
    return true;
}

bool hb_core_layout_write(const struct hb_core_layout *layout,
                          const struct hb_buffer *notes,
                          struct hb_core_output *output, struct hb_error *err)
{
    static const char zeros[HB_CORE_PAGE];
    struct places at = place(layout, notes);
    Elf64_Shdr section = { .sh_info = (uint32_t)at.count };

    if (layout->failed || notes->failed) {
        return hb_fail(err, HB_ERR_INTERNAL, ENOMEM,
                       "cannot keep the layout of a core");
    }
    return write_head(&at, output, err) &&
           write_programs(layout, &at, notes->size, output, err) &&
           hb_core_output_write(output, &section, sizeof(section), err) &&
           hb_core_output_write(output, notes->bytes, notes->size, err) &&
           hb_core_output_write(output, zeros,
                                (size_t)(at.memory - at.notes - notes->size),
                                err) &&
           hb_core_output_cut(output, err);
}
