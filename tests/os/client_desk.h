#pragma once

#include <hbtest/hbtest.h>
#include <hbtest/protocol.h>

#include <stdio.h>

#include "os/recorder_host.h"
#include "recorder_log.h"

/*
 * A case starts this same program again in a role, with a recorder on offer,
 * and compares what the reader makes of it. Process ids become names: "A" is
 * the role's own, "B" the next that shows, and so on.
 */
#define TOKEN 0xfeedf00du

struct role {
    const char *name;
    int (*run)(void);
};

static struct recorder_host host;
static struct hb_recorder *recorder;
static struct recorder_log seen;
static uint64_t base_ms;

static inline struct hbtest_header *header(void)
{
    return host.memory;
}

static inline struct hbtest_lane *lane_at(uint32_t index)
{
    return (void *)((unsigned char *)host.memory + HBTEST_LANES_OFFSET +
                    (size_t)index * HBTEST_LANE_BYTES);
}

static inline void offer(uint32_t major, uint64_t handle, uint64_t bytes,
                         uint64_t token, bool again)
{
    char value[160];
    char own[32] = "";

    if (again) {
        (void)snprintf(own, sizeof(own), ":%llu", (unsigned long long)host.own);
    }
    (void)snprintf(value, sizeof(value), "%u:%llu:%llu:%llx:%u%s", major,
                   (unsigned long long)handle, (unsigned long long)bytes,
                   (unsigned long long)token, host.pid, own);
    host_offer(value);
}

static inline int set_up(void **state)
{
    (void)state;
    memset(&seen, 0, sizeof(seen));
    if (!host_open(&host)) {
        return -1;
    }
    base_ms = host_clock_ms();
    recorder = hb_recorder_new(host.memory, HBTEST_RECORDER_SIZE, TOKEN,
                               base_ms, 60000);
    offer(1, host.handle, HBTEST_RECORDER_SIZE, TOKEN, false);
    return recorder == NULL;
}

static inline int tear_down(void **state)
{
    (void)state;
    hb_recorder_free(recorder);
    host_close(&host);
    return 0;
}

static inline int run_role(const char *role)
{
    struct host_child child;

    assert_true(host_start(NULL, role, &child));
    return host_wait(&child, NULL, 0);
}

static uint32_t pids[26];

static inline unsigned letter_of(uint32_t pid)
{
    unsigned i = 0;

    while (i < 25 && pids[i] != 0 && pids[i] != pid) {
        i++;
    }
    pids[i] = pid;
    return i;
}

/* One line without its time: "A note 0 here"; the number is the count, or how
 * a case ended. Heartbeats stay out: how many there are is a matter of time. */
static inline void write_short(void *context, const struct hb_observation *o)
{
    struct recorder_log *log = context;
    char head[64];

    if (o->kind == HB_OBS_ALIVE) {
        return;
    }
    (void)hb_text_format(head, sizeof(head), "%c %s",
                         (char)('A' + letter_of(o->pid)),
                         recorder_words[o->kind]);
    recorder_log_add(log, head, "");
    (void)hb_text_format(head, sizeof(head), " %llu",
                         (unsigned long long)(o->kind == HB_OBS_CASE_END
                                                  ? (uint64_t)o->status
                                                  : o->count));
    if (o->kind != HB_OBS_EXITING) { /* not every system tells its status */
        recorder_log_add(log, head, "");
    }
    recorder_log_add(log, " ", o->suite);
    recorder_log_add(log, "/", o->name);
    recorder_log_add(log, " ", o->text);
    recorder_log_add(log, " failed", o->failed ? "" : NULL);
    recorder_log_add(log, "\n", "");
    log->count++;
}

static inline const char *all_seen(void)
{
    memset(pids, 0, sizeof(pids));
    recorder_log_clear(&seen);
    (void)hb_recorder_read(recorder, host_clock_ms(), write_short, &seen);
    return seen.text;
}

/* In a role, runs it and returns true; else the cases are to be run. */
static inline bool played_role(int argc, char **argv, const struct role *roles,
                               int *out_status)
{
    for (; argc == 2 && roles->name != NULL; roles++) {
        if (strcmp(argv[1], roles->name) == 0) {
            *out_status = roles->run();
            return true;
        }
    }
    return false;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
