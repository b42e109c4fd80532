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
 *         writable file-backed pages, RELRO pages, the head of each module,
 *         what a debugger needs to find the modules.
 *   full: what /proc/PID/coredump_filter keeps; zero and absent pages are not
 *         stored, RELRO pages whole. Of shared memory only the pages that the
 *         process itself has touched.
 *
 * Streamed: memory use does not depend on the target's size. The file has no
 * name, or NAME.part, until it is whole; nothing is left after an error, and
 * a file of that name is never replaced. Memory of devices is never read.
 */
struct hb_core_wish {
    enum hb_dump_depth depth;
    const char *path;          /* final name */
    bool compress;             /* zstd frames */
    uint64_t size_max;         /* 0: no bound */
    uint64_t disk_free;        /* bytes of the disk that must stay free */
    const char *const *redact; /* names of environment variables, as --redact
                                  has them */
    size_t redact_count;
    const char *const *environment; /* "NAME=VALUE" texts beside the target's
                                       own, NULL at the end; NULL: none */
    pid_t blamed;      /* the thread that comes first; 0: the leader */
    int signal;        /* that it died of; 0: it lives */
    uint64_t until_ms; /* clock of os/clock.h: give up then; 0: never */
    /* Called once, as soon as the target's memory is no longer needed; it
     * lets the target go on (hb_target_go_on). A mini core is copied first
     * and written after. Not called after an error. NULL: nothing to do. */
    void (*read_all)(void *context);
    void *context;
};

struct hb_core_made {
    uint64_t bytes; /* of the file */
    uint32_t holes; /* ranges that could not be read */
};

/* What is read of the process while it still runs, and the room for what will
 * be copied: it keeps the stop short. `wish` need not live on. */
struct hb_core_known;
bool hb_core_prepare(pid_t pid, const struct hb_core_wish *wish,
                     struct hb_core_known **out, struct hb_error *err);
void hb_core_forget(struct hb_core_known *known); /* NULL is fine */

bool hb_core_write(struct hb_target *target, const struct hb_core_wish *wish,
                   const struct hb_core_known *known,
                   struct hb_core_made *out_made, struct hb_error *err);
