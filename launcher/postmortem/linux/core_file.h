#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "postmortem/linux/target.h"
#include "postmortem/request.h"

/*
 * Writes an ELF core of a stopped process that gdb, lldb and eu-stack open.
 *
 *   mini: registers, stacks, the pages that registers and stacks point to,
 *         writable file-backed pages, RELRO pages, the head of each module.
 *   full: what /proc/PID/coredump_filter keeps; zero and absent pages are not
 *         stored, RELRO pages whole.
 *
 * Streamed: memory use does not depend on the target's size. The file is
 * NAME.part in its folder until it is whole; nothing is left after an error.
 */
struct hb_core_wish {
    enum hb_dump_depth depth;
    const char *path;          /* final name */
    bool compress;             /* zstd frames */
    uint64_t size_max;         /* 0: no bound */
    const char *const *redact; /* names of environment variables */
    size_t redact_count;
    uint64_t until_ms; /* clock of os/clock.h: give up then */
    /* Called once, as soon as the target's memory is no longer needed; it
     * lets the target go on. A mini core is copied first and written after. */
    void (*read_all)(void *context);
    void *context;
};

struct hb_core_made {
    uint64_t bytes; /* of the file */
    uint32_t holes; /* ranges that could not be read */
};

bool hb_core_write(struct hb_target *target, const struct hb_core_wish *wish,
                   struct hb_core_made *out_made, struct hb_error *err);
