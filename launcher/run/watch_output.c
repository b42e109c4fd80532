#include "run/watch.h"

#include <string.h>

#include "os/clock.h"

#define OUTPUT_MOST_MS 1000u

/* Output is told when it comes, and then at most a few times per limit. */
uint64_t hb_watch_output_every_ms(const struct hb_watch *watch)
{
    uint64_t every_ms =
        hb_supervisor_hang_after_ms(&watch->funnel.supervisor) / 20;

    if (every_ms < 10) {
        return 10;
    }
    return every_ms > OUTPUT_MOST_MS ? OUTPUT_MOST_MS : every_ms;
}

void hb_watch_tell_output(struct hb_watch *watch)
{
    for (int i = 0; i < HB_STREAM_COUNT; i++) {
        struct hb_observation seen = {
            .kind = HB_OBS_OUTPUT,
            .source = HB_SOURCE_KERNEL,
            .at_ms = hb_watch_now_ms(watch),
            .stream = (enum hb_stream)i,
            .count = watch->silent_bytes[i],
        };

        if (watch->silent_bytes[i] > 0) {
            watch->silent_bytes[i] = 0;
            watch->output_told_ms = hb_clock_ms();
            hb_funnel_tell(&watch->funnel, &seen);
        }
    }
}

void hb_watch_tell_blocked(struct hb_watch *watch, uint64_t least_ms)
{
    uint64_t total_ms[HB_STREAM_COUNT];
    uint64_t news_ms[HB_STREAM_COUNT];
    struct hb_observation seen = {
        .kind = HB_OBS_BLOCKED,
        .source = HB_SOURCE_KERNEL,
        .at_ms = hb_watch_now_ms(watch),
    };

    for (int i = 0; i < HB_STREAM_COUNT; i++) {
        total_ms[i] =
            hb_process_output(watch->process, (enum hb_stream)i).blocked_ms;
        news_ms[i] = total_ms[i] - watch->blocked_ms[i];
    }
    /* Both at once, one reader of both say: the time is told once. */
    seen.stream =
        news_ms[HB_STDERR] > news_ms[HB_STDOUT] ? HB_STDERR : HB_STDOUT;
    seen.count = news_ms[seen.stream];
    if (seen.count >= least_ms) {
        memcpy(watch->blocked_ms, total_ms, sizeof(total_ms));
        hb_funnel_tell(&watch->funnel, &seen);
    }
}

bool hb_watch_holds_output(const struct hb_watch *watch)
{
    return watch->silent_bytes[HB_STDOUT] > 0 ||
           watch->silent_bytes[HB_STDERR] > 0;
}
