#include "core/minidump_parts.h"

#include <string.h>

static bool outside(struct hb_error *err, const char *what)
{
    return hb_fail(err, HB_ERR_READ, 0,
                   "a broken minidump: %s lies outside of the file", what);
}

static bool missing(struct hb_error *err, const char *what)
{
    return hb_fail(err, HB_ERR_READ, 0, "a broken minidump: no %s", what);
}

/*
 * Every stream lies in the file. A writer that gave up half-way leaves a
 * directory of zeros behind a good header, and calls that success.
 */
static bool check_directory(const struct hb_minidump *dump,
                            struct hb_error *err)
{
    static const unsigned char zeros[HB_MINIDUMP_ENTRY_SIZE];
    unsigned char entry[HB_MINIDUMP_ENTRY_SIZE];
    bool any = false;

    for (uint32_t i = 0; i < dump->stream_count; i++) {
        if (!hb_minidump_bytes(dump, dump->directory + i * sizeof(entry), entry,
                               sizeof(entry))) {
            return outside(err, "the stream directory");
        }
        if (!hb_minidump_holds(dump, hb_place_at(entry + 4))) {
            return outside(err, "a stream");
        }
        any = any || memcmp(entry, zeros, sizeof(entry)) != 0;
    }
    return any || missing(err, "stream: its directory is all zero");
}

static bool check_text(const struct hb_minidump *dump, uint64_t at)
{
    unsigned char head[4];

    return at == 0 ||
           (hb_minidump_bytes(dump, at, head, sizeof(head)) &&
            hb_minidump_holds(dump, (struct hb_minidump_place){
                                        at + sizeof(head), hb_u32_at(head) }));
}

typedef bool check_item(const struct hb_minidump *dump,
                        const unsigned char *item);

static bool check_thread(const struct hb_minidump *dump,
                         const unsigned char *item)
{
    return hb_minidump_holds(dump, hb_place_at(item + 32)) &&
           hb_minidump_holds(dump, hb_place_at(item + 40));
}

static bool check_module(const struct hb_minidump *dump,
                         const unsigned char *item)
{
    return check_text(dump, hb_u32_at(item + 20)) &&
           hb_minidump_holds(dump, hb_place_at(item + 76)) &&
           hb_minidump_holds(dump, hb_place_at(item + 84));
}

static bool check_range(const struct hb_minidump *dump,
                        const unsigned char *item)
{
    return hb_minidump_holds(dump, hb_place_at(item + 8));
}

static bool check_name(const struct hb_minidump *dump,
                       const unsigned char *item)
{
    return check_text(dump, hb_u64_at(item + 4));
}

static const struct {
    enum hb_minidump_stream stream;
    uint32_t size;
    check_item *check;
    const char *what;
} lists[] = {
    { HB_MINIDUMP_THREADS, HB_MINIDUMP_THREAD_SIZE, check_thread, "a thread" },
    { HB_MINIDUMP_MODULES, HB_MINIDUMP_MODULE_SIZE, check_module, "a module" },
    { HB_MINIDUMP_MEMORY, HB_MINIDUMP_RANGE_SIZE, check_range, "memory" },
    { HB_MINIDUMP_THREAD_NAMES, HB_MINIDUMP_NAME_SIZE, check_name,
      "the name of a thread" },
};

static bool check_list(const struct hb_minidump *dump, size_t which,
                       struct hb_error *err)
{
    unsigned char item[HB_MINIDUMP_MODULE_SIZE]; /* the largest */
    struct hb_minidump_list list;

    if (dump->streams[lists[which].stream].size == 0) {
        return true;
    }
    if (!hb_minidump_list(dump, lists[which].stream, &list)) {
        return outside(err, lists[which].what);
    }
    for (uint64_t i = 0; i < list.count; i++) {
        uint64_t at = list.first + i * lists[which].size;

        if (!hb_minidump_bytes(dump, at, item, lists[which].size) ||
            !lists[which].check(dump, item)) {
            return outside(err, lists[which].what);
        }
    }
    return true;
}

/* The ranges' bytes follow each other to the end of the file. */
static bool check_memory_64(const struct hb_minidump *dump,
                            struct hb_error *err)
{
    unsigned char item[HB_MINIDUMP_RANGE_SIZE];
    struct hb_minidump_list list;

    if (dump->streams[HB_MINIDUMP_MEMORY_64].size == 0) {
        return true;
    }
    if (!hb_minidump_list(dump, HB_MINIDUMP_MEMORY_64, &list)) {
        return outside(err, "memory");
    }
    for (uint64_t i = 0, next = list.data; i < list.count; i++) {
        if (!hb_minidump_bytes(dump, list.first + i * sizeof(item), item,
                               sizeof(item)) ||
            !hb_minidump_holds(dump, (struct hb_minidump_place){
                                         next, hb_u64_at(item + 8) })) {
            return outside(err, "memory");
        }
        next += hb_u64_at(item + 8);
    }
    return true;
}

static bool check_exception(const struct hb_minidump *dump,
                            struct hb_error *err)
{
    struct hb_minidump_exception exception;

    if (dump->streams[HB_MINIDUMP_EXCEPTION].size == 0) {
        return true;
    }
    return (hb_minidump_exception(dump, &exception) &&
            hb_minidump_holds(dump, exception.context)) ||
           outside(err, "the exception");
}

bool hb_minidump_check(const struct hb_minidump *dump, struct hb_error *err)
{
    struct hb_minidump_system system;

    if (!check_directory(dump, err)) {
        return false;
    }
    if (!hb_minidump_system(dump, &system)) {
        return missing(err, "word of the system");
    }
    if (hb_minidump_thread_count(dump) == 0) {
        return missing(err, "threads");
    }
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        if (!check_list(dump, i, err)) {
            return false;
        }
    }
    return check_memory_64(dump, err) && check_exception(dump, err);
}
