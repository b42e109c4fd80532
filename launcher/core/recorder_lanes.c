#include <string.h>

#include "core/recorder_parts.h"

/*
 * Lanes have no checksum, so plausibility stands in for it: counters only
 * grow, by no more than a machine can count in the time, and stamps lie not in
 * the future. What fails is damage, and counting starts again from there.
 */
#define LANE_WORDS (sizeof(struct hbtest_lane) / sizeof(uint64_t))
#define STATS_OFFSET offsetof(struct hbtest_lane, stats_sequence)
#define STATS_WORDS 5u

#define BEATS_PER_MS 1000000u
#define ALIVES_PER_MS 1u
#define SLACK_MS 1000u
#define STATS_TRIES 3

union lane_copy {
    uint64_t words[LANE_WORDS];
    struct hbtest_lane lane;
};

struct hb_lane_view *hb_lane_view_of(struct hb_recorder *recorder,
                                     uint32_t index)
{
    if (index >= recorder->lanes_used) {
        recorder->lanes_used = index + 1;
    }
    return &recorder->lanes[index];
}

static size_t lane_offset(uint32_t index)
{
    return HBTEST_LANES_OFFSET + (size_t)index * HBTEST_LANE_BYTES;
}

/* The numbers belong together if the sequence is even and did not change; else
 * those of the last look stay. */
static void read_stats(struct hb_recorder *recorder, uint32_t index)
{
    struct hb_lane_view *view = &recorder->lanes[index];
    size_t at = lane_offset(index);

    for (int i = 0; i < STATS_TRIES; i++) {
        union lane_copy copy;
        uint64_t after = 0;

        hb_recorder_copy(recorder, at + STATS_OFFSET,
                         &copy.words[STATS_OFFSET / sizeof(uint64_t)],
                         STATS_WORDS);
        hb_recorder_copy(recorder, at + STATS_OFFSET, &after, 1);
        if (copy.lane.stats_sequence % 2 != 0 ||
            copy.lane.stats_sequence != (uint32_t)after) {
            continue;
        }
        view->stats = (struct hb_stats){ .rss_kib = copy.lane.rss_kib,
                                         .cpu_ms = copy.lane.cpu_ms,
                                         .threads = copy.lane.threads,
                                         .handles = copy.lane.handles };
        view->thread_cpu_us = copy.lane.beat_thread_cpu_us;
        return;
    }
}

/* How far a counter came since the last look; 0 if that cannot be. */
static uint64_t advance(struct hb_recorder *recorder, uint64_t *kept,
                        uint64_t value, uint64_t stamp_ms, uint64_t most)
{
    uint64_t step = value - *kept;
    bool wrong = value < *kept || step > most ||
                 (step > 0 && stamp_ms > recorder->now_ms + SLACK_MS);

    *kept = value;
    if (wrong) {
        hb_recorder_damage(recorder, "a lane was overwritten by the test");
        return 0;
    }
    return step;
}

/* Keeps `events` in the order of their clocks. */
static void add_event(struct hb_recorder *recorder, uint32_t lane,
                      uint64_t clock_ms, const struct hb_observation *seen)
{
    uint32_t at = recorder->event_count++;

    while (at > 0 && recorder->events[at - 1].clock_ms > clock_ms) {
        recorder->events[at] = recorder->events[at - 1];
        at--;
    }
    recorder->events[at] = (struct hb_lane_event){ .clock_ms = clock_ms,
                                                   .lane = lane,
                                                   .seen = *seen };
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void look_at_lane(struct hb_recorder *recorder, uint32_t index,
                         const struct hbtest_lane *lane)
{
    struct hb_lane_view *view = &recorder->lanes[index];
    uint64_t since = view->looked_ms != 0 ? view->looked_ms : recorder->base_ms;
    uint64_t span = recorder->now_ms - since + SLACK_MS;
    uint64_t alive = advance(recorder, &view->alive, lane->alive,
                             lane->alive_ms, span * ALIVES_PER_MS);
    uint64_t beats = advance(recorder, &view->beats, lane->beats, lane->beat_ms,
                             span * BEATS_PER_MS);

    view->looked_ms = recorder->now_ms;
    if (alive > 0) {
        read_stats(recorder, index);
        add_event(
            recorder, index, later(lane->alive_ms, lane->attached_ms),
            &(struct hb_observation){ .kind = HB_OBS_ALIVE,
                                      .pid = lane->pid,
                                      .stats = view->stats,
                                      .lane_cpu_us = view->thread_cpu_us });
    }
    if (beats > 0) {
        add_event(recorder, index, later(lane->beat_ms, lane->attached_ms),
                  &(struct hb_observation){
                      .kind = HB_OBS_BEAT, .pid = lane->pid, .count = beats });
    }
}

void hb_lanes_look(struct hb_recorder *recorder)
{
    recorder->event_count = 0;
    recorder->event_next = 0;
    for (uint32_t i = 0; i < HBTEST_LANE_COUNT; i++) {
        union lane_copy copy;

        hb_recorder_copy(recorder, lane_offset(i), copy.words, LANE_WORDS);
        if (copy.lane.pid == 0) {
            if (i < recorder->lanes_used && recorder->lanes[i].pid != 0) {
                hb_recorder_damage(recorder,
                                   "a lane was overwritten by the test");
                recorder->lanes[i].pid = 0;
            }
            continue;
        }
        struct hb_lane_view *view = hb_lane_view_of(recorder, i);
        view->pid = copy.lane.pid;
        view->attached_ms = copy.lane.attached_ms;
        look_at_lane(recorder, i, &copy.lane);
    }
}

/* A lane whose ATTACH record is still to come waits for it, so that nothing
 * is told of a process before its version. */
void hb_lanes_tell_until(struct hb_recorder *recorder, uint64_t clock_ms)
{
    while (recorder->event_next < recorder->event_count) {
        struct hb_lane_event *event = &recorder->events[recorder->event_next];

        if (event->clock_ms >= clock_ms ||
            recorder->lanes[event->lane].told_pid != event->seen.pid) {
            return;
        }
        recorder->event_next++;
        hb_recorder_tell(recorder, &event->seen, event->clock_ms);
    }
}

/* The record may be lost, or its writer may have sent none. */
void hb_lanes_tell_rest(struct hb_recorder *recorder)
{
    for (uint32_t i = 0; i < recorder->lanes_used; i++) {
        const struct hb_lane_view *view = &recorder->lanes[i];

        if (view->pid != 0) {
            hb_recorder_tell_attached(recorder, i, view->pid, view->attached_ms,
                                      NULL);
        }
    }
    while (recorder->event_next < recorder->event_count) {
        struct hb_lane_event *event = &recorder->events[recorder->event_next++];

        hb_recorder_tell(recorder, &event->seen, event->clock_ms);
    }
}
