#include <string.h>

#include "core/dialect.h"

/*
 * A group: "[==========] Running 2 test(s).", for each case "[ RUN      ] a"
 * and "[       OK ] a" (or FAILED, SKIPPED), "[==========] 2 test(s) run.".
 * A case whose setup or teardown failed has no end mark on stdout, only
 * "[  ERROR   ] a" on stderr, which may reach us later than what follows.
 * A program may run several groups: each takes back the completion of the one
 * before. The summary on stderr repeats what the marks said and is not read.
 */

/* How long a failure waits for its text on the other stream. */
#define WAIT_MS 1000u

static void set_case(struct hb_cmocka_case *target,
                     const struct hb_cmocka *cmocka, uint64_t at_ms)
{
    (void)hb_text_copy(target->suite, sizeof(target->suite), cmocka->group);
    (void)hb_text_copy(target->name, sizeof(target->name), cmocka->flight.full);
    target->at_ms = at_ms;
}

static void say_case(const struct hb_cmocka *cmocka,
                     const struct hb_voice *voice,
                     enum hb_observation_kind kind, enum hb_case_status status)
{
    hb_say(voice, (struct hb_observation){
                      .kind = kind,
                      .source = HB_SOURCE_CMOCKA,
                      .suite = cmocka->group[0] != '\0' ? cmocka->group : NULL,
                      .name = cmocka->flight.full,
                      .status = status,
                      .duration_ms = HB_NO_DURATION });
}

static void say_complete(struct hb_cmocka *cmocka, const struct hb_voice *voice)
{
    cmocka->complete = true;
    hb_say(voice, (struct hb_observation){ .kind = HB_OBS_COMPLETE,
                                           .source = HB_SOURCE_CMOCKA,
                                           .count = cmocka->count,
                                           .failed = cmocka->failed });
}

/* Texts of failures */

static void drop_stale(struct hb_cmocka *cmocka, uint64_t at_ms)
{
    while (cmocka->waiting_count > 0 &&
           at_ms - cmocka->waiting[0].at_ms > WAIT_MS) {
        cmocka->waiting_count--;
        memmove(&cmocka->waiting[0], &cmocka->waiting[1],
                cmocka->waiting_count * sizeof(cmocka->waiting[0]));
    }
}

/* A text is whole: it belongs to the failure that waits longest, else to the
 * case in flight, else to a failure that we have not read yet. */
static void settle_detail(struct hb_cmocka *cmocka,
                          const struct hb_voice *voice)
{
    if (!cmocka->detail.open) {
        return;
    }
    drop_stale(cmocka, voice->at_ms);
    if (cmocka->waiting_count > 0) {
        hb_detail_say(&cmocka->detail, voice, HB_SOURCE_CMOCKA,
                      cmocka->waiting[0].suite, cmocka->waiting[0].name);
        cmocka->waiting_count--;
        memmove(&cmocka->waiting[0], &cmocka->waiting[1],
                cmocka->waiting_count * sizeof(cmocka->waiting[0]));
    } else if (cmocka->flight.active && !cmocka->has_detail) {
        cmocka->has_detail = true;
        hb_detail_say(&cmocka->detail, voice, HB_SOURCE_CMOCKA, cmocka->group,
                      cmocka->flight.full);
    } else if (cmocka->early_count < HB_CMOCKA_EARLY) {
        cmocka->early[cmocka->early_count++] = cmocka->detail;
    }
    cmocka->detail.open = false;
}

/* The case in flight failed: its text is here, or on its way. */
static void want_detail(struct hb_cmocka *cmocka, const struct hb_voice *voice)
{
    if (cmocka->has_detail) {
        return;
    }
    if (cmocka->early_count > 0) {
        hb_detail_say(&cmocka->early[0], voice, HB_SOURCE_CMOCKA, cmocka->group,
                      cmocka->flight.full);
        cmocka->early_count--;
        memmove(&cmocka->early[0], &cmocka->early[1],
                cmocka->early_count * sizeof(cmocka->early[0]));
    } else if (cmocka->waiting_count < HB_CMOCKA_WAITING) {
        set_case(&cmocka->waiting[cmocka->waiting_count++], cmocka,
                 voice->at_ms);
    }
}

/* "[   LINE   ] --- c.c:9: error: Failure!" ends a text. */
static void read_place(struct hb_cmocka *cmocka, const struct hb_voice *voice,
                       struct hb_span rest)
{
    struct hb_location location;

    if (!cmocka->detail.open || !hb_take(&rest, "--- ") ||
        !hb_location_read(rest, &location)) {
        return;
    }
    hb_detail_place(&cmocka->detail, &location);
    if (cmocka->detail.size == 0) {
        struct hb_span remark = { cmocka->remark, strlen(cmocka->remark) };

        (void)hb_take(&location.rest, "error: ");
        (void)hb_detail_add(&cmocka->detail,
                            remark.size > 0 ? remark : location.rest);
    }
    cmocka->remark[0] = '\0';
    settle_detail(cmocka, voice);
}

