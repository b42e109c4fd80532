#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "postmortem/linux/core_parts.h"

#define RANGES_MOST 512u

/* True if the page is new. */
static bool put(struct hb_core_pick *pick, uint64_t page)
{
    size_t at = (size_t)(page / HB_CORE_PAGE * 0x9e3779b97f4a7c15u >> 50);

    while (pick->table[at] != 0) {
        if (pick->table[at] == page) {
            return false;
        }
        at = (at + 1) % HB_CORE_PICK_TABLE;
    }
    pick->table[at] = page;
    pick->count++;
    return true;
}

void hb_core_pick_range(struct hb_core_pick *pick, uint64_t from, uint64_t size)
{
    uint64_t page = from - from % HB_CORE_PAGE;
    const struct hb_mapping *mapping = hb_maps_find(&pick->source->maps, page);

    while (mapping != NULL && mapping->readable && page < from + size &&
           pick->count < HB_CORE_PICK_MOST) {
        if (strncmp(mapping->path, "[vv", 3) != 0) { /* vvar cannot be read */
            (void)put(pick, page);
        }
        page += HB_CORE_PAGE;
        if (page >= mapping->end) {
            mapping = hb_maps_find(&pick->source->maps, page);
        }
    }
}

static int compare(const void *one, const void *other)
{
    uint64_t a = *(const uint64_t *)one;
    uint64_t b = *(const uint64_t *)other;

    return (a > b) - (a < b);
}

/* All pages by address, at the front of the table. */
static void sort(struct hb_core_pick *pick)
{
    size_t count = 0;

    for (size_t i = 0; i < HB_CORE_PICK_TABLE; i++) {
        if (pick->table[i] != 0) {
            pick->table[count++] = pick->table[i];
        }
    }
    qsort(pick->table, count, sizeof(pick->table[0]), compare);
}

/* The pages of one mapping; returns the index of the first behind it. Of a
 * file the rest is told too: a debugger reads that from the file. What is not
 * stored of other memory is no memory to it, rather than zeros. */
static size_t lay_out(const struct hb_core_pick *pick, size_t i,
                      const struct hb_mapping *mapping,
                      struct hb_core_layout *layout)
{
    bool is_file = mapping->inode != 0;

    if (is_file) {
        hb_core_layout_begin(layout, mapping);
    }
    while (i < pick->count && pick->table[i] < mapping->end) {
        uint64_t from = pick->table[i];
        uint64_t to = from;

        while (i < pick->count && pick->table[i] == to && to < mapping->end) {
            to += HB_CORE_PAGE;
            i++;
        }
        if (is_file) {
            hb_core_layout_store(layout, from, to, 0);
        } else {
            hb_core_layout_add(layout, mapping, from, to);
        }
    }
    return i;
}

/* Many ranges in one call, because the process stands still meanwhile. The
 * first that cannot be read whole ends it; returns how many segments were. */
static size_t copy_at_once(const struct hb_core_source *source,
                           const struct hb_core_layout *layout, char *to)
{
    struct iovec there[RANGES_MOST];
    struct iovec here = { to, 0 };
    size_t count = 0;
    size_t i = 0;

    for (; i < layout->count && count < RANGES_MOST; i++) {
        const struct hb_core_segment *segment = &layout->items[i];

        if (segment->file_size > 0) {
            there[count].iov_base = (void *)(uintptr_t)segment->start;
            there[count++].iov_len = (size_t)segment->file_size;
            here.iov_len += (size_t)segment->file_size;
        }
    }
    ssize_t got = process_vm_readv(source->tid, &here, 1, there, count, 0);
    return got == (ssize_t)here.iov_len ? i : 0;
}

static bool copy_memory(struct hb_core_source *source,
                        struct hb_core_copy *copy, struct hb_error *err)
{
    char *to = malloc((size_t)hb_core_layout_size(&copy->layout) + 1);
    bool fine = to != NULL;

    copy->memory = to;
    if (!fine || copy->layout.failed) {
        return hb_fail(err, HB_ERR_INTERNAL, ENOMEM, "cannot copy memory");
    }
    size_t done = copy_at_once(source, &copy->layout, to);
    for (size_t i = 0; fine && i < copy->layout.count; i++) {
        const struct hb_core_segment *segment = &copy->layout.items[i];
        size_t size = (size_t)segment->file_size;

        fine = i < done || size == 0 ||
               hb_core_source_read(source, segment->mapping, segment->start, to,
                                   size, err);
        to += size;
    }
    return fine;
}

bool hb_core_mini_copy(struct hb_core_source *source,
                       struct hb_core_copy *out_copy, struct hb_error *err)
{
    struct hb_core_pick pick = { .source = source };
    size_t next = 0;

    pick.table = calloc(HB_CORE_PICK_TABLE, sizeof(pick.table[0]));
    if (pick.table == NULL) {
        return hb_fail(err, HB_ERR_INTERNAL, ENOMEM, "cannot copy memory");
    }
    hb_core_pick_stacks(&pick);
    hb_core_pick_modules(&pick);
    sort(&pick);
    for (size_t i = 0; i < source->maps.count; i++) {
        next = lay_out(&pick, next, &source->maps.items[i], &out_copy->layout);
    }
    free(pick.table);
    return copy_memory(source, out_copy, err) &&
           hb_core_notes(source, &out_copy->notes, err);
}

/* Segments that follow each other in memory do so in the copy, and a value may
 * lie across them. */
static void blank(const struct hb_core_source *source,
                  struct hb_core_copy *copy)
{
    char *bytes = copy->memory;

    for (size_t i = 0; i < copy->layout.count;) {
        const struct hb_core_segment *first = &copy->layout.items[i];
        uint64_t size = 0;

        while (i < copy->layout.count &&
               copy->layout.items[i].start == first->start + size) {
            size += copy->layout.items[i++].file_size;
            if (copy->layout.items[i - 1].file_size <
                copy->layout.items[i - 1].memory_size) {
                break;
            }
        }
        hb_core_source_blank(source, first->start, bytes, (size_t)size);
        (void)hb_secrets_blank_edges(source->known->secrets, bytes,
                                     (size_t)size);
        bytes += size;
    }
}

bool hb_core_mini_write(const struct hb_core_source *source,
                        struct hb_core_copy *copy,
                        struct hb_core_output *output, struct hb_error *err)
{
    size_t size = (size_t)hb_core_layout_size(&copy->layout);

    blank(source, copy);
    return hb_core_layout_write(&copy->layout, &copy->notes, output, err) &&
           hb_core_output_write(output, copy->memory, size, err);
}

void hb_core_mini_free(struct hb_core_copy *copy)
{
    hb_core_layout_free(&copy->layout);
    hb_buffer_free(&copy->notes);
    free(copy->memory);
    *copy = (struct hb_core_copy){ 0 };
}
