#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "postmortem/request.h"

/*
 * How a minidump comes to be where the system's writer may fail: memory that
 * changes under it ("partial copy"), rights that are missing for a part, a
 * success that left no usable file. The rules stand here, without the system,
 * so that each failure can be played in a test.
 */
struct hb_dump_calls {
    /* Writes the whole dump anew; 0 or the HRESULT of the failure. */
    uint32_t (*write)(void *context, uint32_t flags);
    /* True if what was written is a whole dump. */
    bool (*check)(void *context, struct hb_error *err);
    /* False: the time is over. */
    bool (*may_go_on)(void *context);
    void *context;
};

/* HRESULTs that are told apart. */
#define HB_DUMP_PARTIAL 0x8007012Bu
#define HB_DUMP_DENIED 0x80070005u
#define HB_DUMP_FULL 0x80070070u
#define HB_DUMP_CANCELLED 0x800704C7u

/* Partial copies are tried again this often before less is asked for. */
#define HB_DUMP_TRIES 5u

struct hb_dump_tried {
    uint32_t tries;
    uint32_t flags; /* MINIDUMP_TYPE of what was written */
    bool is_less;   /* than was asked for */
};

/*
 * Tries the flags of `depth`, then less and less; each writer's success counts
 * only after the check. The error names the last failure, and for a right that
 * is missing, that.
 */
bool hb_dump_try(const struct hb_dump_calls *calls, enum hb_dump_depth depth,
                 struct hb_dump_tried *out_tried, struct hb_error *err);
