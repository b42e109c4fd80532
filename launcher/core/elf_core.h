#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Reads ELF cores of x86-64, as far as verdict, validation and signature need
 * it: which process, which signal, which threads, which files.
 *
 * A core is a file that a dying process left, often cut by a limit or a full
 * disk: nothing in it is believed. Every place is checked against the size of
 * the file before it is read, counts have caps, and what does not fit is "not
 * there". The file is read in pieces, so its size does not matter.
 */
struct hb_elf_core_source {
    uint64_t size;
    /* Copies exactly `size` bytes; false if they cannot be read. It is only
     * asked for what lies below the source's size. */
    bool (*read)(void *context, uint64_t at, void *bytes, size_t size);
    void *context;
};

/* Filled by hb_elf_core_open(); only elf_core*.c look inside. */
struct hb_elf_core {
    struct hb_elf_core_source source;
    uint64_t segments; /* where their headers stand */
    uint64_t segment_count;
    uint64_t notes;
    uint64_t notes_size; /* of those that the file holds */
    uint64_t needed;     /* bytes that the file should have */
};

/* Reads the header and finds the notes. Owns nothing; `source` must live as
 * long as `*out_core`. */
bool hb_elf_core_open(const struct hb_elf_core_source *source,
                      struct hb_elf_core *out_core, struct hb_error *err);

/* True if a debugger can use the file: there is a thread, and every segment
 * lies inside it. The error says what is wrong with it. */
bool hb_elf_core_check(const struct hb_elf_core *core, struct hb_error *err);

struct hb_elf_core_process {
    uint32_t pid;
    uint32_t parent;
    uint32_t group;
    uint32_t user;
    char name[17];
    char arguments[81]; /* cut */
};
/* False if the core does not tell. */
bool hb_elf_core_process(const struct hb_elf_core *core,
                         struct hb_elf_core_process *out_process);

struct hb_elf_core_thread {
    uint32_t tid;
    uint32_t signal; /* of the first: what the process died of; 0: none */
    uint64_t instruction;
    uint64_t stack;
};
/* The first is the one that died. False if there is no such thread. */
bool hb_elf_core_thread(const struct hb_elf_core *core, size_t i,
                        struct hb_elf_core_thread *out_thread);

#define HB_ELF_CORE_PATH 512
struct hb_elf_core_file {
    uint64_t start;
    uint64_t end;
    uint64_t offset; /* in the file */
    char path[HB_ELF_CORE_PATH];
};
/* What was mapped where. False if there is no such mapping. */
bool hb_elf_core_file(const struct hb_elf_core *core, size_t i,
                      struct hb_elf_core_file *out_file);

/* The address that a fault was about; false if there is none. */
bool hb_elf_core_fault(const struct hb_elf_core *core, uint64_t *out_address);

/* A value of the auxiliary vector (AT_...). False if there is none. */
bool hb_elf_core_vector(const struct hb_elf_core *core, uint64_t type,
                        uint64_t *out_value);

/* Where the file stores an address: `at`, `before` bytes of the same segment
 * stand before it, and `size` from it on, if the file is not cut. False if it
 * does not store it. */
struct hb_elf_core_place {
    uint64_t at;
    uint64_t before;
    uint64_t size;
};
bool hb_elf_core_place(const struct hb_elf_core *core, uint64_t address,
                       struct hb_elf_core_place *out_place);

/* Copies memory of the process; false if the core does not store all of it. */
bool hb_elf_core_memory(const struct hb_elf_core *core, uint64_t address,
                        void *bytes, size_t size);
