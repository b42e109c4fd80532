#pragma once

#include <hbtest/protocol.h>

#include "core/recorder.h"

/*
 * What recorder.c, recorder_slots.c and recorder_lanes.c share. Nobody else
 * includes this.
 */

/* In a record's `lane`: its writer has none. */
#define HB_NO_LANE HBTEST_LANE_COUNT

/* Claimed records that were not finished when we looked, at most. */
#define HB_HOLE_COUNT 64u

struct hb_hole {
    uint64_t index;
    uint64_t since_ms;
    uint32_t looks;
};

/* What we know of a lane, all of it our own copy. */
struct hb_lane_view {
    uint32_t pid;
    uint32_t told_pid; /* its ATTACHED was reported */
    uint64_t attached_ms;
    uint64_t looked_ms;
    uint64_t beats;
    uint64_t alive;
    struct hb_stats stats;
    uint64_t thread_cpu_us;
    bool waits; /* it crashes or leaves, and we have not let it go on */
};

/* The case in flight, as the writer's records have it. */
struct hb_lane_case {
    bool running;
    uint64_t ended; /* cases so far */
    char suite[HBTEST_TEXT_BYTES + 1];
    char name[HBTEST_TEXT_BYTES + 1];
};

/* A sign of life that waits for its turn among the records. */
struct hb_lane_event {
    uint64_t clock_ms;
    uint32_t lane;
    struct hb_observation seen;
};
#define HB_LANE_EVENTS_MOST (2u * HBTEST_LANE_COUNT)

struct hb_recorder {
    volatile unsigned char *memory;
    uint64_t base_ms;      /* clock at the start of the run */
    uint64_t last_read_ms; /* clock of the last read */
    uint64_t now_ms;       /* clock of this read */
    uint64_t last_at_ms;   /* of the last observation */
    hb_observe *observe;   /* of this read */
    void *context;
    bool anything;
    bool refused;

    uint64_t next;                    /* the first record not looked at */
    uint32_t told[HBTEST_SLOT_COUNT]; /* checksum of what each slot last told */
    struct hb_hole holes[HB_HOLE_COUNT];
    uint32_t hole_count;

    uint32_t lanes_used; /* none behind these was ever taken */
    struct hb_lane_view lanes[HBTEST_LANE_COUNT];
    struct hb_lane_case cases[HBTEST_LANE_COUNT + 1];
    struct hb_lane_event events[HB_LANE_EVENTS_MOST];
    uint32_t event_count;
    uint32_t event_next;

    uint64_t lost;
    uint64_t damage;
    const char *damage_text; /* of the first in this read; static */
};

/* Copies `count` words out of memory that may change under us. */
void hb_recorder_copy(const struct hb_recorder *recorder, size_t offset,
                      uint64_t *words, size_t count);

/* Fills in source and time and hands the observation on. */
void hb_recorder_tell(struct hb_recorder *recorder, struct hb_observation *seen,
                      uint64_t clock_ms);

void hb_recorder_damage(struct hb_recorder *recorder, const char *text);

/* Reports that a lane's process is attached, once a process. */
void hb_recorder_tell_attached(struct hb_recorder *recorder, uint32_t lane,
                               uint32_t pid, uint64_t clock_ms,
                               const char *version);

/* For who writes to it: it counts as used. */
struct hb_lane_view *hb_lane_view_of(struct hb_recorder *recorder,
                                     uint32_t index);

/* Looks at all lanes and puts what is new in `events`, oldest first. */
void hb_lanes_look(struct hb_recorder *recorder);

/* Reports those that are older than `clock_ms`. */
void hb_lanes_tell_until(struct hb_recorder *recorder, uint64_t clock_ms);

/* Reports all that are left. */
void hb_lanes_tell_rest(struct hb_recorder *recorder);

/* Reads the new records and reports them, signs of life among them. */
void hb_slots_read(struct hb_recorder *recorder);

/* Reports one record whose checksum is right. */
void hb_record_of_slot(struct hb_recorder *recorder,
                       const struct hbtest_slot *slot);
