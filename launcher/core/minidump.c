#include "core/minidump_parts.h"

#include <string.h>

/* Stream numbers of the format. */
static const uint32_t numbers[HB_MINIDUMP_STREAM_COUNT] = {
    [HB_MINIDUMP_THREADS] = 3, [HB_MINIDUMP_MODULES] = 4,
    [HB_MINIDUMP_MEMORY] = 5,  [HB_MINIDUMP_EXCEPTION] = 6,
    [HB_MINIDUMP_SYSTEM] = 7,  [HB_MINIDUMP_MEMORY_64] = 9,
    [HB_MINIDUMP_MISC] = 15,   [HB_MINIDUMP_THREAD_NAMES] = 24,
};

struct hb_minidump_place hb_place_at(const unsigned char *bytes)
{
    return (struct hb_minidump_place){ .at = hb_u32_at(bytes + 4),
                                       .size = hb_u32_at(bytes) };
}

bool hb_minidump_holds(const struct hb_minidump *dump,
                       struct hb_minidump_place place)
{
    return place.at <= dump->source.size &&
           place.size <= dump->source.size - place.at;
}

bool hb_minidump_bytes(const struct hb_minidump *dump, uint64_t at, void *bytes,
                       size_t size)
{
    return hb_minidump_holds(dump, (struct hb_minidump_place){ at, size }) &&
           dump->source.read(dump->source.context, at, bytes, size);
}

static void keep_stream(struct hb_minidump *dump, const unsigned char *entry)
{
    struct hb_minidump_place place = hb_place_at(entry + 4);

    for (size_t i = 0; i < HB_MINIDUMP_STREAM_COUNT; i++) {
        if (hb_u32_at(entry) == numbers[i] && dump->streams[i].size == 0 &&
            hb_minidump_holds(dump, place)) {
            dump->streams[i] = place;
        }
    }
}

static bool read_directory(struct hb_minidump *dump, struct hb_error *err)
{
    unsigned char entry[HB_MINIDUMP_ENTRY_SIZE];

    for (uint32_t i = 0; i < dump->stream_count; i++) {
        if (!hb_minidump_bytes(dump, dump->directory + i * sizeof(entry), entry,
                               sizeof(entry))) {
            return hb_fail(err, HB_ERR_READ, 0,
                           "the minidump's stream directory is cut off");
        }
        keep_stream(dump, entry);
    }
    return true;
}

bool hb_minidump_open(const struct hb_minidump_source *source,
                      struct hb_minidump *out_dump, struct hb_error *err)
{
    unsigned char header[HB_MINIDUMP_HEADER_SIZE];
    struct hb_minidump dump = { .source = *source };

    if (!hb_minidump_bytes(&dump, 0, header, sizeof(header))) {
        return hb_fail(err, HB_ERR_READ, 0, "too short for a minidump");
    }
    if (hb_u32_at(header) != HB_MINIDUMP_MAGIC ||
        hb_u16_at(header + 4) != HB_MINIDUMP_VERSION) {
        return hb_fail(err, HB_ERR_READ, 0, "no minidump");
    }
    dump.stream_count = hb_u32_at(header + 8);
    dump.directory = hb_u32_at(header + 12);
    if (dump.stream_count == 0 || dump.stream_count > HB_MINIDUMP_STREAMS_MAX) {
        return hb_fail(err, HB_ERR_READ, 0, "a minidump of %lu streams",
                       (unsigned long)dump.stream_count);
    }
    if (!read_directory(&dump, err)) {
        return false;
    }
    *out_dump = dump;
    return true;
}

/* The first `size` bytes of a stream. */
static bool read_stream(const struct hb_minidump *dump,
                        enum hb_minidump_stream stream, unsigned char *bytes,
                        size_t size)
{
    const struct hb_minidump_place *place = &dump->streams[stream];

    return place->size >= size &&
           hb_minidump_bytes(dump, place->at, bytes, size);
}

bool hb_minidump_system(const struct hb_minidump *dump,
                        struct hb_minidump_system *out_system)
{
    unsigned char bytes[HB_MINIDUMP_SYSTEM_SIZE];

    if (!read_stream(dump, HB_MINIDUMP_SYSTEM, bytes, sizeof(bytes))) {
        return false;
    }
    *out_system = (struct hb_minidump_system){
        .processor = hb_u16_at(bytes),
        .major = hb_u32_at(bytes + 8),
        .minor = hb_u32_at(bytes + 12),
        .build = hb_u32_at(bytes + 16),
    };
    return true;
}

bool hb_minidump_pid(const struct hb_minidump *dump, uint32_t *out_pid)
{
    enum { HAS_PID = 1 };
    unsigned char bytes[12];

    if (!read_stream(dump, HB_MINIDUMP_MISC, bytes, sizeof(bytes)) ||
        (hb_u32_at(bytes + 4) & HAS_PID) == 0) {
        return false;
    }
    *out_pid = hb_u32_at(bytes + 8);
    return true;
}

bool hb_minidump_exception(const struct hb_minidump *dump,
                           struct hb_minidump_exception *out_exception)
{
    unsigned char bytes[HB_MINIDUMP_EXCEPTION_SIZE];
    struct hb_minidump_exception found = { 0 };

    if (!read_stream(dump, HB_MINIDUMP_EXCEPTION, bytes, sizeof(bytes))) {
        return false;
    }
    found.tid = hb_u32_at(bytes);
    found.code = hb_u32_at(bytes + 8);
    found.flags = hb_u32_at(bytes + 12);
    found.address = hb_u64_at(bytes + 24);
    found.parameter_count = hb_u32_at(bytes + 32);
    if (found.parameter_count > HB_MINIDUMP_PARAMETERS) {
        found.parameter_count = 0; /* then none of it can be believed */
    }
    for (uint32_t i = 0; i < found.parameter_count; i++) {
        found.parameters[i] = hb_u64_at(bytes + 40 + i * sizeof(uint64_t));
    }
    found.context = hb_place_at(bytes + 160);
    *out_exception = found;
    return true;
}

/* Where the context of a processor keeps the two, and how wide they are. */
static const struct {
    uint16_t processor;
    uint16_t width;
    uint16_t instruction;
    uint16_t stack;
} layouts[] = {
    { HB_MINIDUMP_X86, 4, 0xB8, 0xC4 },
    { HB_MINIDUMP_AMD64, 8, 0xF8, 0x98 },
};

static bool read_register(const struct hb_minidump *dump,
                          const struct hb_minidump_place *context,
                          uint16_t offset, uint16_t width, uint64_t *out_value)
{
    unsigned char bytes[8] = { 0 };

    if (context->size < (uint64_t)offset + width ||
        !hb_minidump_bytes(dump, context->at + offset, bytes, width)) {
        return false;
    }
    *out_value = hb_u64_at(bytes);
    return true;
}

bool hb_minidump_registers(const struct hb_minidump *dump,
                           const struct hb_minidump_place *context,
                           struct hb_minidump_registers *out_registers)
{
    struct hb_minidump_system system;
    struct hb_minidump_registers found;

    if (!hb_minidump_system(dump, &system)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        if (layouts[i].processor == system.processor &&
            read_register(dump, context, layouts[i].instruction,
                          layouts[i].width, &found.instruction) &&
            read_register(dump, context, layouts[i].stack, layouts[i].width,
                          &found.stack)) {
            *out_registers = found;
            return true;
        }
    }
    return false;
}
