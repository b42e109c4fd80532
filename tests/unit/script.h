#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/supervisor.h"

/* A script for the supervisor: time, observation, expected action. No clock,
 * no process, no waiting. */
#define MAIN_PID 100u
#define CHILD_PID 200u

struct line {
    uint64_t at_ms;
    enum hb_observation_kind kind;
    enum hb_action action;
    enum hb_source source;
    uint64_t count;
    uint32_t pid; /* 0: the test program's */
};

/* What the next samples show. */
static struct hb_thread_sample seen_thread;

static inline enum hb_action tell(struct hb_supervisor *sup,
                                  const struct line *line)
{
    struct hb_observation seen = {
        .kind = line->kind,
        .at_ms = line->at_ms,
        .source = line->source,
        .count = line->count,
        .pid = line->pid != 0 ? line->pid : MAIN_PID,
        .threads = &seen_thread,
        .thread_count = line->kind == HB_OBS_SAMPLE ? 1 : 0,
    };

    return hb_supervisor_step(sup, &seen);
}

static inline void play(struct hb_supervisor *sup, const struct line *script,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum hb_action action = tell(sup, &script[i]);

        if (action != script[i].action) {
            fail_msg("line %zu: action %d, expected %d", i, (int)action,
                     (int)script[i].action);
        }
    }
}

#define PLAY(sup, script) play(sup, script, sizeof(script) / sizeof(script[0]))

static struct hb_policy policy;
static struct hb_supervisor sup;

/* A hang limit of 1 s, a total of 10 s, 500 ms to leave, 200 ms of grace. */
static int begin(void **state)
{
    (void)state;
    policy = (struct hb_policy){
        .hang_after_ms = 1000,
        .timeout_ms = 10000,
        .exit_within_ms = 500,
        .grace_ms = 200,
        .deadline_ms = HB_NO_LIMIT,
        .progress = HB_PROGRESS_AUTO,
    };
    seen_thread = (struct hb_thread_sample){
        .pid = MAIN_PID,
        .tid = MAIN_PID,
        .state = HB_THREAD_WAITING,
        .wait = HB_WAIT_LOCK,
    };
    hb_supervisor_init(&sup, &policy);
    return 0;
}
