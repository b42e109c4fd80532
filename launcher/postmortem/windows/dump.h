#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "postmortem/dump_steps.h"
#include "postmortem/windows/opened.h"
#include "postmortem/windows/snapshot.h"

/*
 * Writes a minidump by MiniDumpWriteDump, under the name PATH.part until it is
 * whole and found good, and secrets are blanked. Nothing is left after an
 * error.
 *
 * Where the system makes snapshots the process stands still only while one is
 * made. Where it does not, or nothing can be written from one, and for a crash,
 * whose pointers are the process's own, it is dumped in place: its threads
 * stand still meanwhile, by the writer's own hand.
 */
struct hb_dump_wish {
    enum hb_dump_depth depth;
    const char *path;
    uint64_t size_max;         /* 0: no bound */
    const char *const *redact; /* names of environment variables */
    size_t redact_count;
    uint32_t crashed;  /* thread whose exception is told, unless 0 ... */
    uint64_t pointers; /* ... of these EXCEPTION_POINTERS in the process */
    uint64_t until_ms; /* clock of os/clock.h: give up then */
    const struct hb_dump_tools *tools; /* NULL: those of the system */
};

struct hb_dump_made {
    uint64_t bytes;
    uint64_t pause_us; /* for which the process stood still */
    struct hb_dump_tried tried;
};

bool hb_dump_write(const struct hb_opened *opened,
                   const struct hb_dump_wish *wish,
                   struct hb_dump_made *out_made, struct hb_error *err);
