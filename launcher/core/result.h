#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/facts.h"
#include "core/hang.h"
#include "core/observation.h"
#include "core/result_parts.h"
#include "core/run_header.h"
#include "core/stacks.h"
#include "core/verdict_names.h"

/*
 * The whole record of a run, as reports read it. Built by core/record.c from
 * the run's header and its observations and from nothing else; report/ turns
 * it into bytes. A pointer that is NULL, a text that is empty and a time that
 * is HB_UNKNOWN_MS mean "not known" and are left out of the reports.
 */

struct hb_result {
    const struct hb_run_header *header; /* borrowed */

    enum hb_verdict verdict;
    enum hb_cause cause;
    char summary[HB_TEXT_SIZE]; /* one line a person can act on */
    uint32_t exit_status;       /* what the launcher returns */
    bool exit_by_signal;        /* ... by dying of `exit_status` as signal */
    uint64_t duration_ms;
    enum hb_phase phase;     /* in which it ended */
    enum hb_limit fired;     /* which limit ended it */
    uint64_t fired_after_ms; /* its value; HB_UNKNOWN_MS */
    uint64_t fired_ms; /* when it fired; looking and stopping came after */

    uint32_t pid; /* of the program; 0: it was not started */
    bool ended;   /* the program's end was seen */
    struct hb_exit exit;
    uint64_t ended_ms;       /* HB_UNKNOWN_MS */
    bool exit_handlers_seen; /* the fixture saw exit() begin */
    bool left_by_itself;     /* ... and says by which call: */
    struct hb_leaving leaving;
    struct hb_killer killed_by;
    bool stopped_by_us; /* asked to end, and the asking worked */
    bool killed_by_us;
    struct hb_resources resources;

    struct hb_heartbeat heartbeat;

    struct {
        bool expected;
        bool seen;
        bool failed;              /* it said no */
        bool by[HB_SOURCE_COUNT]; /* who says so, not taken back */
        char how[16];         /* "goodbye", "cmocka", "gtest", "tap", "none" */
        char bailed_out[256]; /* why (TAP); empty: it did not */
    } completion;
    bool attached; /* a fixture opened the recorder */
    bool refused;  /* one of another version did not */

    struct hb_case *cases; /* owned */
    size_t case_count;
    size_t case_room;
    struct hb_case_index *case_index; /* owned; NULL: no case yet */
    size_t case_hint;                 /* where the next look begins */
    size_t case_flight; /* last begun or ended; HB_NO_CASE: none yet */
    uint64_t planned;   /* announced in all; 0: no plan */
    uint64_t planned_by[HB_SOURCE_COUNT];
    uint64_t cases_beyond_cap;
    uint64_t cases_unlisted; /* lost, and too many to list without a name */
    bool dialect_seen;       /* output or recorder spoke of cases or a plan */

    struct hb_process_record *processes; /* owned */
    size_t process_count;
    size_t process_room;
    uint64_t processes_beyond_cap;
    uint64_t left_beyond_cap; /* of them, those that were left behind */

    struct hb_thread_sample *threads; /* the last sample; owned */
    size_t thread_count;
    struct hb_dialog dialog;
    struct hb_hang_picture looks[2]; /* the last two samples, boiled down */
    uint64_t look_ms[2];
    enum hb_hang_class hang_class;

    struct hb_finds finds;
    struct hb_machine *machine; /* the last look at it; NULL: none. Owned */
    uint64_t machine_ms;

    struct hb_signature signature;
    size_t evidence_count;
    uint64_t evidence_beyond_cap;
    char (*warnings)[HB_TEXT_SIZE]; /* owned; HB_WARNINGS_MAX of them */
    size_t warning_count;

    uint64_t output_bytes[HB_STREAM_COUNT];
    uint64_t output_blocked_ms[HB_STREAM_COUNT]; /* our reader took nothing */
    bool output_held[HB_STREAM_COUNT]; /* kept open by what was left */
    char bad_text[HB_TEXT_SIZE];       /* "cannot open shared object ..." */
    char failure[HB_TEXT_SIZE];        /* why the launcher failed */
    enum hb_cause failure_cause;
    bool premature_file;     /* TEST_PREMATURE_EXIT_FILE was left */
    char interrupted_by[32]; /* signal name; empty: nobody asked */
    uint32_t interrupt_signal;
    bool out_of_memory;
    /* Last, and not zeroed: it is large, and mostly nothing of it is used. */
    struct hb_evidence evidence[HB_EVIDENCE_MAX];
};
