#include <string.h>

#include "core/dialect.h"

/*
 * An iteration: "[==========] Running 7 tests from 2 test suites.", for each
 * case "[ RUN      ] S.a" and "[       OK ] S.a (3 ms)" (or FAILED, SKIPPED),
 * "[==========] 7 tests from 2 test suites ran. (5 ms total)", and a summary
 * that begins with "[  PASSED  ] " and repeats the failed cases, without a
 * time. With --gtest_repeat more iterations follow: each takes back the
 * completion of the one before.
 *
 * With --gtest_brief=1 there is no beginning and only failures have a mark:
 * they are kept until "ran." and the summary prove what they were. Such a
 * program that dies on the way, or that has no failure to tell, is one that
 * never spoke.
 */

/* "S.a" as suite and name: the first point is between them. */
struct pair {
    char suite[HB_DIALECT_NAME_SIZE];
    const char *name;
};

static void split(const char *full, struct pair *out_pair)
{
    const char *point = strchr(full, '.');
    size_t length = point != NULL ? (size_t)(point - full) : 0;

    (void)hb_text_copy_bytes(out_pair->suite, sizeof(out_pair->suite), full,
                             length);
    out_pair->name = point != NULL ? point + 1 : full;
}

static void say_case(const struct hb_voice *voice, const char *full,
                     struct hb_observation seen)
{
    struct pair pair;

    split(full, &pair);
    seen.source = HB_SOURCE_GTEST;
    seen.suite = pair.suite[0] != '\0' ? pair.suite : NULL;
    seen.name = pair.name;
    hb_say(voice, seen);
}

static void say_complete(struct hb_gtest *gtest, const struct hb_voice *voice)
{
    gtest->complete = true;
    hb_say(voice, (struct hb_observation){ .kind = HB_OBS_COMPLETE,
                                           .source = HB_SOURCE_GTEST,
                                           .count = gtest->count,
                                           .failed = gtest->failed });
}

/* A failure outside of cases is one too: of a suite's set-up, say. */
static void settle_detail(struct hb_gtest *gtest, const struct hb_voice *voice)
{
    struct pair pair;

    if (gtest->flight.active) {
        split(gtest->flight.full, &pair);
        hb_detail_say(&gtest->detail, voice, HB_SOURCE_GTEST, pair.suite,
                      pair.name);
    }
    gtest->detail.open = false;
}

/* "S.a" and nothing more: no blanks, one point that has both sides. */
static bool is_name(struct hb_span name)
{
    size_t point = hb_span_find(name, ".");

    return point > 0 && point + 1 < name.size &&
           hb_span_find(name, " ") == name.size &&
           hb_span_find(name, ",") == name.size;
}

/* " (3 ms)" at the very end, if it is there. */
static uint64_t read_duration(struct hb_span rest)
{
    uint64_t ms = 0;
    size_t at = rest.size;

    if (!hb_span_ends(rest, " ms)")) {
        return HB_NO_DURATION;
    }
    while (at > 0 && rest.bytes[at - 1] != '(') {
        at--;
    }
    rest = hb_span_after(rest, at);
    return at > 0 && hb_take_number(&rest, &ms) && hb_span_is(rest, " ms)")
               ? ms
               : HB_NO_DURATION;
}

static enum hb_case_status status_of(enum hb_mark_kind kind)
{
    return kind == HB_MARK_OK       ? HB_CASE_PASSED
           : kind == HB_MARK_FAILED ? HB_CASE_FAILED
                                    : HB_CASE_SKIPPED;
}

static void end_case(struct hb_gtest *gtest, const struct hb_voice *voice,
                     enum hb_case_status status, uint64_t duration_ms)
{
    settle_detail(gtest, voice);
    gtest->failed = gtest->failed || status == HB_CASE_FAILED;
    say_case(voice, gtest->flight.full,
             (struct hb_observation){ .kind = HB_OBS_CASE_END,
                                      .status = status,
                                      .duration_ms = duration_ms });
    gtest->flight.active = false;
}

/* A case is in flight and the next thing begins: its end mark was lost, and
 * nobody knows how it ended. */
