#include "core/watch.h"

/* CPU use that counts as progress: at least 1 % of one processor, and more
 * than the granularity of any accounting. */
#define CPU_PERCENT 1u
#define CPU_LEAST_US 1000u
/* It is looked at as seldom as this where the limit on silence is long. */
#define CPU_SELDOM_MS 2000u

static bool cpu_counts(const struct hb_supervisor *sup)
{
    unsigned wanted = sup->policy->progress;

    return (wanted & HB_PROGRESS_CPU) != 0 ||
           ((wanted & HB_PROGRESS_AUTO) != 0 && !sup->strict);
}

uint64_t hb_supervisor_cpu_every_ms(const struct hb_supervisor *supervisor)
{
    uint64_t limit_ms = hb_supervisor_hang_after_ms(supervisor);
    uint64_t every_ms = limit_ms / 20;

    if (supervisor->state > HB_STATE_SUSPECT || limit_ms == HB_NO_LIMIT ||
        !cpu_counts(supervisor)) {
        return HB_NO_LIMIT;
    }
    if (every_ms < 10) {
        return 10;
    }
    return every_ms > CPU_SELDOM_MS ? CPU_SELDOM_MS : every_ms;
}

bool hb_watch_is_main(const struct hb_supervisor *sup,
                      const struct hb_observation *seen)
{
    return seen->source != HB_SOURCE_RECORDER || seen->pid == sup->main_pid;
}

/* The source that this observation is progress of, or 0. */
unsigned hb_watch_source(const struct hb_supervisor *sup,
                         const struct hb_observation *seen)
{
    switch (seen->kind) {
    case HB_OBS_BEAT:
    case HB_OBS_PLAN:
    case HB_OBS_CASE_BEGIN:
    case HB_OBS_CASE_END:
    case HB_OBS_COMPLETE:
    case HB_OBS_ATTACHED:
    case HB_OBS_READY:
    case HB_OBS_STOPPING:
        if (!hb_watch_is_main(sup, seen)) {
            return 0;
        }
        if (seen->source == HB_SOURCE_RECORDER) {
            return HB_PROGRESS_RECORDER;
        }
        return seen->source == HB_SOURCE_NOTIFY ? HB_PROGRESS_NOTIFY
                                                : HB_PROGRESS_OUTPUT;
    case HB_OBS_OUTPUT:
        return HB_PROGRESS_OUTPUT;
    case HB_OBS_CPU:
        return HB_PROGRESS_CPU;
    default:
        return 0;
    }
}

/* In the automatic mode a test that reports its own progress is held to its
 * reports and its cases; from all others everything is taken. */
static bool counts(const struct hb_supervisor *sup, unsigned source,
                   enum hb_observation_kind kind)
{
    unsigned wanted = sup->policy->progress;

    if (source == 0) {
        return false;
    }
    if ((wanted & HB_PROGRESS_AUTO) == 0) {
        return (wanted & source) != 0;
    }
    return !sup->strict || (kind != HB_OBS_OUTPUT && kind != HB_OBS_CPU);
}

static void note_progress(struct hb_supervisor *sup, unsigned source,
                          uint64_t at_ms)
{
    struct hb_pulse *pulse = &sup->pulse;
    uint64_t since_ms = pulse->count > 0 ? pulse->last_ms : sup->started_ms;
    uint64_t gap_ms = at_ms > since_ms ? at_ms - since_ms : 0;

    if (pulse->count++ == 0) {
        pulse->first_ms = at_ms;
    }
    pulse->last_ms = at_ms;
    pulse->source = (enum hb_progress_source)source;
    if (gap_ms > pulse->longest_gap_ms) {
        pulse->longest_gap_ms = gap_ms;
    }
    if (at_ms > sup->progress_ms) {
        sup->progress_ms = at_ms;
    }
    sup->forgiven_ms = 0;
}

/* CPU time is progress if the work used it, not the heartbeat thread. */
static bool cpu_moved(struct hb_supervisor *sup,
                      const struct hb_observation *seen)
{
    uint64_t lane_us = sup->lane_cpu_us - sup->lane_cpu_base_us;
    uint64_t used_us =
        seen->count > sup->cpu_us ? seen->count - sup->cpu_us : 0;
    uint64_t elapsed_us = (seen->at_ms - sup->cpu_at_ms) * 1000;

    sup->cpu_us = seen->count;
    sup->cpu_at_ms = seen->at_ms;
    sup->lane_cpu_base_us = sup->lane_cpu_us;
    used_us = used_us > lane_us ? used_us - lane_us : 0;
    return used_us >= CPU_LEAST_US && used_us >= elapsed_us * CPU_PERCENT / 100;
}

bool hb_watch_progress(struct hb_supervisor *sup,
                       const struct hb_observation *seen)
{
    unsigned source = hb_watch_source(sup, seen);

    if (seen->kind == HB_OBS_CPU && !cpu_moved(sup, seen)) {
        return false;
    }
    if (!counts(sup, source, seen->kind)) {
        return false;
    }
    note_progress(sup, source, seen->at_ms);
    return true;
}
