#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/minidump.h"

/*
 * A minidump made by hand: as small as one can be, every field in a known
 * place, so that a test can break what it is about.
 *
 *   dump_make(&dump);                 system, 2 threads, 1 module, memory,
 *                                     an exception, 1 thread name
 *   dump.bytes[...] = ...;            the places are below
 *   dump_source(&dump)                for hb_minidump_open()
 */
#define DUMP_ROOM 4096

enum {
    DUMP_DIRECTORY = 32, /* 8 entries of 12 bytes; the last is unused */
    DUMP_SYSTEM = 256,
    DUMP_THREADS = 320,
    DUMP_MODULES = 448,
    DUMP_EXCEPTION = 576,
    DUMP_MEMORY = 768,
    DUMP_NAMES = 800,
    DUMP_MISC = 832,
    DUMP_TEXTS = 896, /* two: the module's path, the thread's name */
    DUMP_CODEVIEW = 1088,
    DUMP_CONTEXT = 1152,
    DUMP_STACK = 2432,
    DUMP_SIZE = 2560,

    DUMP_STREAM_COUNT = 7,
    DUMP_TID = 100, /* of the first thread; the second is one more */
    DUMP_PID = 99,
};

#define DUMP_STACK_ADDRESS 0x7FFF0000ull
#define DUMP_MODULE_ADDRESS 0x140000000ull
#define DUMP_INSTRUCTION 0x140001234ull

struct dump {
    unsigned char bytes[DUMP_ROOM];
    size_t size;
};

void dump_make(struct dump *dump);
void dump_put_32(struct dump *dump, size_t at, uint32_t value);
void dump_put_64(struct dump *dump, size_t at, uint64_t value);
struct hb_minidump_source dump_source(struct dump *dump);