static void lose_case(struct hb_gtest *gtest, const struct hb_voice *voice)
{
    if (gtest->flight.active) {
        end_case(gtest, voice, HB_CASE_UNKNOWN, HB_NO_DURATION);
    }
}

static bool begin_case(struct hb_gtest *gtest, const struct hb_voice *voice,
                       const struct hb_mark *mark)
{
    if (!is_name(mark->rest) || gtest->footer ||
        (gtest->flight.active && mark->at > 0) ||
        hb_flight_is(&gtest->flight, mark->rest)) {
        return false;
    }
    lose_case(gtest, voice);
    settle_detail(gtest, voice);
    hb_flight_begin(&gtest->flight, mark->rest);
    say_case(voice, gtest->flight.full,
             (struct hb_observation){ .kind = HB_OBS_CASE_BEGIN,
                                      .duration_ms = HB_NO_DURATION });
    return true;
}

static void begin_program(struct hb_gtest *gtest, const struct hb_voice *voice,
                          uint64_t count)
{
    gtest->footer = false;
    gtest->complete = false;
    gtest->planned = count;
    hb_say(voice, (struct hb_observation){ .kind = HB_OBS_PLAN,
                                           .source = HB_SOURCE_GTEST,
                                           .count = count });
}

static bool read_total(struct hb_gtest *gtest, const struct hb_voice *voice,
                       const struct hb_mark *mark)
{
    struct hb_total total;

    if (!hb_total_read(mark->rest, &total) || total.source != HB_SOURCE_GTEST) {
        return false;
    }
    if (total.begins && !gtest->flight.active) {
        begin_program(gtest, voice, total.count);
        return true;
    }
    if (!total.begins && !gtest->footer &&
        (mark->at == 0 || total.count == gtest->planned)) {
        lose_case(gtest, voice);
        gtest->footer = true;
        gtest->count += total.count;
        return true;
    }
    return false;
}

/* "[  PASSED  ] 2 tests." closes the iteration; what comes after may still
 * say that a suite failed. */
static bool read_summary(struct hb_gtest *gtest, const struct hb_voice *voice,
                         const struct hb_mark *mark)
{
    bool is_news = !gtest->complete;

    if (!gtest->footer || mark->at > 0) {
        return false;
    }
    if (mark->kind == HB_MARK_FAILED && !gtest->failed) {
        gtest->failed = true;
        is_news = true;
    }
    if (is_news && mark->kind != HB_MARK_SKIPPED) {
        say_complete(gtest, voice);
    }
    return true;
}

static bool read_mark(struct hb_gtest *gtest, const struct hb_voice *voice,
                      const struct hb_mark *mark)
{
    switch (mark->kind) {
    case HB_MARK_TOTAL:
        return read_total(gtest, voice, mark);
    case HB_MARK_RUN:
        return begin_case(gtest, voice, mark);
    case HB_MARK_OK:
    case HB_MARK_FAILED:
    case HB_MARK_SKIPPED:
        if (hb_flight_is(&gtest->flight, mark->rest)) {
            end_case(gtest, voice, status_of(mark->kind),
                     read_duration(mark->rest));
            return true;
        }
        return read_summary(gtest, voice, mark);
    case HB_MARK_PASSED:
        return read_summary(gtest, voice, mark);
    default:
        return false;
    }
}

/* "f.cc:5: Failure", "f.cc:5: Skipped", "unknown file: Failure", and MSVC's
 * "f.cc(5): error: text", "unknown file: error: text". Between cases only the
 * first is read: what looks like the last may be anybody's. */
static bool begin_detail(struct hb_gtest *gtest, const struct hb_voice *voice,
                         struct hb_span line)
{
    struct hb_location location = { .rest = line };
    bool placed = hb_location_read(line, &location);
    bool msvc = placed && location.file.bytes[location.file.size] == '(';
    bool failure;

