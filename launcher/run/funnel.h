#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "core/observation.h"
#include "core/result.h"
#include "core/supervisor.h"
#include "os/file.h"
#include "run/veil.h"

/*
 * Where all observations go through, in one order: the timeline on disk, the
 * supervisor, the record. What the supervisor wants done is kept until the
 * loop takes it.
 */
struct hb_funnel {
    struct hb_supervisor supervisor;
    enum hb_action action;        /* wanted, not yet taken */
    uint64_t last_ms;             /* time never goes back */
    struct hb_buffer pending;     /* lines not yet on disk */
    struct hb_appender *timeline; /* borrowed; NULL: none is kept */
    struct hb_veil *veil;         /* borrowed; NULL: nothing is blanked */
    uint64_t written;             /* bytes of the timeline so far */
    bool cut;                     /* it is as long as it may get */
    bool note_held;               /* the last note, not yet told */
    struct hb_observation note;
    char note_text[HB_CASE_NAME_SIZE];
    uint64_t note_told_ms;
    bool failed;             /* the timeline cannot be written any more */
    struct hb_result result; /* last: it begins by itself */
};

/* `header` and `timeline` are borrowed and must outlive the funnel. The
 * caller must pass it to hb_funnel_free(), and may give it a veil before the
 * first observation. */
void hb_funnel_init(struct hb_funnel *funnel,
                    const struct hb_run_header *header,
                    struct hb_appender *timeline);

/* Tells one observation; its time is moved up to the last one's if it is
 * before that. Of notes that follow each other closely only the last is told,
 * so that a test may note as often as it likes. */
void hb_funnel_tell(struct hb_funnel *funnel,
                    const struct hb_observation *observation);

/* hb_observe for readers; `context` is the funnel. */
void hb_funnel_observe(void *context, const struct hb_observation *seen);

/* What is wanted, which is then no longer wanted. */
enum hb_action hb_funnel_take(struct hb_funnel *funnel);

/* Puts all lines on disk. What finds no room there waits for the next call, so
 * that a disk that was full for a while costs nothing. Where that is too much
 * to keep, or the end comes, a warning goes into the record, and nothing is
 * written afterwards. */
void hb_funnel_flush(struct hb_funnel *funnel);

/* The last observation, then record and verdict are made. */
void hb_funnel_close(struct hb_funnel *funnel, uint64_t at_ms);

void hb_funnel_free(struct hb_funnel *funnel);
