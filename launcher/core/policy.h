#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * What the judge must know of the options: limits, expectations, and what
 * follows. It is written into the timeline's first line, so that a replay
 * judges by the same law.
 */

/* Sources of progress, a set. AUTO stands for "strict with a test that
 * reports its own progress, lenient with all others". */
enum hb_progress_source {
    HB_PROGRESS_RECORDER = 1,
    HB_PROGRESS_NOTIFY = 2,
    HB_PROGRESS_OUTPUT = 4,
    HB_PROGRESS_CPU = 8,
    HB_PROGRESS_AUTO = 16,
};

enum hb_completion_when {
    HB_COMPLETION_AUTO = 0,
    HB_COMPLETION_ALWAYS,
    HB_COMPLETION_NEVER,
};

enum hb_leak_action { HB_LEAK_REPORT = 0, HB_LEAK_FAIL, HB_LEAK_IGNORE };

enum hb_hold_exit { HB_HOLD_AUTO = 0, HB_HOLD_ON, HB_HOLD_OFF };

enum hb_exit_mode { HB_EXIT_MIRROR = 0, HB_EXIT_VERDICT };

/* The unset limit: an option that is "off". */
#define HB_NO_LIMIT UINT64_MAX

struct hb_policy {
    bool hang_after_auto;   /* then `hang_after_ms` is not read */
    uint64_t hang_after_ms; /* HB_NO_LIMIT is off */
    uint64_t timeout_ms;    /* HB_NO_LIMIT is off */
    uint64_t exit_within_ms;
    uint64_t deadline_ms; /* from the start of the run; HB_NO_LIMIT: none */
    uint64_t beat_every_ms;
    uint64_t grace_ms;
    unsigned progress; /* set of enum hb_progress_source; 0 is none */
    enum hb_completion_when completion;
    bool allow_empty;
    enum hb_leak_action leak;
    bool has_skip_code;
    uint32_t skip_code;
    enum hb_hold_exit hold_exit;
    enum hb_exit_mode exit_mode;
    bool under_ctest; /* 120 to 125 are delivered as an abnormal end */
};

/* `auto` of --hang-after: for a test that reports its own progress, and for
 * all others. */
#define HB_HANG_AFTER_STRICT_MS 30000u
#define HB_HANG_AFTER_LENIENT_MS 300000u
