#include "run/funnel.h"

#include <string.h>

#include "core/record.h"
#include "core/verdict.h"
#include "report/timeline.h"

/* Lines wait for the next look at the clock, but never this many bytes. */
#define PENDING_MAX 65536u

void hb_funnel_init(struct hb_funnel *funnel,
                    const struct hb_run_header *header,
                    struct hb_appender *timeline)
{
    struct hb_error ignored = { 0 };

    memset(funnel, 0, sizeof(*funnel));
    hb_supervisor_init(&funnel->supervisor, &header->policy);
    hb_record_init(&funnel->result, header);
    funnel->timeline = timeline;
    if (timeline != NULL) {
        (void)hb_timeline_header(header, &funnel->pending, &ignored);
    }
}

static void write_line(struct hb_funnel *funnel,
                       const struct hb_observation *observation)
{
    struct hb_error ignored = { 0 };

    if (funnel->timeline == NULL || funnel->failed) {
        return;
    }
    (void)hb_timeline_line(observation, &funnel->pending, &ignored);
    if (funnel->pending.size >= PENDING_MAX) {
        hb_funnel_flush(funnel);
    }
}

void hb_funnel_tell(struct hb_funnel *funnel,
                    const struct hb_observation *observation)
{
    struct hb_observation told = *observation;
    enum hb_action action;

    if (told.at_ms < funnel->last_ms) {
        told.at_ms = funnel->last_ms;
    }
    funnel->last_ms = told.at_ms;
    write_line(funnel, &told);
    action = hb_supervisor_step(&funnel->supervisor, &told);
    if (action != HB_ACTION_NONE) {
        funnel->action = action;
    }
    hb_record_add(&funnel->result, &told);
}

void hb_funnel_observe(void *context, const struct hb_observation *seen)
{
    hb_funnel_tell(context, seen);
}

enum hb_action hb_funnel_take(struct hb_funnel *funnel)
{
    enum hb_action action = funnel->action;

    funnel->action = HB_ACTION_NONE;
    return action;
}

void hb_funnel_flush(struct hb_funnel *funnel)
{
    struct hb_buffer *pending = &funnel->pending;

    if (funnel->timeline == NULL || funnel->failed || pending->size == 0) {
        return;
    }
    if (!hb_appender_write(funnel->timeline, pending->bytes, pending->size,
                           &funnel->failure)) {
        funnel->failed = true;
        hb_record_warn(&funnel->result, "the timeline is incomplete: %s",
                       funnel->failure.text);
    }
    pending->size = 0;
}

void hb_funnel_close(struct hb_funnel *funnel, uint64_t at_ms)
{
    struct hb_observation closed = { .kind = HB_OBS_CLOSED, .at_ms = at_ms };

    hb_funnel_tell(funnel, &closed);
    hb_funnel_flush(funnel);
    hb_record_finish(&funnel->result, &funnel->supervisor);
    hb_judge(&funnel->result);
}

void hb_funnel_free(struct hb_funnel *funnel)
{
    hb_buffer_free(&funnel->pending);
    hb_record_free(&funnel->result);
}
