#include "core/watch.h"

static void attach(struct hb_supervisor *sup, uint32_t pid)
{
    if (sup->main_pid == 0 || pid == sup->started_pid) {
        sup->main_pid = pid;
    }
}

static uint64_t later(uint64_t time_ms, uint64_t gap_ms, uint64_t at_ms)
{
    return time_ms + gap_ms < at_ms ? time_ms + gap_ms : at_ms;
}

void hb_watch_forgive(struct hb_supervisor *sup, uint64_t gap_ms,
                      uint64_t at_ms)
{
    sup->progress_ms = later(sup->progress_ms, gap_ms, at_ms);
    sup->started_ms = later(sup->started_ms, gap_ms, at_ms);
    sup->completed_ms = later(sup->completed_ms, gap_ms, at_ms);
}

/* Whether the test waits for our reader is not seen, nor what it says
 * meanwhile: that is no silence. The total limit holds, or a reader that never
 * reads would keep us for ever. */
static void forgive_silence(struct hb_supervisor *sup,
                            const struct hb_observation *seen)
{
    sup->progress_ms = later(sup->progress_ms, seen->count, seen->at_ms);
    sup->completed_ms = later(sup->completed_ms, seen->count, seen->at_ms);
}

static void set_complete(struct hb_supervisor *sup,
                         const struct hb_observation *seen)
{
    sup->complete[seen->source] = true;
    sup->completed_ms = seen->at_ms;
    sup->phase = HB_PHASE_TEARDOWN;
}

/* Who said that it is done and then begins anew takes it back. */
static void begin_again(struct hb_supervisor *sup, enum hb_source source)
{
    sup->complete[source] = false;
    sup->phase = hb_watch_is_complete(sup) ? HB_PHASE_TEARDOWN : HB_PHASE_RUN;
}

/* A test that calls hbtest_beat() or sends WATCHDOG=1 is strict from here
 * on. */
static void learn_beat(struct hb_supervisor *sup,
                       const struct hb_observation *seen)
{
    if (hb_watch_is_main(sup, seen)) {
        sup->strict = true;
    }
}

static void leave_start_up(struct hb_supervisor *sup,
                           const struct hb_observation *seen)
{
    if (sup->phase == HB_PHASE_START_UP && hb_watch_source(sup, seen) != 0 &&
        seen->kind != HB_OBS_CPU) {
        sup->phase = HB_PHASE_RUN;
    }
}

void hb_watch_learn(struct hb_supervisor *sup,
                    const struct hb_observation *seen)
{
    if (seen->source == HB_SOURCE_RECORDER && seen->pid != 0 &&
        sup->main_pid == 0) {
        attach(sup, seen->pid); /* its lane may be told of later */
    }
    switch (seen->kind) {
    case HB_OBS_STARTED:
        sup->started_pid = seen->pid;
        sup->started_ms = seen->at_ms;
        sup->progress_ms = seen->at_ms;
        sup->cpu_at_ms = seen->at_ms;
        break;
    case HB_OBS_ATTACHED:
        attach(sup, seen->pid);
        break;
    case HB_OBS_BEAT:
        learn_beat(sup, seen);
        break;
    case HB_OBS_ALIVE:
        if (hb_watch_is_main(sup, seen)) {
            sup->lane_cpu_us = seen->lane_cpu_us;
        }
        break;
    case HB_OBS_PAUSE:
        sup->paused = true;
        break;
    case HB_OBS_RESUME:
        sup->paused = false;
        sup->progress_ms = seen->at_ms;
        break;
    case HB_OBS_HANG_AFTER:
        sup->test_hang_after_ms = seen->count == 0 ? HB_NO_LIMIT : seen->count;
        break;
    case HB_OBS_GAP:
        hb_watch_forgive(sup, seen->count, seen->at_ms);
        break;
    case HB_OBS_BLOCKED:
        forgive_silence(sup, seen);
        break;
    case HB_OBS_PLAN:
    case HB_OBS_CASE_BEGIN:
        begin_again(sup, seen->source);
        break;
    case HB_OBS_COMPLETE:
        if (hb_watch_is_main(sup, seen)) {
            set_complete(sup, seen);
        }
        break;
    case HB_OBS_STOPPING:
        sup->phase = HB_PHASE_TEARDOWN;
        break;
    default:
        break;
    }
    leave_start_up(sup, seen);
}
