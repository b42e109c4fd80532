#pragma once

#include <stdint.h>

/* One piece of what was taken of a dying program, or why it was not. */
enum hb_evidence_status {
    HB_EVIDENCE_CAPTURED = 0,
    HB_EVIDENCE_SKIPPED,
    HB_EVIDENCE_FAILED,
    HB_EVIDENCE_STATUS_COUNT
};

struct hb_evidence {
    char kind[24]; /* "stacks", "dump", "samples", ... */
    enum hb_evidence_status status;
    char path[256]; /* relative to the run's folder; empty: none */
    uint32_t pid;   /* of which process; 0: of the whole tree */
    uint64_t bytes;
    uint64_t duration_ms;
    uint64_t pause_us; /* how long it stood still for it; 0: it did not */
    char reason[400];  /* why it is not there; empty if captured */
};
