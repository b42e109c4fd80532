#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "postmortem/memory.h"

/*
 * What waits in the buffer of a stream of Microsoft's C libraries for 64-bit
 * Windows. The process that is read may have written over all of it, so what
 * cannot be is not there.
 */
enum hb_crt {
    HB_CRT_MSVCRT,    /* msvcrt.dll: an array of streams is exported */
    HB_CRT_UNIVERSAL, /* ucrtbase.dll: __acrt_iob_func() knows the array */
};

struct hb_crt_waiting {
    uint64_t from;
    uint64_t bytes; /* 0: nothing waits */
};

/* Of stream 1 or 2 of the array at `streams`; false: that is no such array. */
bool hb_crt_waiting(const struct hb_memory *memory, enum hb_crt crt,
                    uint64_t streams, unsigned stream,
                    struct hb_crt_waiting *out_waiting);

/* The array that the code at `function` takes the address of; 0: none. */
uint64_t hb_crt_streams(const struct hb_memory *memory, uint64_t function);
