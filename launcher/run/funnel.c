#include "run/funnel.h"

#include <stddef.h>
#include <string.h>

#include "core/record.h"
#include "core/verdict.h"
#include "os/reason.h"
#include "report/timeline.h"

/* Lines wait for the next look at the clock, or for room on the disk, but
 * never this many bytes. */
#define PENDING_MAX 65536u
/* Beyond this the timeline goes on with what matters to the verdict alone. */
#define TIMELINE_MAX ((uint64_t)64 << 20)
/* Notes are told at most this often. */
#define NOTE_EVERY_MS 100u

void hb_funnel_init(struct hb_funnel *funnel,
                    const struct hb_run_header *header,
                    struct hb_appender *timeline)
{
    struct hb_error ignored = { 0 };

    memset(funnel, 0, offsetof(struct hb_funnel, result));
    hb_supervisor_init(&funnel->supervisor, &header->policy);
    hb_record_init(&funnel->result, header);
    funnel->timeline = timeline;
    if (timeline != NULL) {
        (void)hb_timeline_header(header, &funnel->pending, &ignored);
    }
}

/* What comes in any number, and without which a replay still knows the end. */
static bool is_plenty(enum hb_observation_kind kind)
{
    switch (kind) {
    case HB_OBS_ALIVE:
    case HB_OBS_BEAT:
    case HB_OBS_NOTE:
    case HB_OBS_EXPECTED:
    case HB_OBS_CASE_BEGIN:
    case HB_OBS_CASE_END:
    case HB_OBS_CASE_DETAIL:
    case HB_OBS_OUTPUT:
    case HB_OBS_CPU:
    case HB_OBS_CHILD:
    case HB_OBS_CHILD_EXIT:
        return true;
    default:
        return false;
    }
}

static void write_line(struct hb_funnel *funnel,
                       const struct hb_observation *observation)
{
    struct hb_error ignored = { 0 };

    if (funnel->timeline == NULL || funnel->failed ||
        (funnel->cut && is_plenty(observation->kind))) {
        return;
    }
    (void)hb_timeline_line(observation, &funnel->pending, &ignored);
    if (funnel->pending.size >= PENDING_MAX) {
        hb_funnel_flush(funnel);
    }
}

static void tell(struct hb_funnel *funnel,
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

static void cut_timeline(struct hb_funnel *funnel, uint64_t at_ms)
{
    struct hb_observation warning = {
        .kind = HB_OBS_WARNING,
        .at_ms = at_ms,
        .text = "the timeline is cut: cases, notes and beats after its first "
                "64 MiB are not in it",
    };

    funnel->cut = true;
    tell(funnel, &warning);
}

static void tell_note(struct hb_funnel *funnel)
{
    if (funnel->note_held) {
        funnel->note_held = false;
        funnel->note_told_ms = funnel->note.at_ms;
        funnel->note.text = funnel->note_text;
        tell(funnel, &funnel->note);
    }
}

void hb_funnel_tell(struct hb_funnel *funnel,
                    const struct hb_observation *observation)
{
    struct hb_observation shown = *observation;

    hb_veil_observation(funnel->veil, &shown);
    if (!funnel->cut && funnel->written >= TIMELINE_MAX) {
        cut_timeline(funnel, shown.at_ms);
    }
    if (shown.kind != HB_OBS_NOTE) {
        tell_note(funnel);
        tell(funnel, &shown);
        return;
    }
    funnel->note_held = true;
    funnel->note = shown;
    (void)hb_text_copy(funnel->note_text, sizeof(funnel->note_text),
                       shown.text);
    if (shown.at_ms >= funnel->note_told_ms + NOTE_EVERY_MS) {
        tell_note(funnel);
    }
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

static void take_off(struct hb_buffer *pending, size_t size)
{
    pending->size -= size;
    memmove(pending->bytes, pending->bytes + size, pending->size);
}

static void give_up(struct hb_funnel *funnel, const struct hb_error *why)
{
    char text[HB_REASON_SIZE];

    funnel->failed = true;
    hb_reason_say(why, text, sizeof(text));
    hb_record_warn(&funnel->result, "the timeline is incomplete: %s", text);
}

/* Writes what waits; the rest waits on if there may be room later. */
static void flush(struct hb_funnel *funnel, size_t patience)
{
    struct hb_buffer *pending = &funnel->pending;
    struct hb_error why;
    size_t written = 0;

    if (funnel->timeline == NULL || funnel->failed || pending->size == 0) {
        return;
    }
    bool ok = hb_appender_write(funnel->timeline, pending->bytes, pending->size,
                                &written, &why);

    funnel->written += written;
    take_off(pending, written);
    if (!ok && pending->size >= patience) {
        give_up(funnel, &why);
    }
}

void hb_funnel_flush(struct hb_funnel *funnel)
{
    flush(funnel, PENDING_MAX);
}

void hb_funnel_close(struct hb_funnel *funnel, uint64_t at_ms)
{
    struct hb_observation closed = { .kind = HB_OBS_CLOSED, .at_ms = at_ms };

    hb_funnel_tell(funnel, &closed);
    flush(funnel, 0);
    hb_record_finish(&funnel->result, &funnel->supervisor);
    hb_judge(&funnel->result);
}

void hb_funnel_free(struct hb_funnel *funnel)
{
    hb_buffer_free(&funnel->pending);
    hb_record_free(&funnel->result);
}
