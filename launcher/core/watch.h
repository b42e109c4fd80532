#pragma once

#include "core/supervisor.h"

/*
 * The supervisor's private parts: its limits (limits.c), what counts as
 * progress (progress.c) and what it learns of the test's life (life.c).
 */

struct hb_limit_time {
    enum hb_limit limit;
    uint64_t at_ms;
};

/* The limit that is reached first; NONE at HB_NO_LIMIT if there is none. */
struct hb_limit_time hb_watch_next_limit(const struct hb_supervisor *sup);

/* True if somebody said that the test is done, and did not take it back. */
bool hb_watch_is_complete(const struct hb_supervisor *sup);

/* Whether the observation is of the test program itself, not of a fixture in
 * a process that it started. */
bool hb_watch_is_main(const struct hb_supervisor *sup,
                      const struct hb_observation *seen);

/* The source that this observation would be progress of, or 0. */
unsigned hb_watch_source(const struct hb_supervisor *sup,
                         const struct hb_observation *seen);

/* Whether it counts as progress; if so the clock of silence starts anew. */
bool hb_watch_progress(struct hb_supervisor *sup,
                       const struct hb_observation *seen);

/* Takes `gap_ms` off every running limit but the deadline: time in which the
 * test could not run is not silence. */
void hb_watch_forgive(struct hb_supervisor *sup, uint64_t gap_ms,
                      uint64_t at_ms);

/* Phase, completion, pauses, own limits: what the observation changes. */
void hb_watch_learn(struct hb_supervisor *sup,
                    const struct hb_observation *seen);
