#include <string.h>

#include "run/look_parts.h"

/* Who tells more than this tells nonsense. */
#define TOLD_MAX ((uint64_t)32 << 20)

static void take_line(struct hb_watch *watch, const char *line, size_t size)
{
    struct hb_look *look = &watch->look;
    struct hb_observation seen = { 0 };

    if (look->done || size == 0) {
        return;
    }
    switch (hb_told_read(line, size, &look->store, &seen)) {
    case HB_TOLD_NOTHING:
        look->nonsense++;
        break;
    case HB_TOLD_DONE:
        look->done = true;
        break;
    case HB_TOLD_FOUND:
        if (seen.kind == HB_OBS_EVIDENCE) {
            hb_look_take_evidence(watch, &look->store.evidence);
            break;
        }
        seen.at_ms = hb_watch_now_ms(watch);
        hb_funnel_tell(&watch->funnel, &seen);
        break;
    }
}

/* A line that is too long is passed over, to its end. */
static void take_part(struct hb_look *look, const char *bytes, size_t size)
{
    if (look->passing_over) {
        return;
    }
    hb_buffer_add(&look->line, bytes, size);
    if (look->line.failed) {
        look->passing_over = true;
        look->nonsense++;
    }
}

static void end_line(struct hb_watch *watch)
{
    struct hb_look *look = &watch->look;

    if (!look->passing_over) {
        take_line(watch, look->line.bytes, look->line.size);
    }
    look->passing_over = false;
    look->line.failed = false;
    look->line.size = 0;
}

void hb_look_take(struct hb_watch *watch, const char *bytes, size_t size)
{
    struct hb_look *look = &watch->look;

    look->size += size;
    if (look->size > TOLD_MAX) {
        hb_look_stop(watch, "hbtest-postmortem told more than 32 MiB");
        return;
    }
    while (size > 0) {
        const char *end = memchr(bytes, '\n', size);
        size_t part = end != NULL ? (size_t)(end - bytes) : size;

        take_part(look, bytes, part);
        if (end != NULL) {
            end_line(watch);
            part++;
        }
        bytes += part;
        size -= part;
    }
}
