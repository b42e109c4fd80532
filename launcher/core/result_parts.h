#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/facts.h"
#include "core/observation.h"

/*
 * The parts that a result is made of. A text that is empty, a pointer that is
 * NULL and a time that is HB_UNKNOWN_MS mean "not known".
 */

#define HB_UNKNOWN_MS UINT64_MAX
#define HB_CASE_NAME_SIZE 256
#define HB_TEXT_SIZE 1024

/* Caps, so that no test can make the launcher grow without limit. What lies
 * beyond is counted and named in a warning. */
#define HB_CASES_MAX 100000u
#define HB_PROCESSES_MAX 1000u
#define HB_WARNINGS_MAX 64u
#define HB_EVIDENCE_MAX 192u

#define HB_SAMPLE_THREADS_MAX 512u

#define HB_NO_CASE SIZE_MAX

struct hb_case {
    char *suite; /* NULL: none. Owned by the result */
    char *name;  /* owned by the result */
    enum hb_case_status status;
    uint64_t begun_ms;    /* HB_UNKNOWN_MS */
    uint64_t duration_ms; /* HB_UNKNOWN_MS */
    char *message;        /* NULL: none. Owned */
    char *file;           /* NULL: none. Owned */
    uint32_t line;
    enum hb_source source;
    bool expected;     /* announced by name */
    unsigned begun_by; /* bits 1 << enum hb_source */
    unsigned ended_by;
};

struct hb_process_record {
    struct hb_tree_process process;
    uint64_t started_ms; /* HB_UNKNOWN_MS */
    uint64_t ended_ms;   /* HB_UNKNOWN_MS */
    struct hb_exit exit; /* kind NONE: not known */
    enum hb_source source;
    bool left_behind;
};

struct hb_heartbeat {
    bool seen;              /* anything that counts as progress or life */
    char source[24];        /* "recorder", "notify", "output", "cpu", "none" */
    uint64_t hang_after_ms; /* the limit in force at the end */
    uint64_t beats;
    uint64_t alive;    /* beats of the heartbeat thread */
    uint64_t progress; /* signs of progress that counted */
    uint64_t first_ms; /* HB_UNKNOWN_MS */
    uint64_t last_ms;  /* HB_UNKNOWN_MS */
    uint64_t longest_gap_ms;
    uint64_t gap_at_end_ms; /* HB_UNKNOWN_MS */
    char last_case[HB_CASE_NAME_SIZE];
    char last_note[HB_CASE_NAME_SIZE];
    bool has_stats;
    struct hb_stats last_stats;
};

struct hb_signature {
    char hash[20];   /* 16 hex digits; empty: the run has none */
    char text[1000]; /* the readable form that was hashed */
};

struct hb_killer {
    bool known;
    uint32_t pid;
    char name[HB_IMAGE_SIZE];
    char signal[24];
    char source[24]; /* "launcher", "signalfd", ... */
};
