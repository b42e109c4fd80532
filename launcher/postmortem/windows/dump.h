#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "postmortem/dump_steps.h"
#include "postmortem/windows/opened.h"

/*
 * Writes a minidump by MiniDumpWriteDump, under the name PATH.part until it is
 * whole and found good, and secrets are blanked. Nothing is left after an
 * error.
 *
 * The process is dumped in place: its threads stand still meanwhile, by the
 * writer's own hand. A snapshot (PssCaptureSnapshot) would let it go on, but
 * whoever is dumped here is about to be ended, and the clone that a snapshot
 * makes is a process in the test's job.
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
};

struct hb_dump_made {
    uint64_t bytes;
    struct hb_dump_tried tried;
};

bool hb_dump_write(const struct hb_opened *opened,
                   const struct hb_dump_wish *wish,
                   struct hb_dump_made *out_made, struct hb_error *err);
