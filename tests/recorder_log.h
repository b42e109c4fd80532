#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/recorder.h"

/*
 * Writes down what a recorder's reader reports, a line an observation, so that
 * a case compares one text:
 *
 *     <ms> <kind> pid <pid> count <count> [suite .. name .. text ..]
 */
struct recorder_log {
    char text[32768];
    size_t count; /* of lines */
    uint64_t last_ms;
};

static const char *const recorder_words[HB_OBS_COUNT] = {
    [HB_OBS_ATTACHED] = "attached",
    [HB_OBS_REFUSED] = "refused",
    [HB_OBS_ALIVE] = "alive",
    [HB_OBS_BEAT] = "beat",
    [HB_OBS_NOTE] = "note",
    [HB_OBS_PLAN] = "plan",
    [HB_OBS_EXPECTED] = "expected",
    [HB_OBS_CASE_BEGIN] = "begin",
    [HB_OBS_CASE_END] = "end",
    [HB_OBS_CASE_DETAIL] = "detail",
    [HB_OBS_COMPLETE] = "complete",
    [HB_OBS_PAUSE] = "pause",
    [HB_OBS_RESUME] = "resume",
    [HB_OBS_DAMAGE] = "damage",
    [HB_OBS_HANG_AFTER] = "hang-after",
    [HB_OBS_LOST] = "lost",
    [HB_OBS_EXITING] = "exiting",
    [HB_OBS_CRASHING] = "crashing",
    [HB_OBS_LEAVING] = "leaving",
};

static inline void recorder_log_add(struct recorder_log *log,
                                    const char *before, const char *text)
{
    size_t used = strlen(log->text);

    if (text != NULL) {
        (void)hb_text_format(log->text + used, sizeof(log->text) - used, "%s%s",
                             before, text);
    }
}

static inline void recorder_log_write(void *context,
                                      const struct hb_observation *o)
{
    struct recorder_log *log = context;
    char head[160];

    assert_int_equal(o->source, HB_SOURCE_RECORDER);
    assert_non_null(recorder_words[o->kind]);
    assert_true(o->at_ms >= log->last_ms);
    log->last_ms = o->at_ms;
    log->count++;
    (void)hb_text_format(head, sizeof(head), "%llu %s pid %u count %llu",
                         (unsigned long long)o->at_ms, recorder_words[o->kind],
                         (unsigned)o->pid, (unsigned long long)o->count);
    recorder_log_add(log, "", head);
    recorder_log_add(log, " suite ", o->suite);
    recorder_log_add(log, " name ", o->name);
    recorder_log_add(log, " text ", o->text);
    recorder_log_add(log, " failed", o->failed ? "" : NULL);
    if (o->exception != NULL) {
        (void)hb_text_format(head, sizeof(head),
                             " tid %u code %u reason %d address 0x%llx stack "
                             "0x%llx",
                             (unsigned)o->exception->tid,
                             (unsigned)o->exception->code,
                             (int)o->exception->reason,
                             (unsigned long long)o->exception->address,
                             (unsigned long long)o->exception->stack);
        recorder_log_add(log, "", head);
        (void)hb_text_format(head, sizeof(head), " pointers 0x%llx",
                             (unsigned long long)o->exception->pointers);
        recorder_log_add(log, o->exception->pointers != 0 ? head : "", "");
        (void)hb_text_format(head, sizeof(head), " parameter %llu",
                             (unsigned long long)o->exception->parameter);
        recorder_log_add(log, o->exception->has_parameter ? head : "", "");
    }
    if (o->leaving != NULL) {
        (void)hb_text_format(head, sizeof(head), " tid %u call %s kind %d %u",
                             (unsigned)o->leaving->tid, o->leaving->call,
                             (int)o->leaving->kind,
                             (unsigned)o->leaving->value);
        recorder_log_add(log, "", head);
        (void)hb_text_format(head, sizeof(head), "0x%llx",
                             (unsigned long long)o->leaving->from);
        recorder_log_add(log, " from ", o->leaving->from != 0 ? head : NULL);
    }
    if (o->kind == HB_OBS_CASE_END) {
        (void)hb_text_format(head, sizeof(head), " status %d", (int)o->status);
        recorder_log_add(log, "", head);
        assert_true(o->duration_ms == HB_NO_DURATION);
    }
    recorder_log_add(log, "\n", "");
}

static inline void recorder_log_clear(struct recorder_log *log)
{
    log->text[0] = '\0';
    log->count = 0;
}

static inline size_t recorder_log_count(const struct recorder_log *log,
                                        const char *what)
{
    size_t count = 0;

    for (const char *at = strstr(log->text, what); at != NULL;
         at = strstr(at + 1, what)) {
        count++;
    }
    return count;
}
