#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/found.h"

/*
 * What was found in the processes of the tree, as the record keeps it: the
 * last look at each thread, in the order in which they were told.
 */
#define HB_STACKS_MAX 512u
#define HB_MODULES_MAX 1024u
#define HB_LOCKS_MAX 512u

struct hb_stack_frame {
    uint64_t address;
    uint64_t offset; /* of `address` in its module */
    uint64_t symbol_offset;
    const char *symbol; /* NULL: not known */
    const char *file;   /* NULL: not known */
    uint32_t line;
    uint32_t module; /* an index, if there is one of that number */
    bool is_inlined;
};

struct hb_stack {
    uint32_t pid;
    uint32_t tid;
    char name[HB_THREAD_NAME_SIZE];
    char state[16];
    bool crashed;
    bool moved;
    char cut_short[96];
    struct hb_stack_frame *frames; /* one block with its texts; owned */
    size_t frame_count;
};

/* What a process had printed into a buffer of its C library. */
struct hb_unwritten {
    uint32_t pid; /* 0: not known */
    enum hb_stream stream;
    uint64_t bytes;
    char *text; /* the end of it; owned */
};
#define HB_UNWRITTEN_MAX 8u

struct hb_finds {
    struct hb_module *modules; /* owned */
    size_t module_count;
    size_t module_room;
    struct hb_stack *stacks; /* owned */
    size_t stack_count;
    struct hb_found_lock *locks; /* owned */
    size_t lock_count;
    struct hb_unwritten unwritten[HB_UNWRITTEN_MAX];
    size_t unwritten_count;
    bool has_exception;
    struct hb_found_exception exception;
    bool has_subcode;    /* of a fast fail of the test program itself */
    uint32_t subcode;    /* the first */
    uint64_t beyond_cap; /* what was told and not kept */
};

/* The module of a frame, or NULL. */
const struct hb_module *hb_stack_module(const struct hb_finds *finds,
                                        const struct hb_stack_frame *frame);

/* The stack of this thread, or NULL. */
const struct hb_stack *hb_stack_find(const struct hb_finds *finds, uint32_t pid,
                                     uint32_t tid);
