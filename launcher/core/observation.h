#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/facts.h"
#include "base/found.h"
#include "base/machine.h"
#include "core/evidence.h"
#include "core/verdict_names.h"

/*
 * An observation: one thing that somebody saw, at one time. The stream of
 * them, in the order in which they were made, is all that supervisor, record
 * and verdict know of a run; the timeline is that stream on disk, so a replay
 * sees what they saw.
 */
enum hb_observation_kind {
    HB_OBS_NONE = 0,

    /* The clock. */
    HB_OBS_TIMER, /* the supervisor's wake time has come */
    HB_OBS_GAP,   /* `count` ms in which the test could not run; `text` why */

    /* What the test does. */
    HB_OBS_STARTED,  /* the program runs; `pid` */
    HB_OBS_ATTACHED, /* a fixture opened the recorder; `pid`, `count` lane,
                        `text` its version */
    HB_OBS_REFUSED,  /* a fixture of another protocol; `text` both versions */
    HB_OBS_ALIVE,    /* the heartbeat thread beat; `stats`, `lane_cpu_us` */
    HB_OBS_BEAT,     /* `count` more calls of hbtest_beat(), or WATCHDOG=1 */
    HB_OBS_NOTE,     /* `text`: the test says where it is */
    HB_OBS_PLAN,     /* `count` cases announced in all; `name` suite or NULL */
    HB_OBS_EXPECTED, /* a case `name` (of `suite`) is known, not yet begun */
    HB_OBS_CASE_BEGIN,  /* `name`, `suite` */
    HB_OBS_CASE_END,    /* `name`, `suite`, `status`, `duration_ms` */
    HB_OBS_CASE_DETAIL, /* `name`: `text`, `file`, `line` of a failure */
    HB_OBS_COMPLETE,    /* the test says it is done; `source` how, `failed` that
                           it said no, `count` cases run, `text` of TAP why */
    HB_OBS_PAUSE,       /* the test asks not to be watched */
    HB_OBS_RESUME,
    HB_OBS_HANG_AFTER, /* the test sets its own limit; `count` ms, 0 is off */
    HB_OBS_READY,      /* start-up is over (sd_notify READY=1) */
    HB_OBS_STOPPING,   /* teardown began (sd_notify STOPPING=1) */
    HB_OBS_BAD_TEXT,   /* output says why it could not start: `text` */
    HB_OBS_DAMAGE,     /* `count` recorder records unreadable; `text` */
    HB_OBS_LOST,       /* `count` recorder records overwritten unread */
    HB_OBS_EXITING,    /* the fixture saw exit() begin; `count` its status */
    HB_OBS_CRASHING,   /* the fixture saw a fatal signal, and its process may
                          wait to be looked at; `pid`, `exception` */
    HB_OBS_LEAVING,    /* the program is about to end itself before it said
                          that it is done, and may wait to be looked at;
                          `pid`, `leaving` */

    /* What the system says. */
    HB_OBS_OUTPUT,         /* `count` bytes on `stream` since the last */
    HB_OBS_OUTPUT_CLOSED,  /* `stream`; `failed` if our reader went away */
    HB_OBS_BLOCKED,        /* `count` ms: our reader took no `stream` */
    HB_OBS_CPU,            /* `count` microseconds used by the tree so far */
    HB_OBS_CHILD,          /* a process of the tree appeared; `process` */
    HB_OBS_CHILD_EXIT,     /* `pid`, `exit` */
    HB_OBS_EXIT,           /* the test program ended; `exit`, `resources` */
    HB_OBS_SAMPLE,         /* `threads`, and `dialog` */
    HB_OBS_LEFT,           /* a process of the tree outlived it; `process` */
    HB_OBS_HELD_OUTPUT,    /* `stream` is kept open by what is left */
    HB_OBS_SETTLED,        /* the look at what is left is over */
    HB_OBS_PREMATURE_FILE, /* TEST_PREMATURE_EXIT_FILE was left behind */

    /* What was asked of us, and what we did. */
    HB_OBS_STOP_REQUEST, /* Ctrl-C and the like; `count` signal, `text` name,
                            `pid` the sender if known */
    HB_OBS_MODULE,       /* `module`, the one that frames call `count` */
    HB_OBS_THREAD,       /* `found`: a thread with its stack */
    HB_OBS_LOCK,         /* `lock`: who waits for whom */
    HB_OBS_EXCEPTION,    /* `exception`: why the process died */
    HB_OBS_UNWRITTEN,    /* `count` bytes printed to `stream`, not written */
    HB_OBS_MACHINE,      /* `machine`, as it was when the test ended badly */
    HB_OBS_EVIDENCE,     /* `evidence` */
    HB_OBS_EVIDENCE_DONE,
    HB_OBS_STOPPED, /* we asked the tree to stop; `failed` if we could not */
    HB_OBS_KILLED,  /* we killed the tree */
    HB_OBS_WARNING, /* `text` for the report */
    HB_OBS_FAILURE, /* we could not do our job: `text`, `cause_hint` */
    HB_OBS_CLOSED,  /* the run is over; the last observation of all */

    HB_OBS_COUNT
};

/* Who made the observation. */
enum hb_source {
    HB_SOURCE_LAUNCHER = 0,
    HB_SOURCE_KERNEL,
    HB_SOURCE_RECORDER,
    HB_SOURCE_NOTIFY,
    HB_SOURCE_CMOCKA,
    HB_SOURCE_GTEST,
    HB_SOURCE_TAP,
    HB_SOURCE_COUNT
};

enum hb_case_status {
    HB_CASE_UNKNOWN = 0,
    HB_CASE_PASSED,
    HB_CASE_FAILED,
    HB_CASE_SKIPPED,
    HB_CASE_RUNNING, /* in flight at the end: the suspect */
    HB_CASE_LOST,    /* announced or known, never ran */
    HB_CASE_STATUS_COUNT
};

/* A case without a measured duration. */
#define HB_NO_DURATION UINT64_MAX

/*
 * Pointers are borrowed and hold only while the observation is handed on.
 * Fields that a kind does not name are zero or NULL.
 */
struct hb_observation {
    enum hb_observation_kind kind;
    enum hb_source source;
    uint64_t at_ms; /* since the start of the run; never decreases */
    uint32_t pid;
    uint64_t count;
    bool failed;
    enum hb_stream stream;
    const char *suite;
    const char *name;
    const char *text;
    const char *file;
    uint32_t line;
    enum hb_case_status status;
    uint64_t duration_ms;
    struct hb_exit exit;
    struct hb_resources resources;
    struct hb_stats stats;
    uint64_t lane_cpu_us; /* what the heartbeat thread itself used */
    const struct hb_tree_process *process;
    const struct hb_thread_sample *threads;
    size_t thread_count;
    const struct hb_dialog *dialog;
    const struct hb_module *module;
    const struct hb_found_thread *found;
    const struct hb_found_lock *lock;
    const struct hb_found_exception *exception;
    const struct hb_machine *machine;
    const struct hb_leaving *leaving;
    const struct hb_evidence *evidence;
    enum hb_cause cause_hint; /* of FAILURE */
};
