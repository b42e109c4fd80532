#include <string.h>

#include "base/text.h"
#include "core/recorder_parts.h"

/*
 * What each kind of record says. The bytes are whole (their checksum is
 * right), yet still the test's: each value is checked before it is believed.
 */
#define CASES_MOST 1000000000u
#define SIGNAL_MOST 64u

/* Our own copy of a record's text, which is "suite" NUL "case" for some. */
struct texts {
    char bytes[HBTEST_TEXT_BYTES + 1];
    const char *suite; /* NULL if empty */
    const char *name;
};

static void split_texts(const struct hbtest_slot *slot, struct texts *texts)
{
    memset(texts->bytes, 0, sizeof(texts->bytes));
    memcpy(texts->bytes, slot->text, slot->text_bytes);
    size_t first = strlen(texts->bytes);

    if (first < slot->text_bytes) {
        texts->suite = first > 0 ? texts->bytes : NULL;
        texts->name = texts->bytes + first + 1;
    } else {
        texts->suite = NULL;
        texts->name = texts->bytes;
    }
}

typedef bool fill(struct hb_observation *seen, struct hb_lane_case *current,
                  uint64_t value, const struct texts *texts);

static bool fill_nothing(struct hb_observation *seen,
                         struct hb_lane_case *current, uint64_t value,
                         const struct texts *texts)
{
    (void)seen;
    (void)current;
    (void)value;
    (void)texts;
    return true;
}

static bool fill_text(struct hb_observation *seen, struct hb_lane_case *current,
                      uint64_t value, const struct texts *texts)
{
    (void)current;
    (void)value;
    seen->text = texts->bytes;
    return true;
}

static bool fill_plan(struct hb_observation *seen, struct hb_lane_case *current,
                      uint64_t value, const struct texts *texts)
{
    (void)current;
    seen->count = value;
    seen->name = texts->bytes[0] != '\0' ? texts->bytes : NULL;
    return value <= CASES_MOST;
}

static bool fill_names(struct hb_observation *seen,
                       struct hb_lane_case *current, uint64_t value,
                       const struct texts *texts)
{
    (void)current;
    (void)value;
    seen->suite = texts->suite;
    seen->name = texts->name;
    return true;
}

static bool fill_begin(struct hb_observation *seen,
                       struct hb_lane_case *current, uint64_t value,
                       const struct texts *texts)
{
    const char *suite = texts->suite != NULL ? texts->suite : "";

    memcpy(current->suite, suite, strlen(suite) + 1);
    memcpy(current->name, texts->name, strlen(texts->name) + 1);
    current->running = true;
    return fill_names(seen, current, value, texts);
}

static bool fill_end(struct hb_observation *seen, struct hb_lane_case *current,
                     uint64_t value, const struct texts *texts)
{
    static const enum hb_case_status statuses[] = {
        [HBTEST_CASE_UNKNOWN] = HB_CASE_UNKNOWN,
        [HBTEST_CASE_PASSED] = HB_CASE_PASSED,
        [HBTEST_CASE_FAILED] = HB_CASE_FAILED,
        [HBTEST_CASE_SKIPPED] = HB_CASE_SKIPPED,
    };

    if (value >= sizeof(statuses) / sizeof(statuses[0])) {
        return false;
    }
    current->running = false;
    current->ended++;
    seen->status = statuses[value];
    seen->duration_ms = HB_NO_DURATION;
    return fill_names(seen, current, value, texts);
}

static bool fill_message(struct hb_observation *seen,
                         struct hb_lane_case *current, uint64_t value,
                         const struct texts *texts)
{
    (void)value;
    seen->text = texts->bytes;
    if (current->running) {
        seen->suite = current->suite[0] != '\0' ? current->suite : NULL;
        seen->name = current->name;
    }
    return true;
}

static bool fill_goodbye(struct hb_observation *seen,
                         struct hb_lane_case *current, uint64_t value,
                         const struct texts *texts)
{
    (void)texts;
    seen->failed = value != 0;
    seen->count = current->ended;
    return true;
}

