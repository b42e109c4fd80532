#include "fakes/minidump_bytes.h"

#include <string.h>

void dump_put_32(struct dump *dump, size_t at, uint32_t value)
{
    for (size_t i = 0; i < 4; i++) {
        dump->bytes[at + i] = (unsigned char)(value >> (8 * i));
    }
}

void dump_put_64(struct dump *dump, size_t at, uint64_t value)
{
    dump_put_32(dump, at, (uint32_t)value);
    dump_put_32(dump, at + 4, (uint32_t)(value >> 32));
}

/* A counted text of plain letters. */
static void put_text(struct dump *dump, size_t at, const char *text)
{
    dump_put_32(dump, at, (uint32_t)(2 * strlen(text)));
    for (size_t i = 0; text[i] != '\0'; i++) {
        dump->bytes[at + 4 + 2 * i] = (unsigned char)text[i];
    }
}

static void put_stream(struct dump *dump, uint32_t number, uint32_t at,
                       uint32_t size)
{
    static const unsigned char empty[4];
    size_t entry = DUMP_DIRECTORY;

    while (memcmp(dump->bytes + entry, empty, sizeof(empty)) != 0) {
        entry += 12;
    }
    dump_put_32(dump, entry, number);
    dump_put_32(dump, entry + 4, size);
    dump_put_32(dump, entry + 8, at);
}

static void put_system(struct dump *dump)
{
    put_stream(dump, 7, DUMP_SYSTEM, 56);
    dump_put_32(dump, DUMP_SYSTEM, HB_MINIDUMP_AMD64);
    dump_put_32(dump, DUMP_SYSTEM + 8, 10);
    dump_put_32(dump, DUMP_SYSTEM + 16, 20348);
}

static void put_threads(struct dump *dump)
{
    put_stream(dump, 3, DUMP_THREADS, 4 + 2 * 48);
    dump_put_32(dump, DUMP_THREADS, 2);
    for (uint32_t i = 0; i < 2; i++) {
        size_t at = DUMP_THREADS + 4 + 48 * i;

        dump_put_32(dump, at, DUMP_TID + i);
        dump_put_64(dump, at + 24, DUMP_STACK_ADDRESS);
        dump_put_32(dump, at + 32, 128);
        dump_put_32(dump, at + 36, DUMP_STACK);
        dump_put_32(dump, at + 40, 1232);
        dump_put_32(dump, at + 44, DUMP_CONTEXT);
    }
    dump_put_64(dump, DUMP_CONTEXT + 0x98, DUMP_STACK_ADDRESS + 8);
    dump_put_64(dump, DUMP_CONTEXT + 0xF8, DUMP_INSTRUCTION);
    put_stream(dump, 24, DUMP_NAMES, 4 + 12);
    dump_put_32(dump, DUMP_NAMES, 1);
    dump_put_32(dump, DUMP_NAMES + 4, DUMP_TID + 1);
    dump_put_64(dump, DUMP_NAMES + 8, DUMP_TEXTS + 128);
    put_text(dump, DUMP_TEXTS + 128, "worker");
}

static void put_module(struct dump *dump)
{
    put_stream(dump, 4, DUMP_MODULES, 4 + 108);
    dump_put_32(dump, DUMP_MODULES, 1);
    dump_put_64(dump, DUMP_MODULES + 4, DUMP_MODULE_ADDRESS);
    dump_put_32(dump, DUMP_MODULES + 12, 0x8000);
    dump_put_32(dump, DUMP_MODULES + 20, 0x5F5E1000);
    dump_put_32(dump, DUMP_MODULES + 24, DUMP_TEXTS);
    dump_put_32(dump, DUMP_MODULES + 80, 30);
    dump_put_32(dump, DUMP_MODULES + 84, DUMP_CODEVIEW);
    put_text(dump, DUMP_TEXTS, "C:\\build\\test_parser.exe");
    memcpy(dump->bytes + DUMP_CODEVIEW, "RSDS", 4);
    for (unsigned char i = 0; i < 16; i++) {
        dump->bytes[DUMP_CODEVIEW + 4 + i] = (unsigned char)(0x10u + i);
    }
    dump_put_32(dump, DUMP_CODEVIEW + 20, 0x2A);
    memcpy(dump->bytes + DUMP_CODEVIEW + 24, "a.pdb", 6);
}

static void put_exception(struct dump *dump)
{
    put_stream(dump, 6, DUMP_EXCEPTION, 168);
    dump_put_32(dump, DUMP_EXCEPTION, DUMP_TID + 1);
    dump_put_32(dump, DUMP_EXCEPTION + 8, 0xC0000409);
    dump_put_32(dump, DUMP_EXCEPTION + 12, 1);
    dump_put_64(dump, DUMP_EXCEPTION + 24, DUMP_INSTRUCTION);
    dump_put_32(dump, DUMP_EXCEPTION + 32, 1);
    dump_put_64(dump, DUMP_EXCEPTION + 40, 7);
    dump_put_32(dump, DUMP_EXCEPTION + 160, 1232);
    dump_put_32(dump, DUMP_EXCEPTION + 164, DUMP_CONTEXT);
}

static void put_memory(struct dump *dump)
{
    put_stream(dump, 5, DUMP_MEMORY, 4 + 16);
    dump_put_32(dump, DUMP_MEMORY, 1);
    dump_put_64(dump, DUMP_MEMORY + 4, DUMP_STACK_ADDRESS);
    dump_put_32(dump, DUMP_MEMORY + 12, 128);
    dump_put_32(dump, DUMP_MEMORY + 16, DUMP_STACK);
    for (unsigned char i = 0; i < 128; i++) {
        dump->bytes[DUMP_STACK + i] = i;
    }
    put_stream(dump, 15, DUMP_MISC, 24);
    dump_put_32(dump, DUMP_MISC, 24);
    dump_put_32(dump, DUMP_MISC + 4, 1);
    dump_put_32(dump, DUMP_MISC + 8, DUMP_PID);
}

void dump_make(struct dump *dump)
{
    memset(dump, 0, sizeof(*dump));
    dump->size = DUMP_SIZE;
    memcpy(dump->bytes, "MDMP", 4);
    dump_put_32(dump, 4, 0xA793);
    dump_put_32(dump, 8, DUMP_STREAM_COUNT);
    dump_put_32(dump, 12, DUMP_DIRECTORY);
    put_system(dump);
    put_threads(dump);
    put_module(dump);
    put_exception(dump);
    put_memory(dump);
}

static bool read_bytes(void *context, uint64_t at, void *bytes, size_t size)
{
    const struct dump *dump = context;

    memcpy(bytes, dump->bytes + at, size);
    return true;
}

struct hb_minidump_source dump_source(struct dump *dump)
{
    return (struct hb_minidump_source){ .size = dump->size,
                                        .read = read_bytes,
                                        .context = dump };
}
