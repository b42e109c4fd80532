#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "core/evidence.h"
#include "core/options.h"
#include "os/cores.h"
#include "report/told.h"
#include "run/budget.h"

/*
 * A look at the processes of the tree by hbtest-postmortem, while the loop
 * goes on: what it tells comes as events, and whatever it does or does not do,
 * the look ends in bounded time and says of each piece that was wanted what
 * became of it.
 */
#define HB_LOOK_HELD_MAX 64u
#define HB_LOOK_PIDS_MAX 64u

struct hb_look {
    bool running;
    bool was_used;
    bool wants_stacks;
    bool wants_dump;
    bool of_dead; /* at the cores of what has died, of which `cores` tells */
    struct hb_core_trace cores;
    bool done;             /* its last line has come */
    bool ended;            /* by us */
    struct hb_grant grant; /* of bytes for dumps */
    uint64_t limit_ms;     /* what it was given */
    uint64_t until_ms;     /* on our clock: it is ended then */
    uint64_t size;         /* of all that it told */
    uint64_t nonsense;     /* lines that could not be understood */
    bool passing_over;     /* the rest of a line that is too long */
    struct hb_buffer line; /* that is not whole yet */
    unsigned held_count;
    size_t pid_count;
    char trouble[200]; /* why it did not tell all; empty: not known */
    struct hb_timeline_store store;
    uint32_t pids[HB_LOOK_PIDS_MAX]; /* that are looked at, the test first */
    struct hb_evidence held[HB_LOOK_HELD_MAX]; /* waits for stacks.txt */
};

struct hb_watch;
struct hb_event;

/* How long a process that crashes, or leaves, is to wait for the look at it;
 * 0: nobody will look. */
uint32_t hb_look_wait_ms(const struct hb_options *options);

/* Begins the look, or says why there is none. It ends with EVIDENCE_DONE.
 * There is one look a run: of a process that crashes and then does not die,
 * what was seen as it crashed stands. */
void hb_look_start(struct hb_watch *watch);

/* When all has ended: collects what cores the system wrote of the tree, if no
 * dump was taken of it, and says why there is none of a crash. Returns when it
 * is done; false if waiting failed. */
bool hb_look_at_cores(struct hb_watch *watch, struct hb_error *err);

/* True if the record has such a piece, captured. */
bool hb_look_has(const struct hb_watch *watch, const char *kind);

/* An event of the helper. */
void hb_look_event(struct hb_watch *watch, const struct hb_event *event);

/* Ends a look whose time is up; when that must be looked at (our clock). */
void hb_look_check(struct hb_watch *watch);
uint64_t hb_look_wake_ms(const struct hb_watch *watch);

/* Ends the look before its time, if there is one. What came until then is
 * kept. */
void hb_look_stop(struct hb_watch *watch, const char *why);

/* Waits for the end of the look, if there is one; a request to stop ends it. */
bool hb_look_finish(struct hb_watch *watch, struct hb_error *err);
void hb_look_free(struct hb_look *look);
