#pragma once

#include <stdint.h>

/* What the target of tests knows of itself; it prints the address. */
struct target_facts {
    volatile uint64_t turns; /* of its busy threads */
    volatile uint64_t plain_signals;
    volatile uint64_t queued_signals;

    /* Only of "memory": where what lies. */
    uint64_t heap;     /* TARGET_HEAP, and more of it */
    uint64_t zeros;    /* TARGET_ZEROS bytes, all written to and all zero */
    uint64_t sparse;   /* one page of a mapping of 10 TB; TARGET_SPARSE */
    uint64_t guarded;  /* TARGET_GUARDED, in a page without rights */
    uint64_t left_out; /* TARGET_LEFT_OUT, not to be dumped */
    uint64_t shared;   /* TARGET_SHARED, in shared memory */
};

#define TARGET_HEAP "the heap speaks"
#define TARGET_ZEROS ((uint64_t)32 << 20)
#define TARGET_SPARSE "far out in the sparse mapping"
#define TARGET_GUARDED "behind a guard"
#define TARGET_LEFT_OUT "it asked not to be dumped"
#define TARGET_SHARED "shared with nobody yet"

/* target_memory.c: memory of every kind. */
void target_memory_fill(struct target_facts *facts);
