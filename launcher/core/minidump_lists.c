#include "core/minidump_parts.h"

#include <string.h>

#include "base/text.h"

/* Bytes of one item, of the head before the first, and how many there may be:
 * more than any writer makes, few enough to search. */
static const struct {
    uint32_t head;
    uint32_t item;
    uint32_t most;
} shapes[HB_MINIDUMP_STREAM_COUNT] = {
    [HB_MINIDUMP_THREADS] = { 4, HB_MINIDUMP_THREAD_SIZE, 1u << 14 },
    [HB_MINIDUMP_MODULES] = { 4, HB_MINIDUMP_MODULE_SIZE, 1u << 14 },
    [HB_MINIDUMP_MEMORY] = { 4, HB_MINIDUMP_RANGE_SIZE, 1u << 20 },
    [HB_MINIDUMP_MEMORY_64] = { 16, HB_MINIDUMP_RANGE_SIZE, 1u << 20 },
    [HB_MINIDUMP_THREAD_NAMES] = { 4, HB_MINIDUMP_NAME_SIZE, 1u << 14 },
};

bool hb_minidump_list(const struct hb_minidump *dump,
                      enum hb_minidump_stream stream,
                      struct hb_minidump_list *out_list)
{
    const struct hb_minidump_place *place = &dump->streams[stream];
    uint32_t head = shapes[stream].head;
    uint32_t item = shapes[stream].item;
    unsigned char bytes[16] = { 0 };
    struct hb_minidump_list list = { 0 };

    if (item == 0 || place->size < head ||
        !hb_minidump_bytes(dump, place->at, bytes, head)) {
        return false;
    }
    list.count = head == 4 ? hb_u32_at(bytes) : hb_u64_at(bytes);
    list.data = hb_u64_at(bytes + 8);
    if (list.count > shapes[stream].most ||
        list.count * item > place->size - head) {
        return false;
    }
    /* Some writers align the first item to eight bytes. */
    if (head == 4 && place->size == 8 + list.count * item) {
        head = 8;
    }
    list.first = place->at + head;
    *out_list = list;
    return true;
}

static uint32_t count_of(const struct hb_minidump *dump,
                         enum hb_minidump_stream stream)
{
    struct hb_minidump_list list;

    return hb_minidump_list(dump, stream, &list) ? (uint32_t)list.count : 0;
}

bool hb_minidump_item(const struct hb_minidump *dump,
                      enum hb_minidump_stream stream, uint32_t i,
                      unsigned char *bytes)
{
    struct hb_minidump_list list;
    uint32_t size = shapes[stream].item;

    return hb_minidump_list(dump, stream, &list) && i < list.count &&
           hb_minidump_bytes(dump, list.first + (uint64_t)i * size, bytes,
                             size);
}

/* The character at unit `*i`; half a pair is U+FFFD. */
static uint32_t next_point(const unsigned char *bytes, size_t units, size_t *i)
{
    uint32_t unit = hb_u16_at(bytes + 2 * (*i)++);

    if (unit < 0xD800u || unit >= 0xE000u) {
        return unit;
    }
    if (unit < 0xDC00u && *i < units) {
        uint32_t low = hb_u16_at(bytes + 2 * *i);

        if (low >= 0xDC00u && low < 0xE000u) {
            (*i)++;
            return 0x10000u + ((unit - 0xD800u) << 10) + (low - 0xDC00u);
        }
    }
    return 0xFFFDu;
}

bool hb_minidump_text(const struct hb_minidump *dump, uint64_t at, char *target,
                      size_t size)
{
    unsigned char bytes[1024];
    unsigned char head[4];
    size_t used = 0;

    if (!hb_minidump_bytes(dump, at, head, sizeof(head))) {
        return false;
    }
    size_t length = hb_u32_at(head);
    if (length > sizeof(bytes)) {
        length = sizeof(bytes);
    }
    length -= length % 2;
    if (!hb_minidump_bytes(dump, at + sizeof(head), bytes, length)) {
        return false;
    }
    for (size_t i = 0; i < length / 2;) {
        char utf8[4];
        uint32_t point = next_point(bytes, length / 2, &i);
        size_t part = hb_utf8_put(point, utf8);

        if (point == 0 || used + part >= size) {
            break;
        }
        memcpy(target + used, utf8, part);
        used += part;
    }
    target[used] = '\0';
    return true;
}

/* The last name of a thread that has several is as good as the first. */
static void name_thread(const struct hb_minidump *dump,
                        struct hb_minidump_thread *thread)
{
    unsigned char bytes[HB_MINIDUMP_NAME_SIZE];
    uint32_t count = count_of(dump, HB_MINIDUMP_THREAD_NAMES);

    for (uint32_t i = 0; i < count; i++) {
        if (hb_minidump_item(dump, HB_MINIDUMP_THREAD_NAMES, i, bytes) &&
            hb_u32_at(bytes) == thread->tid) {
            (void)hb_minidump_text(dump, hb_u64_at(bytes + 4), thread->name,
                                   sizeof(thread->name));
            return;
        }
    }
}

uint32_t hb_minidump_thread_count(const struct hb_minidump *dump)
{
    return count_of(dump, HB_MINIDUMP_THREADS);
}

bool hb_minidump_thread(const struct hb_minidump *dump, uint32_t i,
                        struct hb_minidump_thread *out_thread)
{
    unsigned char bytes[HB_MINIDUMP_THREAD_SIZE];

    if (!hb_minidump_item(dump, HB_MINIDUMP_THREADS, i, bytes)) {
        return false;
    }
    struct hb_minidump_thread found = {
        .tid = hb_u32_at(bytes),
        .suspended = hb_u32_at(bytes + 4),
        .stack = hb_u64_at(bytes + 24),
        .stack_bytes = hb_place_at(bytes + 32),
        .context = hb_place_at(bytes + 40),
    };

    name_thread(dump, &found);
    *out_thread = found;
    return true;
}

uint32_t hb_minidump_module_count(const struct hb_minidump *dump)
{
    return count_of(dump, HB_MINIDUMP_MODULES);
}

static void read_codeview(const struct hb_minidump *dump,
                          struct hb_minidump_module *module)
{
    unsigned char bytes[64];
    size_t size = module->codeview.size < sizeof(bytes)
                      ? (size_t)module->codeview.size
                      : sizeof(bytes);

    if (hb_minidump_bytes(dump, module->codeview.at, bytes, size)) {
        (void)hb_codeview_id(bytes, size, module->id, sizeof(module->id));
    }
}

bool hb_minidump_module(const struct hb_minidump *dump, uint32_t i,
                        struct hb_minidump_module *out_module)
{
    unsigned char bytes[HB_MINIDUMP_MODULE_SIZE];

    if (!hb_minidump_item(dump, HB_MINIDUMP_MODULES, i, bytes)) {
        return false;
    }
    struct hb_minidump_module found = {
        .base = hb_u64_at(bytes),
        .size = hb_u32_at(bytes + 8),
        .time = hb_u32_at(bytes + 16),
        .codeview = hb_place_at(bytes + 76),
    };

    (void)hb_minidump_text(dump, hb_u32_at(bytes + 20), found.path,
                           sizeof(found.path));
    read_codeview(dump, &found);
    *out_module = found;
    return true;
}
