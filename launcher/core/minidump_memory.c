#include "core/minidump_parts.h"

struct range {
    uint64_t start;
    uint64_t size;
    uint64_t at; /* in the file */
};

/* `*next` is where the bytes of a 64-bit list's range lie. */
static bool read_range(const struct hb_minidump *dump,
                       const struct hb_minidump_list *list, uint64_t i,
                       uint64_t *next, struct range *out_range)
{
    unsigned char bytes[HB_MINIDUMP_RANGE_SIZE];

    if (!hb_minidump_bytes(dump, list->first + i * sizeof(bytes), bytes,
                           sizeof(bytes))) {
        return false;
    }
    out_range->start = hb_u64_at(bytes);
    if (next == NULL) {
        out_range->size = hb_u32_at(bytes + 8);
        out_range->at = hb_u32_at(bytes + 12);
    } else {
        out_range->size = hb_u64_at(bytes + 8);
        out_range->at = *next;
        *next += out_range->size; /* checked where it is used */
    }
    return true;
}

static size_t copy_range(const struct hb_minidump *dump,
                         const struct range *range, uint64_t address,
                         void *bytes, size_t size)
{
    uint64_t into = address - range->start;
    uint64_t left = range->size - into;
    size_t part = left < size ? (size_t)left : size;

    return range->at <= UINT64_MAX - into &&
                   hb_minidump_bytes(dump, range->at + into, bytes, part)
               ? part
               : 0;
}

static size_t copy_from(const struct hb_minidump *dump,
                        enum hb_minidump_stream stream, uint64_t address,
                        void *bytes, size_t size)
{
    struct hb_minidump_list list;
    struct range range;

    if (!hb_minidump_list(dump, stream, &list)) {
        return 0;
    }
    uint64_t next = list.data;
    uint64_t *data = stream == HB_MINIDUMP_MEMORY_64 ? &next : NULL;

    for (uint64_t i = 0; i < list.count; i++) {
        if (!read_range(dump, &list, i, data, &range)) {
            return 0;
        }
        if (address >= range.start && address - range.start < range.size) {
            return copy_range(dump, &range, address, bytes, size);
        }
    }
    return 0;
}

/* The stacks of a dump without a memory list are named by its threads. */
static size_t copy_stack(const struct hb_minidump *dump, uint64_t address,
                         void *bytes, size_t size)
{
    unsigned char item[HB_MINIDUMP_THREAD_SIZE];

    for (uint32_t i = 0; hb_minidump_item(dump, HB_MINIDUMP_THREADS, i, item);
         i++) {
        struct hb_minidump_place place = hb_place_at(item + 32);
        struct range range = { hb_u64_at(item + 24), place.size, place.at };

        if (range.at != 0 && address >= range.start &&
            address - range.start < range.size) {
            return copy_range(dump, &range, address, bytes, size);
        }
    }
    return 0;
}

size_t hb_minidump_memory(const struct hb_minidump *dump, uint64_t address,
                          void *bytes, size_t size)
{
    static const enum hb_minidump_stream streams[] = { HB_MINIDUMP_MEMORY_64,
                                                       HB_MINIDUMP_MEMORY };
    size_t got = 0;

    for (size_t i = 0; got == 0 && i < 2; i++) {
        got = copy_from(dump, streams[i], address, bytes, size);
    }
    return got != 0 ? got : copy_stack(dump, address, bytes, size);
}
