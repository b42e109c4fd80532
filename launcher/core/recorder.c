#include "core/recorder.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/recorder_parts.h"

void hb_recorder_copy(const struct hb_recorder *recorder, size_t offset,
                      uint64_t *words, size_t count)
{
    const volatile uint64_t *from =
        (const volatile uint64_t *)(recorder->memory + offset);

    for (size_t i = 0; i < count; i++) {
        words[i] = from[i];
    }
}

/* Stamps are believed only between the last read and now. */
void hb_recorder_tell(struct hb_recorder *recorder, struct hb_observation *seen,
                      uint64_t clock_ms)
{
    uint64_t clock = clock_ms;

    if (clock < recorder->last_read_ms) {
        clock = recorder->last_read_ms;
    }
    if (clock > recorder->now_ms) {
        clock = recorder->now_ms;
    }
    uint64_t at_ms = clock - recorder->base_ms;

    if (at_ms < recorder->last_at_ms) {
        at_ms = recorder->last_at_ms;
    }
    recorder->last_at_ms = at_ms;
    recorder->anything = true;
    seen->source = HB_SOURCE_RECORDER;
    seen->at_ms = at_ms;
    recorder->observe(recorder->context, seen);
}

void hb_recorder_damage(struct hb_recorder *recorder, const char *text)
{
    if (recorder->damage == 0) {
        recorder->damage_text = text;
    }
    recorder->damage++;
}

void hb_recorder_tell_attached(struct hb_recorder *recorder, uint32_t lane,
                               uint32_t pid, uint64_t clock_ms,
                               const char *version)
{
    struct hb_lane_view *view = hb_lane_view_of(recorder, lane);

    if (view->told_pid == pid) {
        return;
    }
    view->told_pid = pid;
    hb_recorder_tell(recorder,
                     &(struct hb_observation){ .kind = HB_OBS_ATTACHED,
                                               .pid = pid,
                                               .count = lane,
                                               .text = version },
                     clock_ms);
}

static void fill_header(struct hbtest_header *header, uint64_t token,
                        uint32_t beat_every_ms)
{
    memcpy(header->magic, HBTEST_MAGIC, sizeof(header->magic));
    header->launcher_major = HBTEST_PROTOCOL_MAJOR;
    header->launcher_minor = HBTEST_PROTOCOL_MINOR;
    header->bytes = HBTEST_RECORDER_SIZE;
    header->token = token;
    header->beat_every_ms = beat_every_ms;
    header->lane_count = HBTEST_LANE_COUNT;
    header->lane_bytes = HBTEST_LANE_BYTES;
    header->lanes_offset = HBTEST_LANES_OFFSET;
    header->slot_count = HBTEST_SLOT_COUNT;
    header->slot_bytes = HBTEST_SLOT_BYTES;
    header->slots_offset = HBTEST_SLOTS_OFFSET;
}

struct hb_recorder *hb_recorder_new(void *memory, size_t size, uint64_t token,
                                    uint64_t clock_ms, uint32_t beat_every_ms)
{
    if (size < HBTEST_RECORDER_SIZE) {
        return NULL;
    }
    struct hb_recorder *recorder = calloc(1, sizeof(*recorder));

    if (recorder == NULL) {
        return NULL;
    }
    fill_header(memory, token, beat_every_ms);
    recorder->memory = memory;
    recorder->base_ms = clock_ms;
    recorder->last_read_ms = clock_ms;
    return recorder;
}

static void look_for_refusal(struct hb_recorder *recorder)
{
    union {
        uint64_t words[8];
        struct hbtest_header header;
    } copy = { { 0 } };
    char text[120];

    hb_recorder_copy(recorder, 0, copy.words, 8);
    if (recorder->refused || copy.header.client_refused == 0) {
        return;
    }
    recorder->refused = true;
    if (copy.header.client_refused != 1) {
        hb_recorder_damage(recorder, "the recorder's header was overwritten");
        return;
    }
    (void)hb_text_format(text, sizeof(text),
                         "the test's fixture speaks protocol %u.%u, this "
                         "launcher %u.%u",
                         (unsigned)copy.header.client_major,
                         (unsigned)copy.header.client_minor,
                         HBTEST_PROTOCOL_MAJOR, HBTEST_PROTOCOL_MINOR);
    hb_recorder_tell(recorder,
                     &(struct hb_observation){ .kind = HB_OBS_REFUSED,
                                               .pid = copy.header.client_pid,
                                               .text = text },
                     recorder->now_ms);
}

static void tell_losses(struct hb_recorder *recorder)
{
    if (recorder->lost > 0) {
        hb_recorder_tell(recorder,
                         &(struct hb_observation){ .kind = HB_OBS_LOST,
                                                   .count = recorder->lost },
                         recorder->now_ms);
    }
    if (recorder->damage > 0) {
        hb_recorder_tell(
            recorder,
            &(struct hb_observation){ .kind = HB_OBS_DAMAGE,
                                      .count = recorder->damage,
                                      .text = recorder->damage_text },
            recorder->now_ms);
    }
    recorder->lost = 0;
    recorder->damage = 0;
}

bool hb_recorder_read(struct hb_recorder *recorder, uint64_t clock_ms,
                      hb_observe *observe, void *context)
{
    recorder->now_ms =
        clock_ms > recorder->last_read_ms ? clock_ms : recorder->last_read_ms;
    recorder->observe = observe;
    recorder->context = context;
    recorder->anything = false;

    look_for_refusal(recorder);
    hb_lanes_look(recorder);
    hb_slots_read(recorder);
    hb_lanes_tell_rest(recorder);
    tell_losses(recorder);
    recorder->last_read_ms = recorder->now_ms;
    return recorder->anything;
}

void hb_recorder_let_wait(struct hb_recorder *recorder, uint32_t crash_ms,
                          uint32_t exit_ms)
{
    volatile struct hbtest_header *header = (volatile void *)recorder->memory;

    header->crash_wait_ms = crash_ms;
    header->exit_wait_ms = exit_ms;
}

/* Whatever the word holds: only one who waits reads it. */
volatile uint32_t *hb_recorder_let_go(struct hb_recorder *recorder)
{
    for (size_t i = 0; i < recorder->lanes_used; i++) {
        volatile struct hbtest_lane *lane =
            (volatile void *)(recorder->memory + HBTEST_LANES_OFFSET +
                              i * HBTEST_LANE_BYTES);

        if (recorder->lanes[i].waits) {
            recorder->lanes[i].waits = false;
            lane->crash = HBTEST_CRASH_GO_ON;
            return &lane->crash;
        }
    }
    return NULL;
}

void hb_recorder_free(struct hb_recorder *recorder)
{
    free(recorder);
}
