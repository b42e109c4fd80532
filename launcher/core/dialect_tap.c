#include "core/dialect_tap.h"

#include <string.h>

/*
 * TAP has no mark for the beginning of a case, and its words are ordinary
 * ones. So it is believed only with "TAP version N" and a plan or a point, or
 * with a plan line and points numbered from 1; points that come before their
 * plan are held back until it shows. Complete is a plan that got all its
 * points. Subtests are indented and are not read: their point is in the level
 * that counts. cmocka puts one plan after the other: a new one, after one
 * that is satisfied, begins a group.
 */

static void say_complete(struct hb_tap *tap, const struct hb_voice *voice,
                         const char *text)
{
    tap->complete = true;
    hb_say(voice, (struct hb_observation){ .kind = HB_OBS_COMPLETE,
                                           .source = HB_SOURCE_TAP,
                                           .count = tap->count,
                                           .failed = tap->failed,
                                           .text = text });
}

static void settle_detail(struct hb_tap *tap, const struct hb_voice *voice)
{
    hb_detail_say(&tap->detail, voice, HB_SOURCE_TAP, NULL, tap->name);
    tap->yaml = HB_YAML_NONE;
}

static enum hb_case_status status_of(const struct hb_tap_point *point)
{
    if (point->skip || (point->todo && !point->ok)) {
        return HB_CASE_SKIPPED;
    }
    return point->ok ? HB_CASE_PASSED : HB_CASE_FAILED;
}

static void set_name(struct hb_tap *tap, const struct hb_tap_point *point)
{
    if (point->name.size > 0) {
        (void)hb_text_copy_bytes(tap->name, sizeof(tap->name),
                                 point->name.bytes, point->name.size);
    } else {
        (void)hb_text_format(tap->name, sizeof(tap->name), "%llu",
                             (unsigned long long)tap->number);
    }
}

/* The reason of a skip is whole; that of a failure follows below. */
static void begin_detail(struct hb_tap *tap, const struct hb_voice *voice,
                         const struct hb_tap_point *point,
                         enum hb_case_status status)
{
    if (status == HB_CASE_PASSED) {
        return;
    }
    hb_detail_begin(&tap->detail);
    if (status == HB_CASE_SKIPPED) {
        if (point->reason.size > 0) {
            (void)hb_detail_add(&tap->detail, point->reason);
        }
        settle_detail(tap, voice);
    }
}

static void check_plan(struct hb_tap *tap, const struct hb_voice *voice)
{
    if (tap->planned && !tap->complete &&
        hb_tap_numbers_are_all(&tap->numbers, tap->plan)) {
        say_complete(tap, voice, NULL);
    }
}

/* Number 0 is none of TAP's: cmocka says with it that the fixture of a group
 * failed. Nothing more comes of that group. */
static void read_point(struct hb_tap *tap, const struct hb_voice *voice,
                       const struct hb_tap_point *point)
{
    enum hb_case_status status = status_of(point);
    bool fixture = point->numbered && point->number == 0;

    settle_detail(tap, voice);
    if (!point->numbered && point->name.size == 0 && tap->complete) {
        return; /* "ok" below a finished plan: a harness sums up */
    }
    if (!fixture) {
        tap->number = point->numbered ? point->number : tap->number + 1;
        hb_tap_number_take(&tap->numbers, tap->number);
        tap->count++;
    }
    set_name(tap, point);
    tap->failed = tap->failed || status == HB_CASE_FAILED;
    hb_say(voice, (struct hb_observation){ .kind = HB_OBS_CASE_END,
                                           .source = HB_SOURCE_TAP,
                                           .name = tap->name,
                                           .status = status,
                                           .duration_ms = point->duration_ms });
    begin_detail(tap, voice, point, status);
    if (fixture) {
        say_complete(tap, voice, NULL);
    }
    check_plan(tap, voice);
}

static void read_plan(struct hb_tap *tap, const struct hb_voice *voice,
                      uint64_t count)
{
    settle_detail(tap, voice);
    if (tap->planned && !tap->complete) {
        return; /* a second plan where none can be */
    }
    if (tap->planned) {
        memset(&tap->numbers, 0, sizeof(tap->numbers));
        tap->number = 0;
    }
    tap->planned = true;
    tap->plan = count;
    tap->complete = false;
    hb_say(voice, (struct hb_observation){ .kind = HB_OBS_PLAN,
                                           .source = HB_SOURCE_TAP,
                                           .count = count });
    check_plan(tap, voice);
}

static void bail_out(struct hb_tap *tap, const struct hb_voice *voice,
                     struct hb_span why)
{
    char text[HB_DETAIL_TEXT_SIZE];

    settle_detail(tap, voice);
    why = hb_span_trim(why);
    if (why.size == 0) {
        (void)hb_text_copy(text, sizeof(text), "no reason given");
    } else {
        (void)hb_text_copy_bytes(text, sizeof(text), why.bytes, why.size);
    }
    tap->failed = true;
    say_complete(tap, voice, text);
}

