#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Reads minidumps, as far as verdict, validation and signature need it.
 *
 * A dump is a file that a dying process or a tired writer left: nothing in it
 * is believed. Every place is checked against the size of the file before it
 * is read, counts have caps, and what does not fit is "not there". The file is
 * read in pieces, so its size does not matter.
 */
struct hb_minidump_source {
    uint64_t size;
    /* Copies exactly `size` bytes; false if they cannot be read. It is only
     * asked for what lies below the source's size. */
    bool (*read)(void *context, uint64_t at, void *bytes, size_t size);
    void *context;
};

/* Where something lies in the file. */
struct hb_minidump_place {
    uint64_t at;
    uint64_t size;
};

enum hb_minidump_stream {
    HB_MINIDUMP_THREADS = 0,
    HB_MINIDUMP_MODULES,
    HB_MINIDUMP_MEMORY,
    HB_MINIDUMP_EXCEPTION,
    HB_MINIDUMP_SYSTEM,
    HB_MINIDUMP_MEMORY_64,
    HB_MINIDUMP_MISC,
    HB_MINIDUMP_THREAD_NAMES,
    HB_MINIDUMP_STREAM_COUNT
};

/* Filled by hb_minidump_open(); only minidump*.c look inside. */
struct hb_minidump {
    struct hb_minidump_source source;
    uint32_t stream_count;
    uint64_t directory;
    /* The first stream of each kind; size 0: there is none. */
    struct hb_minidump_place streams[HB_MINIDUMP_STREAM_COUNT];
};

/* Reads the header and finds the streams. Owns nothing; `source` must live as
 * long as `*out_dump`. */
bool hb_minidump_open(const struct hb_minidump_source *source,
                      struct hb_minidump *out_dump, struct hb_error *err);

/*
 * True if a debugger can use the file: there are streams and they are not all
 * zero, threads and system are told of, and every place that the file names
 * lies inside it. The error says what is wrong with it.
 */
bool hb_minidump_check(const struct hb_minidump *dump, struct hb_error *err);

#define HB_MINIDUMP_X86 0u
#define HB_MINIDUMP_AMD64 9u

struct hb_minidump_system {
    uint16_t processor; /* PROCESSOR_ARCHITECTURE_... */
    uint32_t major;
    uint32_t minor;
    uint32_t build;
};
bool hb_minidump_system(const struct hb_minidump *dump,
                        struct hb_minidump_system *out_system);

/* The process's id; false if the dump does not tell. */
bool hb_minidump_pid(const struct hb_minidump *dump, uint32_t *out_pid);

#define HB_MINIDUMP_PARAMETERS 15u
struct hb_minidump_exception {
    uint32_t tid;
    uint32_t code; /* NTSTATUS */
    uint32_t flags;
    uint64_t address;
    uint32_t parameter_count;
    uint64_t parameters[HB_MINIDUMP_PARAMETERS]; /* the first of a fast fail
                                                    is its subcode */
    struct hb_minidump_place context;
};
bool hb_minidump_exception(const struct hb_minidump *dump,
                           struct hb_minidump_exception *out_exception);

struct hb_minidump_thread {
    uint32_t tid;
    uint32_t suspended; /* count */
    uint64_t stack;     /* address of its lowest byte in the dump */
    struct hb_minidump_place stack_bytes;
    struct hb_minidump_place context;
    char name[64]; /* empty: none */
};
uint32_t hb_minidump_thread_count(const struct hb_minidump *dump);
bool hb_minidump_thread(const struct hb_minidump *dump, uint32_t i,
                        struct hb_minidump_thread *out_thread);

struct hb_minidump_module {
    uint64_t base;
    uint32_t size;
    uint32_t time;  /* stamp of its file */
    char path[512]; /* UTF-8 */
    char id[80];    /* as hb_codeview_id(); empty: none */
    struct hb_minidump_place codeview;
};
uint32_t hb_minidump_module_count(const struct hb_minidump *dump);
bool hb_minidump_module(const struct hb_minidump *dump, uint32_t i,
                        struct hb_minidump_module *out_module);

/* Instruction and stack pointer of a context of a thread or an exception. */
struct hb_minidump_registers {
    uint64_t instruction;
    uint64_t stack;
};
bool hb_minidump_registers(const struct hb_minidump *dump,
                           const struct hb_minidump_place *context,
                           struct hb_minidump_registers *out_registers);

/* Copies memory of the process; returns how many bytes from `address` on the
 * dump holds. */
size_t hb_minidump_memory(const struct hb_minidump *dump, uint64_t address,
                          void *bytes, size_t size);

/* A CodeView record as a symbol server names it: GUID (or time stamp) and age
 * in hex; the build id in hex where it is one of an ELF file. False: it is
 * neither. */
bool hb_codeview_id(const unsigned char *bytes, size_t size, char *target,
                    size_t target_size);