    if (!placed && !hb_take(&location.rest, "unknown file: ")) {
        return false;
    }
    failure = !msvc && hb_span_is(location.rest, "Failure");
    msvc = (msvc || !placed) && hb_take(&location.rest, "error: ");
    if (!failure && !msvc && !hb_span_is(location.rest, "Skipped")) {
        return false;
    }
    settle_detail(gtest, voice);
    gtest->failed = gtest->failed || (failure && !gtest->flight.active);
    hb_detail_begin(&gtest->detail);
    if (placed) {
        hb_detail_place(&gtest->detail, &location);
    }
    if (msvc) {
        (void)hb_detail_add(&gtest->detail, location.rest);
    }
    return true;
}

void hb_gtest_line(struct hb_gtest *gtest, const struct hb_voice *voice,
                   struct hb_span line)
{
    struct hb_mark mark;

    if (hb_flight_is_foreign(&gtest->flight, line)) {
        return;
    }
    for (size_t at = 0; hb_mark_find(line, at, &mark); at = mark.at + 1) {
        if (read_mark(gtest, voice, &mark)) {
            return;
        }
    }
    if (gtest->footer || begin_detail(gtest, voice, line)) {
        return;
    }
    if (gtest->detail.open && !hb_detail_add(&gtest->detail, line)) {
        settle_detail(gtest, voice);
    }
}

void hb_gtest_end(struct hb_gtest *gtest, const struct hb_voice *voice)
{
    settle_detail(gtest, voice);
}

/* --gtest_brief=1 */

static void keep_brief(struct hb_gtest *gtest, const struct hb_mark *mark)
{
    struct hb_gtest_brief *kept = &gtest->brief[gtest->brief_count];
    uint64_t duration_ms = read_duration(mark->rest);
    struct hb_span name = mark->rest;

    name.size = hb_span_find(name, " ");
    if (name.size > 0 && name.bytes[name.size - 1] == ',') {
        name.size--;
    }
    if (gtest->brief_count == HB_GTEST_BRIEF || mark->at > 0 ||
        duration_ms == HB_NO_DURATION || !is_name(name)) {
        return;
    }
    (void)hb_text_copy_bytes(kept->full, sizeof(kept->full), name.bytes,
                             name.size);
    kept->duration_ms = duration_ms;
    gtest->brief_count++;
}

static void tell_brief(struct hb_gtest *gtest, const struct hb_voice *voice)
{
    begin_program(gtest, voice, gtest->maybe_count);
    for (size_t i = 0; i < gtest->brief_count; i++) {
        say_case(voice, gtest->brief[i].full,
                 (struct hb_observation){ .kind = HB_OBS_CASE_END,
                                          .status = HB_CASE_FAILED,
                                          .duration_ms =
                                              gtest->brief[i].duration_ms });
    }
    gtest->footer = true;
    gtest->failed = true;
    gtest->count = gtest->maybe_count;
    say_complete(gtest, voice);
}

/* "[  PASSED  ] 2 tests." */
static bool is_passed(const struct hb_mark *mark)
{
    struct hb_span rest = mark->rest;
    uint64_t count = 0;

    return mark->kind == HB_MARK_PASSED && mark->at == 0 &&
           hb_take_number(&rest, &count) &&
           (hb_span_is(rest, " tests.") || hb_span_is(rest, " test."));
}

bool hb_gtest_guess(struct hb_gtest *gtest, const struct hb_voice *voice,
                    struct hb_span line)
{
    struct hb_mark mark;
    struct hb_total total;
    bool was_maybe = gtest->maybe;

    gtest->maybe = false;
    for (size_t at = 0; hb_mark_find(line, at, &mark); at = mark.at + 1) {
        if (was_maybe && gtest->brief_count > 0 && is_passed(&mark)) {
            tell_brief(gtest, voice);
            return true;
        }
        if (mark.kind == HB_MARK_TOTAL && hb_total_read(mark.rest, &total) &&
            total.source == HB_SOURCE_GTEST && !total.begins) {
            gtest->maybe = true;
            gtest->maybe_count = total.count;
        } else if (mark.kind == HB_MARK_FAILED) {
            keep_brief(gtest, &mark);
        }
    }
    return false;
}
