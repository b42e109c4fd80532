#include <string.h>

#include "core/dialect.h"

void hb_detail_begin(struct hb_detail *detail)
{
    detail->open = true;
    detail->text[0] = '\0';
    detail->size = 0;
    detail->lines = 0;
    detail->file[0] = '\0';
    detail->line = 0;
}

void hb_detail_place(struct hb_detail *detail,
                     const struct hb_location *location)
{
    (void)hb_text_copy_bytes(detail->file, sizeof(detail->file),
                             location->file.bytes, location->file.size);
    detail->line = location->line;
}

bool hb_detail_add(struct hb_detail *detail, struct hb_span line)
{
    size_t room = sizeof(detail->text) - detail->size;
    bool whole;

    if (detail->size > 0 && room > 1) {
        detail->text[detail->size++] = '\n';
        room--;
    }
    whole = hb_text_copy_bytes(detail->text + detail->size, room, line.bytes,
                               line.size);
    detail->size += strlen(detail->text + detail->size);
    detail->lines++;
    return whole && detail->lines < HB_DETAIL_LINES &&
           detail->size + 1 < sizeof(detail->text);
}

void hb_detail_say(struct hb_detail *detail, const struct hb_voice *voice,
                   enum hb_source source, const char *suite, const char *name)
{
    bool placed = detail->file[0] != '\0';

    if (!detail->open) {
        return;
    }
    detail->open = false;
    if (detail->size == 0 && !placed) {
        return;
    }
    hb_say(voice, (struct hb_observation){
                      .kind = HB_OBS_CASE_DETAIL,
                      .source = source,
                      .suite = suite != NULL && suite[0] != '\0' ? suite : NULL,
                      .name = name,
                      .text = detail->text,
                      .file = placed ? detail->file : NULL,
                      .line = placed ? detail->line : 0 });
}

/* The case in flight */

void hb_flight_begin(struct hb_flight *flight, struct hb_span name)
{
    flight->active = true;
    flight->depth = 0;
    flight->twins = 0;
    flight->footer = false;
    (void)hb_text_copy_bytes(flight->full, sizeof(flight->full), name.bytes,
                             name.size);
}

/* After the name gtest has parameter and time. A name that was cut is
 * compared as far as it was kept. */
bool hb_flight_is(const struct hb_flight *flight, struct hb_span name)
{
    size_t length = strlen(flight->full);

    if (!flight->active || length == 0 || !hb_span_starts(name, flight->full)) {
        return false;
    }
    name = hb_span_after(name, length);
    return name.size == 0 || hb_span_starts(name, " (") ||
           hb_span_starts(name, ", where ") ||
           length + 4 >= sizeof(flight->full);
}

static bool is_end(enum hb_mark_kind kind)
{
    return kind == HB_MARK_OK || kind == HB_MARK_FAILED ||
           kind == HB_MARK_SKIPPED;
}

/* Inside: only what ends the inside is of interest. */
static bool stays_inside(struct hb_flight *flight, struct hb_span line)
{
    struct hb_mark mark;

    for (size_t at = 0; hb_mark_find(line, at, &mark); at = mark.at + 1) {
        if (!hb_flight_is(flight, mark.rest)) {
            continue;
        }
        if (mark.kind == HB_MARK_RUN && mark.at == 0) {
            flight->twins++;
        } else if (is_end(mark.kind) && flight->twins > 0) {
            flight->twins--;
        } else if (is_end(mark.kind)) {
            flight->depth = 0;
            return false;
        }
        break;
    }
    return true;
}

/* "[  FAILED  ] 1 test, listed below:" and then names, without a time, one of
 * which may be that of the case in flight. */
static bool stays_in_footer(struct hb_flight *flight,
                            const struct hb_mark *mark)
{
    if (mark->at > 0) {
        return false;
    }
    if (mark->kind == HB_MARK_PASSED) {
        return true;
    }
    if (is_end(mark->kind) && hb_span_ends(mark->rest, " listed below:")) {
        flight->listed = mark->kind;
        return true;
    }
    return mark->kind == flight->listed && !hb_span_ends(mark->rest, " ms)");
}

bool hb_flight_is_foreign(struct hb_flight *flight, struct hb_span line)
{
    struct hb_mark mark;
    struct hb_total total;
    bool marked;

    if (!flight->active) {
        return false;
    }
    marked = hb_mark_find(line, 0, &mark);
    flight->footer = flight->footer && marked && stays_in_footer(flight, &mark);
    if (flight->footer) {
        return true;
    }
    if (marked && mark.at == 0 && mark.kind == HB_MARK_TOTAL &&
        hb_total_read(mark.rest, &total)) {
        if (total.begins) {
            flight->depth++;
            return true;
        }
        if (flight->depth > 0) {
            flight->depth--;
            flight->twins = 0;
            flight->footer = flight->depth == 0;
            flight->listed = HB_MARK_TOTAL; /* none yet */
            return true;
        }
        return false;
    }
    return flight->depth > 0 && stays_inside(flight, line);
}