static bool fill_count(struct hb_observation *seen,
                       struct hb_lane_case *current, uint64_t value,
                       const struct texts *texts)
{
    (void)current;
    (void)texts;
    seen->count = value;
    return value <= UINT32_MAX;
}

static const struct {
    enum hb_observation_kind kind;
    fill *fill;
} kinds[] = {
    [HBTEST_RECORD_ATTACH] = { HB_OBS_ATTACHED, NULL },
    [HBTEST_RECORD_NOTE] = { HB_OBS_NOTE, fill_text },
    [HBTEST_RECORD_PLAN] = { HB_OBS_PLAN, fill_plan },
    [HBTEST_RECORD_EXPECT] = { HB_OBS_EXPECTED, fill_names },
    [HBTEST_RECORD_CASE_BEGIN] = { HB_OBS_CASE_BEGIN, fill_begin },
    [HBTEST_RECORD_CASE_END] = { HB_OBS_CASE_END, fill_end },
    [HBTEST_RECORD_CASE_MESSAGE] = { HB_OBS_CASE_DETAIL, fill_message },
    [HBTEST_RECORD_GOODBYE] = { HB_OBS_COMPLETE, fill_goodbye },
    [HBTEST_RECORD_PAUSE] = { HB_OBS_PAUSE, fill_nothing },
    [HBTEST_RECORD_RESUME] = { HB_OBS_RESUME, fill_nothing },
    [HBTEST_RECORD_HANG_AFTER] = { HB_OBS_HANG_AFTER, fill_count },
    [HBTEST_RECORD_EXITING] = { HB_OBS_EXITING, fill_count },
    [HBTEST_RECORD_CRASHING] = { HB_OBS_CRASHING, NULL },
    [HBTEST_RECORD_LEAVING] = { HB_OBS_LEAVING, NULL },
};

/* Moves `*at` behind one number and the blank after it. */
static bool take_number(const char **at, uint64_t most, uint64_t *out_number)
{
    char digits[24] = "";
    size_t length = strcspn(*at, " ");

    if (length >= sizeof(digits)) {
        return false;
    }
    memcpy(digits, *at, length);
    *at += length + ((*at)[length] == ' ');
    return hb_parse_u64(digits, out_number) && *out_number <= most;
}

/* Signal, its code, thread and stack pointer. A fifth number is that of a
 * Windows process, whose first is an NTSTATUS; a sixth, the first parameter of
 * its exception. */
static bool read_crash(const char *text, struct hb_found_exception *found)
{
    uint64_t numbers[4] = { 0 };
    static const uint64_t most[4] = { UINT32_MAX, UINT32_MAX, UINT32_MAX,
                                      UINT64_MAX };

    for (size_t i = 0; i < 4; i++) {
        if (!take_number(&text, most[i], &numbers[i])) {
            return false;
        }
    }
    if (text[0] == '\0' && numbers[0] > SIGNAL_MOST) {
        return false;
    }
    if (text[0] != '\0' && !take_number(&text, UINT64_MAX, &found->pointers)) {
        return false;
    }
    found->has_parameter = text[0] != '\0';
    if (found->has_parameter &&
        !take_number(&text, UINT64_MAX, &found->parameter)) {
        return false;
    }
    found->code = (uint32_t)numbers[0];
    found->reason = (uint32_t)numbers[1];
    found->tid = (uint32_t)numbers[2];
    found->stack = numbers[3];
    return true;
}

static void tell_crashing(struct hb_recorder *recorder,
                          const struct hbtest_slot *slot, uint32_t lane,
                          const char *text)
{
    struct hb_found_exception exception = { .pid = slot->pid,
                                            .address = slot->value };

    if (!read_crash(text, &exception)) {
        hb_recorder_damage(recorder, "a record has an impossible value");
        return;
    }
    if (lane != HB_NO_LANE) {
        hb_lane_view_of(recorder, lane)->waits = true;
    }
    hb_recorder_tell(recorder,
                     &(struct hb_observation){ .kind = HB_OBS_CRASHING,
                                               .pid = slot->pid,
                                               .exception = &exception },
                     slot->clock_ms);
}

