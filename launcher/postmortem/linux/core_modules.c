#include <elf.h>
#include <link.h>
#include <string.h>

#include "postmortem/linux/core_parts.h"

/* Of one mapping: changed pages of a file, and of the memory behind it that
 * starts as zeros. */
#define CHANGED_MOST ((uint64_t)64 * HB_CORE_PAGE)
#define ZEROED_MOST ((uint64_t)16 * HB_CORE_PAGE)

/* What is looked through for changed pages. */
#define LOOK_MOST ((uint64_t)16 << 20)

#define MODULES_MOST 2048u
#define HEADERS_MOST 64u

struct changed {
    struct hb_core_pick *pick;
    uint64_t left; /* bytes that may still be picked */
    bool any;
};

static bool pick_run(void *context, const struct hb_core_run *run)
{
    struct changed *changed = context;
    uint64_t size = run->to - run->from;

    if (!run->is_own) {
        return true;
    }
    changed->any = true;
    size = size < changed->left ? size : changed->left;
    hb_core_pick_range(changed->pick, run->from, size);
    changed->left -= size;
    return changed->left > 0;
}

static bool pick_changed(struct hb_core_pick *pick, struct hb_core_pages *pages,
                         const struct hb_mapping *mapping, uint64_t most)
{
    struct changed changed = { pick, most, false };
    uint64_t to = mapping->end;

    if (to - mapping->start > LOOK_MOST) {
        to = mapping->start + LOOK_MOST;
    }
    hb_core_pages_walk(pages, mapping->start, to, UINT64_MAX, pick_run,
                       &changed);
    return changed.any;
}

/* Pages that the loader wrote and then protected (RELRO) are stored whole:
 * gdb finds the list of modules through them. */
static void pick_file(struct hb_core_pick *pick, struct hb_core_pages *pages,
                      const struct hb_mapping *mapping)
{
    uint64_t size = mapping->end - mapping->start;

    if (mapping->file_offset == 0) {
        hb_core_pick_range(pick, mapping->start, 1);
    }
    if (mapping->executable) {
        return;
    }
    if (pick_changed(pick, pages, mapping, CHANGED_MOST) &&
        !mapping->writable && size <= CHANGED_MOST) {
        hb_core_pick_range(pick, mapping->start, size);
    }
}

static void pick_mapping(struct hb_core_pick *pick, struct hb_core_pages *pages,
                         size_t i)
{
    const struct hb_mapping *mapping = &pick->source->maps.items[i];
    const struct hb_mapping *before = i > 0 ? mapping - 1 : NULL;

    if (!mapping->readable || mapping->shared) {
        return;
    }
    if (strcmp(mapping->path, "[vdso]") == 0) {
        hb_core_pick_range(pick, mapping->start, mapping->end - mapping->start);
    } else if (mapping->inode != 0) {
        pick_file(pick, pages, mapping);
    } else if (before != NULL && before->inode != 0 && before->writable &&
               before->end == mapping->start) {
        (void)pick_changed(pick, pages, mapping, ZEROED_MOST);
    }
}

static uint64_t auxiliary(const struct hb_core_source *source, uint64_t type)
{
    const char *bytes = source->known->auxv.bytes;

    for (size_t at = 0; at + 16 <= source->known->auxv.size; at += 16) {
        uint64_t pair[2];

        memcpy(pair, bytes + at, sizeof(pair));
        if (pair[0] == type) {
            return pair[1];
        }
    }
    return 0;
}

/* Reads and picks; false if it cannot be read whole. */
static bool pick_read(struct hb_core_pick *pick, uint64_t address, void *bytes,
                      size_t size)
{
    hb_core_pick_range(pick, address, size);
    return hb_memory_read(pick->source->tid, address, bytes, size) == size;
}

/* The address of the dynamic section of the program, 0 if there is none. */
static uint64_t find_dynamic(struct hb_core_pick *pick)
{
    Elf64_Phdr headers[HEADERS_MOST];
    uint64_t address = auxiliary(pick->source, AT_PHDR);
    size_t count = (size_t)auxiliary(pick->source, AT_PHNUM);
    uint64_t moved_by = 0;

    if (count > HEADERS_MOST ||
        !pick_read(pick, address, headers, count * sizeof(headers[0]))) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (headers[i].p_type == PT_PHDR) {
            moved_by = address - headers[i].p_vaddr;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (headers[i].p_type == PT_DYNAMIC) {
            return moved_by + headers[i].p_vaddr;
        }
    }
    return 0;
}

/* What the loader keeps for debuggers. */
static uint64_t find_list(struct hb_core_pick *pick)
{
    uint64_t address = find_dynamic(pick);
    Elf64_Dyn entry = { .d_tag = DT_NULL };

    for (size_t i = 0; address != 0 && i < 256; i++) {
        if (!pick_read(pick, address + i * sizeof(entry), &entry,
                       sizeof(entry)) ||
            entry.d_tag == DT_NULL) {
            return 0;
        }
        if (entry.d_tag == DT_DEBUG) {
            return entry.d_un.d_ptr;
        }
    }
    return 0;
}

static void pick_list(struct hb_core_pick *pick)
{
    uint64_t address = find_list(pick);
    struct r_debug list;
    struct link_map module;

    if (address == 0 || !pick_read(pick, address, &list, sizeof(list))) {
        return;
    }
    address = (uint64_t)(uintptr_t)list.r_map;
    for (size_t i = 0; address != 0 && i < MODULES_MOST; i++) {
        if (!pick_read(pick, address, &module, sizeof(module))) {
            return;
        }
        hb_core_pick_range(pick, (uint64_t)(uintptr_t)module.l_name, 256);
        hb_core_pick_range(pick, (uint64_t)(uintptr_t)module.l_ld, 512);
        address = (uint64_t)(uintptr_t)module.l_next;
    }
}

void hb_core_pick_modules(struct hb_core_pick *pick)
{
    struct hb_core_pages pages;

    pick_list(pick);
    hb_core_pages_open(&pages, pick->source->tid);
    for (size_t i = 0; i < pick->source->maps.count; i++) {
        pick_mapping(pick, &pages, i);
    }
    hb_core_pages_close(&pages);
}