/* "[  ERROR   ] --- 0x1 != 0x2". A caught fault has no place. */
static void begin_detail(struct hb_cmocka *cmocka, const struct hb_voice *voice,
                         struct hb_span text)
{
    struct hb_mark mark;

    settle_detail(cmocka, voice);
    hb_detail_begin(&cmocka->detail);
    if (hb_mark_find(text, 0, &mark) && mark.at == 0 &&
        mark.kind == HB_MARK_LINE) {
        read_place(cmocka, voice, mark.rest);
        return;
    }
    (void)hb_detail_add(&cmocka->detail, text);
    if (hb_span_starts(text, "Test failed with exception: ") ||
        (hb_span_starts(text, "EXCEPTION_") &&
         hb_span_find(text, " occurred at ") < text.size)) {
        settle_detail(cmocka, voice);
    }
}

/* "[  ERROR   ] a": the case was not run, or could not be cleaned up. */
static void read_error(struct hb_cmocka *cmocka, const struct hb_voice *voice,
                       struct hb_span name)
{
    const char *text = cmocka->remark[0] != '\0' ? cmocka->remark : NULL;

    if (hb_span_is(name, cmocka->presumed.name)) {
        hb_say(voice, (struct hb_observation){
                          .kind = HB_OBS_CASE_DETAIL,
                          .source = HB_SOURCE_CMOCKA,
                          .suite = cmocka->presumed.suite[0] != '\0'
                                       ? cmocka->presumed.suite
                                       : NULL,
                          .name = cmocka->presumed.name,
                          .text = text });
        cmocka->presumed.name[0] = '\0';
    } else if (hb_flight_is(&cmocka->flight, name)) {
        cmocka->failed = true;
        say_case(cmocka, voice, HB_OBS_CASE_END, HB_CASE_FAILED);
        hb_say(voice, (struct hb_observation){ .kind = HB_OBS_CASE_DETAIL,
                                               .source = HB_SOURCE_CMOCKA,
                                               .suite = cmocka->group[0] != '\0'
                                                            ? cmocka->group
                                                            : NULL,
                                               .name = cmocka->flight.full,
                                               .text = text });
        cmocka->flight.active = false;
    }
    cmocka->remark[0] = '\0';
}

/* "Could not run test: ...", "ERROR: ...": told before the mark. */
static void read_remark(struct hb_cmocka *cmocka, const struct hb_voice *voice,
                        struct hb_span line)
{
    struct hb_span text = line;

    if (cmocka->detail.open) {
        bool is_last = hb_span_ends(line, " block(s)"); /* "a leaked 2 ..." */

        if (!hb_detail_add(&cmocka->detail, line) || is_last) {
            settle_detail(cmocka, voice);
        }
    } else if (hb_take(&text, "ERROR: ") ||
               hb_span_starts(line, "Could not run test: ")) {
        (void)hb_text_copy_bytes(cmocka->remark, sizeof(cmocka->remark),
                                 text.bytes, text.size);
    }
}

/* A fixture of the group failed. No case says so, and of a teardown not even
 * the program's status does. */
static void fail_group(struct hb_cmocka *cmocka, const struct hb_voice *voice)
{
    bool is_news = cmocka->complete && !cmocka->failed;

    cmocka->failed = true;
    if (is_news) {
        say_complete(cmocka, voice);
    }
}

static void read_error_mark(struct hb_cmocka *cmocka,
                            const struct hb_voice *voice,
                            const struct hb_mark *mark, bool known)
{
    struct hb_span rest = mark->rest;

    if (mark->kind == HB_MARK_ERROR && hb_take(&rest, "--- ")) {
        begin_detail(cmocka, voice, rest);
    } else if (mark->kind == HB_MARK_LINE) {
        read_place(cmocka, voice, rest);
    } else if (known && mark->kind == HB_MARK_ERROR) {
        settle_detail(cmocka, voice);
        read_error(cmocka, voice, rest);
    } else if (mark->kind == HB_MARK_FAILED && !cmocka->flight.active &&
               (hb_span_is(rest, "GROUP SETUP") ||
                hb_span_is(rest, "GROUP TEARDOWN"))) {
        fail_group(cmocka, voice);
    }
}

/* Cases and groups */

/* The case in flight has ended, and no mark on this stream said how. */
static void presume_failed(struct hb_cmocka *cmocka,
                           const struct hb_voice *voice)
{
    if (!cmocka->flight.active) {
        return;
    }
    cmocka->failed = true;
    say_case(cmocka, voice, HB_OBS_CASE_END, HB_CASE_FAILED);
    set_case(&cmocka->presumed, cmocka, voice->at_ms);
    cmocka->flight.active = false;
}