/* Takes the name of a call, as C has them, and the blank after it. */
static bool take_call(const char **at, char *call, size_t size)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    size_t length = strspn(*at, letters);

    if (length == 0 || length >= size || (*at)[length] != ' ') {
        return false;
    }
    memcpy(call, *at, length);
    call[length] = '\0';
    *at += length + 1;
    return true;
}

static void tell_leaving(struct hb_recorder *recorder,
                         const struct hbtest_slot *slot, uint32_t lane,
                         const char *text)
{
    static const char *const kinds_told[] = {
        [HB_LEAVING_UNKNOWN] = "unknown",
        [HB_LEAVING_CODE] = "code",
        [HB_LEAVING_SIGNAL] = "signal",
    };
    struct hb_leaving leaving = { .pid = slot->pid };
    char kind[16] = "";
    uint64_t tid = 0;
    unsigned i = 0;

    if (!take_call(&text, leaving.call, sizeof(leaving.call)) ||
        !take_call(&text, kind, sizeof(kind)) ||
        !take_number(&text, UINT32_MAX, &tid) ||
        (text[0] != '\0' && !take_number(&text, UINT64_MAX, &leaving.from)) ||
        slot->value > UINT32_MAX) {
        hb_recorder_damage(recorder, "a record has an impossible value");
        return;
    }
    while (i < 2 && strcmp(kind, kinds_told[i]) != 0) {
        i++;
    }
    if (strcmp(kind, kinds_told[i]) != 0) {
        hb_recorder_damage(recorder, "a record has an impossible value");
        return;
    }
    if (lane != HB_NO_LANE) {
        hb_lane_view_of(recorder, lane)->waits = true;
    }
    leaving.kind = i;
    leaving.tid = (uint32_t)tid;
    leaving.value = (uint32_t)slot->value;
    hb_recorder_tell(recorder,
                     &(struct hb_observation){ .kind = HB_OBS_LEAVING,
                                               .pid = slot->pid,
                                               .leaving = &leaving },
                     slot->clock_ms);
}

void hb_record_of_slot(struct hb_recorder *recorder,
                       const struct hbtest_slot *slot)
{
    uint32_t lane = slot->lane < HBTEST_LANE_COUNT ? slot->lane : HB_NO_LANE;
    struct texts texts;

    if (slot->pid == 0) {
        hb_recorder_damage(recorder, "a record has no process");
        return;
    }
    if (slot->kind >= sizeof(kinds) / sizeof(kinds[0]) ||
        kinds[slot->kind].kind == HB_OBS_NONE) {
        return; /* a newer fixture may say more than we know */
    }
    split_texts(slot, &texts);
    if (slot->kind == HBTEST_RECORD_ATTACH) {
        if (lane != HB_NO_LANE) {
            hb_recorder_tell_attached(recorder, lane, slot->pid, slot->clock_ms,
                                      texts.bytes);
        }
        return;
    }
    if (slot->kind == HBTEST_RECORD_CRASHING) {
        tell_crashing(recorder, slot, lane, texts.bytes);
        return;
    }
    if (slot->kind == HBTEST_RECORD_LEAVING) {
        tell_leaving(recorder, slot, lane, texts.bytes);
        return;
    }
    struct hb_observation seen = { .kind = kinds[slot->kind].kind,
                                   .pid = slot->pid };

    if (!kinds[slot->kind].fill(&seen, &recorder->cases[lane], slot->value,
                                &texts)) {
        hb_recorder_damage(recorder, "a record has an impossible value");
        return;
    }
    hb_recorder_tell(recorder, &seen, slot->clock_ms);
}