/* Most lines have no "ok ", and 'k' is the rarer of its letters. */
static bool has_ok(struct hb_span line)
{
    size_t at = hb_span_find(line, "k ");

    while (at < line.size) {
        if (at > 0 && line.bytes[at - 1] == 'o') {
            return true;
        }
        at++;
        at += hb_span_find(hb_span_after(line, at), "k ");
    }
    return false;
}

/* "no newlineok 5 - noisy": a point behind output of the test, believed if it
 * is the one that must come next. */
static bool read_late_point(struct hb_tap *tap, const struct hb_voice *voice,
                            struct hb_span line)
{
    struct hb_tap_point point;
    unsigned long long next;
    char wanted[32];
    size_t at;
    size_t length;

    if (!has_ok(line)) {
        return false;
    }
    next = tap->number;
    next++;
    (void)hb_text_format(wanted, sizeof(wanted), "ok %llu ", next);
    length = strlen(wanted);
    at = hb_span_find(line, wanted);
    if (tap->complete || line.size - at <= length ||
        (line.bytes[at + length] != '-' && line.bytes[at + length] != '#') ||
        !hb_tap_point_read(hb_span_after(line, at), &point)) {
        return false;
    }
    point.ok = at < 4 || memcmp(line.bytes + at - 4, "not ", 4) != 0;
    read_point(tap, voice, &point);
    return true;
}

static void read_known(struct hb_tap *tap, const struct hb_voice *voice,
                       struct hb_span line)
{
    struct hb_tap_point point;
    uint64_t count = 0;
    bool skip = false;

    if (tap->detail.open && hb_tap_detail_line(tap, line)) {
        return;
    }
    if (hb_tap_point_read(line, &point)) {
        read_point(tap, voice, &point);
    } else if (hb_tap_plan_read(line, &count, &skip)) {
        read_plan(tap, voice, count);
    } else if (hb_span_starts(line, "Bail out!")) {
        bail_out(tap, voice, hb_span_after(line, strlen("Bail out!")));
    } else if (line.size > 0 && line.bytes[0] != ' ' && line.bytes[0] != '#' &&
               read_late_point(tap, voice, line)) {
        return;
    } else if (line.size > 0) {
        settle_detail(tap, voice);
    }
}

/* Before we are sure */

static void tell_held(struct hb_tap *tap, const struct hb_voice *voice)
{
    struct hb_span rest = { tap->held.bytes, tap->held.size };
    struct hb_tap_point point;

    tap->known = true;
    while (rest.size > 0) {
        struct hb_span line = rest;

        line.size = hb_span_find(rest, "\n");
        if (hb_tap_point_read(line, &point)) {
            read_point(tap, voice, &point);
        }
        rest = hb_span_after(rest, line.size + 1);
    }
    hb_buffer_free(&tap->held);
}

/* The first points must be numbered 1, 2, ... for us to wait for a plan. */
static void hold_point(struct hb_tap *tap, struct hb_span line,
                       const struct hb_tap_point *point)
{
    uint64_t held = tap->number;

    if (!point->numbered || point->number != held + 1 ||
        tap->held.size + line.size >= HB_TAP_HELD_MAX) {
        tap->impossible = !tap->version;
        return;
    }
    tap->number++;
    hb_buffer_add(&tap->held, line.bytes, line.size);
    hb_buffer_add(&tap->held, "\n", 1);
    tap->impossible = tap->held.failed;
}

static void guess(struct hb_tap *tap, const struct hb_voice *voice,
                  struct hb_span line)
{
    struct hb_tap_point point;
    uint64_t count = 0;
    bool skip = false;

    if (hb_tap_version_read(line)) {
        tap->version = true;
    } else if (hb_tap_plan_read(line, &count, &skip)) {
        if (tap->version || tap->number > 0 || skip) {
            tap->number = 0;
            tap->planned = false;
            tell_held(tap, voice);
            read_plan(tap, voice, count);
        } else {
            tap->planned = count > 0; /* not told before its first point */
            tap->plan = count;
        }
    } else if (hb_tap_point_read(line, &point)) {
        if (tap->version ||
            (tap->planned && point.numbered && point.number <= 1)) {
            bool planned = tap->planned;

            tap->number = 0;
            tap->planned = false;
            tell_held(tap, voice);
            if (planned) {
                read_plan(tap, voice, tap->plan);
            }
            read_point(tap, voice, &point);
        } else {
            hold_point(tap, line, &point);
        }
    }
}

void hb_tap_line(struct hb_tap *tap, const struct hb_voice *voice,
                 struct hb_span line)
{
    if (tap->known) {
        read_known(tap, voice, line);
    } else if (!tap->impossible) {
        guess(tap, voice, line);
    }
}

bool hb_tap_is_likely(const struct hb_tap *tap)
{
    return !tap->impossible &&
           (tap->known || tap->version || tap->planned || tap->number > 0);
}

void hb_tap_end(struct hb_tap *tap, const struct hb_voice *voice)
{
    settle_detail(tap, voice);
    if (tap->known && tap->planned && !tap->complete) {
        hb_tap_numbers_missing(&tap->numbers, tap->plan, voice);
    }
}

void hb_tap_free(struct hb_tap *tap)
{
    hb_buffer_free(&tap->held);
}
