#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/facts.h"

/*
 * The machine that a test ran on, at one moment, in plain facts. A number that
 * is HB_NOT_KNOWN and a text that is empty could not be had.
 */
#define HB_NOT_KNOWN UINT64_MAX
#define HB_HANDLE_NAME_SIZE 200
#define HB_PRESSURES_MAX 6u
#define HB_SPACES_MAX 2u
#define HB_BUSY_MAX 10u
#define HB_HANDLES_MAX 256u

/* How much of the last seconds some, or all, had to wait; Linux. */
struct hb_pressure {
    char name[20]; /* "cpu", "memory", "io", "container-memory", ... */
    uint64_t some_10s_permille;
    uint64_t some_60s_permille;
    uint64_t full_10s_permille;
    uint64_t full_60s_permille;
};

struct hb_space {
    char name[20]; /* "artifacts", "temp" */
    char path[HB_HANDLE_NAME_SIZE];
    uint64_t free_kib; /* for us */
    uint64_t total_kib;
};

struct hb_busy_process {
    char name[HB_IMAGE_SIZE];
    uint64_t pid;
    uint64_t rss_kib;
    uint64_t cpu_ms; /* used since it began */
    uint64_t age_ms;
};

struct hb_open_handle {
    uint64_t number;
    char type[24]; /* "file", "pipe", "socket", "Event", ... */
    char name[HB_HANDLE_NAME_SIZE];
};

struct hb_machine {
    uint64_t load_1m_percent; /* threads that want to run; 100 is one */
    uint64_t load_5m_percent;
    uint64_t load_15m_percent;
    uint64_t memory_total_kib;
    uint64_t memory_available_kib;
    uint64_t swap_total_kib;
    uint64_t swap_free_kib;
    uint64_t commit_limit_kib; /* Windows: of all that may be promised */
    uint64_t commit_free_kib;

    /* What we may use, where that is less than the machine: a control group of
     * Linux, a job object of Windows. */
    uint64_t limit_memory_kib;
    uint64_t limit_used_kib;
    uint64_t limit_peak_kib;
    uint64_t limit_hit_count;  /* how often it ran into the limit */
    uint64_t limit_kill_count; /* processes ended for that, since it began */
    uint64_t limit_cpu_percent;
    uint64_t limit_throttled_ms; /* since it began */

    uint64_t launcher_ran_ms;    /* since it began */
    uint64_t launcher_waited_ms; /* was ready, and got no processor */

    struct hb_pressure pressures[HB_PRESSURES_MAX];
    size_t pressure_count;
    struct hb_space spaces[HB_SPACES_MAX];
    size_t space_count;
    struct hb_busy_process processes[HB_BUSY_MAX];
    size_t process_count;

    /* What the test program has open. */
    uint64_t handle_pid;
    uint64_t handle_limit; /* how many it may have */
    uint64_t handle_total;
    struct hb_open_handle handles[HB_HANDLES_MAX]; /* the first of them */
    size_t handle_count;
    char handles_missing[96]; /* why some, or all, are not there */
};