static void begin_case(struct hb_cmocka *cmocka, const struct hb_voice *voice,
                       struct hb_span name)
{
    presume_failed(cmocka, voice);
    hb_flight_begin(&cmocka->flight, name);
    cmocka->has_detail = false;
    say_case(cmocka, voice, HB_OBS_CASE_BEGIN, HB_CASE_UNKNOWN);
}

static void end_case(struct hb_cmocka *cmocka, const struct hb_voice *voice,
                     enum hb_mark_kind kind)
{
    enum hb_case_status status = kind == HB_MARK_OK       ? HB_CASE_PASSED
                                 : kind == HB_MARK_FAILED ? HB_CASE_FAILED
                                                          : HB_CASE_SKIPPED;

    say_case(cmocka, voice, HB_OBS_CASE_END, status);
    if (status == HB_CASE_FAILED) {
        cmocka->failed = true;
        want_detail(cmocka, voice);
    }
    cmocka->flight.active = false;
}

static void begin_group(struct hb_cmocka *cmocka, const struct hb_voice *voice,
                        const struct hb_total *total)
{
    cmocka->planned = total->count;
    cmocka->complete = false;
    (void)hb_text_copy_bytes(cmocka->group, sizeof(cmocka->group),
                             total->group.bytes, total->group.size);
    hb_say(voice, (struct hb_observation){ .kind = HB_OBS_PLAN,
                                           .source = HB_SOURCE_CMOCKA,
                                           .count = total->count,
                                           .name = cmocka->group[0] != '\0'
                                                       ? cmocka->group
                                                       : NULL });
}

/* None run of those that were planned: the group's setup failed. */
static void end_group(struct hb_cmocka *cmocka, const struct hb_voice *voice,
                      const struct hb_total *total)
{
    presume_failed(cmocka, voice);
    cmocka->count += total->count;
    cmocka->failed =
        cmocka->failed || (total->count == 0 && cmocka->planned > 0);
    say_complete(cmocka, voice);
}

static bool read_total(struct hb_cmocka *cmocka, const struct hb_voice *voice,
                       const struct hb_mark *mark)
{
    struct hb_total total;

    if (!hb_total_read(mark->rest, &total) ||
        total.source != HB_SOURCE_CMOCKA) {
        return false;
    }
    if (total.begins && !cmocka->flight.active) {
        begin_group(cmocka, voice, &total);
        return true;
    }
    if (!total.begins && !cmocka->complete &&
        (mark->at == 0 || total.count == cmocka->planned)) {
        end_group(cmocka, voice, &total);
        return true;
    }
    return false;
}

/* Marks stand at the start of a line, or behind output of the test that had
 * no newline. There, only what must come next is taken. */
static bool read_case_mark(struct hb_cmocka *cmocka,
                           const struct hb_voice *voice,
                           const struct hb_mark *mark)
{
    bool in_place = mark->at == 0 || !cmocka->flight.active;

    switch (mark->kind) {
    case HB_MARK_TOTAL:
        return read_total(cmocka, voice, mark);
    case HB_MARK_RUN:
        if (in_place && mark->rest.size > 0 && !cmocka->complete) {
            begin_case(cmocka, voice, mark->rest);
            return true;
        }
        return false;
    case HB_MARK_OK:
    case HB_MARK_FAILED:
    case HB_MARK_SKIPPED:
        if (hb_flight_is(&cmocka->flight, mark->rest)) {
            end_case(cmocka, voice, mark->kind);
            return true;
        }
        return false;
    default:
        return false;
    }
}

void hb_cmocka_line(struct hb_cmocka *cmocka, const struct hb_voice *voice,
                    enum hb_stream stream, struct hb_span line, bool known)
{
    struct hb_mark mark;

    if (stream == HB_STDOUT && known &&
        hb_flight_is_foreign(&cmocka->flight, line)) {
        return;
    }
    if (cmocka->flight.depth > 0) { /* stderr of a program inside, or ours */
        return;
    }
    for (size_t at = 0; hb_mark_find(line, at, &mark); at = mark.at + 1) {
        if (stream == HB_STDOUT && known &&
            read_case_mark(cmocka, voice, &mark)) {
            return;
        }
        if (mark.at == 0 &&
            (mark.kind == HB_MARK_ERROR || mark.kind == HB_MARK_LINE ||
             mark.kind == HB_MARK_FAILED)) {
            read_error_mark(cmocka, voice, &mark, known);
            return;
        }
    }
    read_remark(cmocka, voice, line);
}

void hb_cmocka_end(struct hb_cmocka *cmocka, const struct hb_voice *voice)
{
    settle_detail(cmocka, voice);
}
