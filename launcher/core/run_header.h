#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/policy.h"

#define HB_RUN_ID_SIZE 64

/* What this machine let us do, named as in result.json. */
struct hb_capability {
    char name[32]; /* "process_tree", "wait_channels", "etw", ... */
    bool available;
    char detail[128]; /* which means is used, or why there is none */
};
#define HB_CAPABILITIES_MAX 16u

/* The first line of the timeline: all that is known before the test starts.
 * Texts are owned by whoever made the header and outlive the result. */
struct hb_run_header {
    const char *name;
    char run_id[HB_RUN_ID_SIZE];
    uint32_t attempt; /* 1 is the first */
    const char *const *command;
    size_t command_count;
    const char *cwd;
    int64_t started_at_unix_ms;
    struct {
        bool windows; /* the family whose exit statuses these are */
        const char *os;
        const char *release;
        const char *arch;
        uint32_t cpus;
        const char *name;
    } host;
    struct {
        const char *version;
        uint32_t pid;
        struct hb_capability capabilities[HB_CAPABILITIES_MAX];
        size_t capability_count;
    } launcher;
    struct hb_policy policy;
};
