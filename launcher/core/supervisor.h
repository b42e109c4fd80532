#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/hang.h"
#include "core/observation.h"
#include "core/policy.h"
#include "core/result.h"

/*
 * The supervisor: decides, never acts. It is told what was observed, and
 * answers with the one thing to do next and when to wake it again. It reads
 * no clock, owns no process and allocates nothing, so a whole run can be
 * replayed in a test.
 *
 * Each action is answered by an observation: SAMPLE by HB_OBS_SAMPLE, COLLECT
 * by HB_OBS_EVIDENCE_DONE, STOP by HB_OBS_STOPPED, KILL by HB_OBS_KILLED,
 * SETTLE by HB_OBS_SETTLED, FINISH by HB_OBS_CLOSED.
 */
enum hb_action {
    HB_ACTION_NONE = 0,
    HB_ACTION_SAMPLE,  /* look at every thread of the tree, touching none */
    HB_ACTION_COLLECT, /* take the evidence: the tree is about to be ended */
    HB_ACTION_STOP,    /* ask the tree to end */
    HB_ACTION_KILL,    /* end the tree */
    HB_ACTION_SETTLE,  /* the program ended: drain its output, look for what
                          it left behind and, unless leaks are ignored, end
                          that */
    HB_ACTION_FINISH,  /* write the reports */
};

enum hb_state {
    HB_STATE_WATCHING = 1,
    HB_STATE_WITNESS,    /* it crashes or leaves, and waits while we look */
    HB_STATE_SUSPECT,    /* silent for too long; first sample taken */
    HB_STATE_COLLECTING, /* the verdict stands; evidence is being taken */
    HB_STATE_STOPPING,   /* asked to end, grace runs */
    HB_STATE_KILLING,
    HB_STATE_SETTLING, /* the program has ended */
    HB_STATE_DONE,
    HB_STATE_COUNT
};

/* What counted as a sign of progress, for the report. */
struct hb_pulse {
    uint64_t count;
    uint64_t first_ms; /* HB_UNKNOWN_MS: none yet */
    uint64_t last_ms;  /* HB_UNKNOWN_MS */
    uint64_t longest_gap_ms;
    enum hb_progress_source source; /* of the last; 0: none yet */
};

/* Fields are private to supervisor.c, but for those marked public. */
struct hb_supervisor {
    const struct hb_policy *policy; /* borrowed */
    enum hb_state state;            /* public, read only */
    enum hb_phase phase;            /* public, read only */
    enum hb_limit fired;            /* public, read only */
    uint64_t fired_ms;              /* public: when, if it did */
    struct hb_pulse pulse;          /* public, read only */
    bool strict;                    /* public: it reports its own progress */
    bool paused;                    /* the test asked not to be watched */
    bool complete[HB_SOURCE_COUNT]; /* who said that the test is done */
    bool interrupted;               /* somebody asked us to stop */
    uint32_t crashed_pid; /* public: looked at as it crashed; 0: it was not */
    uint32_t crashed_tid; /* public: the thread */
    uint32_t left_pid;    /* public: it told that it leaves; 0: it did not */
    uint32_t main_pid;    /* whose beats count */
    uint32_t started_pid;
    uint64_t test_hang_after_ms; /* set by the test; 0: it did not */
    uint64_t progress_ms;        /* last sign of progress, plus forgiven time */
    uint64_t started_ms;         /* plus forgiven time */
    uint64_t completed_ms;       /* plus forgiven time */
    uint64_t state_ms;           /* when the state was entered */
    uint64_t now_ms;
    uint64_t cpu_us; /* of the tree at the last look */
    uint64_t cpu_at_ms;
    uint64_t lane_cpu_us; /* of the heartbeat thread, now and at that look */
    uint64_t lane_cpu_base_us;
    uint64_t dumping_ms;  /* when a crash was first seen reported; 0: never */
    uint64_t forgiven_ms; /* granted to a starved test in this silence */
    struct hb_hang_picture first;
    uint64_t first_at_ms;
};

/* `policy` is borrowed and must outlive the supervisor. */
void hb_supervisor_init(struct hb_supervisor *supervisor,
                        const struct hb_policy *policy);

/* Tells one observation; times never decrease. */
enum hb_action hb_supervisor_step(struct hb_supervisor *supervisor,
                                  const struct hb_observation *observation);

/* When HB_OBS_TIMER must be told at the latest; HB_NO_LIMIT is never. */
uint64_t hb_supervisor_wake_ms(const struct hb_supervisor *supervisor);

/* How often CPU time is to be looked at; HB_NO_LIMIT when it does not count
 * in this run. */
uint64_t hb_supervisor_cpu_every_ms(const struct hb_supervisor *supervisor);

/* The silence limit in force now; HB_NO_LIMIT is off. */
uint64_t hb_supervisor_hang_after_ms(const struct hb_supervisor *supervisor);
