#pragma once

#include "core/completion.h"
#include "core/masks.h"
#include "core/recorder.h"
#include "os/process.h"
#include "os/reason.h"
#include "run/artifacts.h"
#include "run/door.h"
#include "run/funnel.h"
#include "run/look.h"
#include "run/run.h"
#include "run/veil.h"

/*
 * The state of one run, shared by the parts of the loop: watch.c (waiting),
 * events.c (observing), settle.c (after the end), evidence.c.
 */
/* What a quiet run touches comes first, and what is long last: each page of
 * memory that is begun costs a start its time. */
struct hb_watch {
    const struct hb_settings *settings; /* borrowed */
    struct hb_veil *veil;               /* NULL: nothing is blanked */
    struct hb_process *process;
    struct hb_recorder *recorder;     /* NULL: none could be had */
    struct hb_completion *completion; /* NULL: none could be had */
    uint64_t start_ms;                /* of the run, on our clock */
    uint64_t awake_ms; /* on our clock; when the last wait had ended */
    uint64_t suspended_ms;
    uint64_t grace_until_ms; /* on our clock; 0: the tree was not asked to end,
                                or it was killed */
    uint64_t recorder_at_ms; /* next look, on our clock */
    uint64_t recorder_idle_ms;              /* until the look after that */
    uint64_t cpu_at_ms;                     /* next look, on our clock */
    uint64_t cpu_us;                        /* as last told */
    uint64_t silent_bytes[HB_STREAM_COUNT]; /* come, and not yet told */
    uint64_t output_told_ms; /* on our clock; when the last was told */
    uint64_t blocked_ms[HB_STREAM_COUNT]; /* as last told */
    bool closed[HB_STREAM_COUNT];
    uint64_t signals_told; /* a bit for each number */
    bool recorder_spoke;
    bool log_failed;
    bool no_summary; /* of GitHub's step can be written, and that was told */
    bool in_line;    /* the last byte of the test's stderr ended no line */
    struct hb_mask_reader masks[HB_STREAM_COUNT];
    unsigned mask_count; /* values that have come out of them */
    struct hb_door door;
    char not_passed_on[HB_REASON_SIZE]; /* a stream of ours takes no more */
    struct hb_run_header header;
    struct hb_artifacts artifacts;
    struct hb_funnel funnel;
    char premature_file[HB_PATH_SIZE];
    struct hb_look look;
};

/* Milliseconds since the run began. */
uint64_t hb_watch_now_ms(const struct hb_watch *watch);

/* Tells an observation that is no more than its kind, now. */
void hb_watch_tell(struct hb_watch *watch, enum hb_observation_kind kind);
void hb_watch_tell_text(struct hb_watch *watch, enum hb_observation_kind kind,
                        const char *text);

/* A warning for the record: `before`, then what failed and why. */
void hb_watch_warn(struct hb_watch *watch, const char *before,
                   const struct hb_error *err);

/* Tells the output that was held back; how often it is told at most. */
void hb_watch_tell_output(struct hb_watch *watch);
uint64_t hb_watch_output_every_ms(const struct hb_watch *watch);
bool hb_watch_holds_output(const struct hb_watch *watch); /* not told yet */

/* Tells for how long whoever reads our own streams took nothing, if that is
 * news of `least_ms` or more. */
void hb_watch_tell_blocked(struct hb_watch *watch, uint64_t least_ms);

/* Takes the values that output wants masked; no more of the stream will come.
 */
void hb_watch_masks(struct hb_watch *watch, const struct hb_event *event);
void hb_watch_masks_end(struct hb_watch *watch, enum hb_stream stream);

/* Tells what an event of the process means. */
void hb_watch_event(struct hb_watch *watch, const struct hb_event *event);

/* Reads the recorder and tells the output that was held back. */
void hb_watch_catch_up(struct hb_watch *watch);

/* Waits until `until_ms` (our clock) or one event, and tells what it means.
 * False if waiting itself failed. `*out_kind` is what came. */
bool hb_watch_once(struct hb_watch *watch, uint64_t until_ms,
                   enum hb_event_kind *out_kind, struct hb_error *err);

/* Goes on until the supervisor wants the run finished. */
bool hb_watch_loop(struct hb_watch *watch, struct hb_error *err);

/* After the program has ended: drains its output, gives what it left a short
 * grace, ends that or leaves it alone, and tells it all. */
bool hb_watch_settle(struct hb_watch *watch, struct hb_error *err);

/* Takes a look at all threads and tells it. */
void hb_watch_sample(struct hb_watch *watch);

/* Tells how the machine is, and what the test program has open; and how it was
 * when a program ended that may have died, unless that was told before. */
void hb_watch_machine(struct hb_watch *watch);
void hb_watch_machine_after(struct hb_watch *watch);

/* --keep-symbols, once all modules are known. */
void hb_watch_keep_symbols(struct hb_watch *watch);

/* GitHub: a step summary that cannot be written is told while the record can
 * still tell it; annotation (to `words`) and step summary, of a bad end. */
void hb_watch_check_summary(struct hb_watch *watch);
void hb_watch_say_github(const struct hb_watch *watch, struct hb_buffer *words);

/* Evidence of a tree that is about to be ended. */
void hb_watch_collect(struct hb_watch *watch);

/* True if the record tells of this kind already. */
bool hb_watch_has_evidence(const struct hb_watch *watch, const char *kind);

/* Says of every piece of evidence that nobody took why it is not there. */
void hb_watch_explain(struct hb_watch *watch);
