#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Memory of a process, wherever it is had from: the process itself or a dump.
 */
struct hb_memory {
    /* Copies what can be read from `address` on, at most `size` bytes, and
     * returns how many; the first hole ends it. */
    size_t (*read)(void *context, uint64_t address, void *bytes, size_t size);
    void *context;
};

static inline bool hb_memory_copy(const struct hb_memory *memory,
                                  uint64_t address, void *bytes, size_t size)
{
    return memory->read(memory->context, address, bytes, size) == size;
}
