#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <hbtest/protocol.h>

#include "core/recorder.h"
#include "require.h"

/*
 * The input is a script of what a test does to the recorder: 12 bytes a step.
 * Byte 0 says what, bytes 1 to 3 where, bytes 4 to 11 with which value.
 */
#define STEP_BYTES 12u
#define BASE_MS 1000u
#define SEEN_MOST (HBTEST_SLOT_COUNT + 4u * HBTEST_LANE_COUNT + 100u)

static union {
    uint64_t words[HBTEST_RECORDER_SIZE / sizeof(uint64_t)];
    struct hbtest_header header;
    unsigned char bytes[HBTEST_RECORDER_SIZE];
} memory;

struct watch {
    uint64_t last_ms;
    uint64_t now_ms;
    size_t count;
};

static void require_text(const char *text)
{
    REQUIRE(text == NULL || strlen(text) <= HBTEST_TEXT_BYTES);
}

static void look(void *context, const struct hb_observation *o)
{
    struct watch *watch = context;

    REQUIRE(o->source == HB_SOURCE_RECORDER);
    REQUIRE(o->at_ms >= watch->last_ms && o->at_ms <= watch->now_ms);
    REQUIRE(o->kind != HB_OBS_BEAT || (o->count > 0 && o->pid != 0));
    REQUIRE(o->kind != HB_OBS_CASE_END || o->status <= HB_CASE_SKIPPED);
    require_text(o->suite);
    require_text(o->name);
    require_text(o->text);
    watch->last_ms = o->at_ms;
    watch->count++;
    REQUIRE(watch->count <= SEEN_MOST);
}

/* A record with a right checksum, so that what lies behind it is reached. */
static void put_record(uint32_t where, uint64_t value)
{
    uint64_t index = memory.header.head++;
    struct hbtest_slot *slot =
        (void *)(memory.bytes + HBTEST_SLOTS_OFFSET +
                 (index % HBTEST_SLOT_COUNT) * HBTEST_SLOT_BYTES);

    slot->pid = where & 0xffu;
    slot->lane = (where >> 8) & 0x1fu;
    slot->kind = (where >> 16) & 0x1fu;
    slot->text_bytes = (uint16_t)(value % (HBTEST_TEXT_BYTES + 1));
    slot->clock_ms = BASE_MS + (value >> 8) % 100000u;
    slot->value = value >> 32;
    memcpy(slot->text, &value, sizeof(value));
    slot->checksum =
        hbtest_checksum(index + 1, &slot->pid, 28u + slot->text_bytes);
    slot->sequence = index + 1;
}

static void step(struct hb_recorder *recorder, const unsigned char *bytes,
                 struct watch *watch)
{
    uint32_t where =
        bytes[1] | (uint32_t)bytes[2] << 8 | (uint32_t)bytes[3] << 16;
    uint64_t value = 0;

    memcpy(&value, bytes + 4, sizeof(value));
    switch (bytes[0] % 4) {
    case 0:
        memory.words[where % (HBTEST_RECORDER_SIZE / sizeof(uint64_t))] = value;
        break;
    case 1: /* header and lanes are small and would seldom be met */
        memory.words[where % (HBTEST_SLOTS_OFFSET / sizeof(uint64_t))] += value;
        break;
    case 2:
        put_record(where, value);
        break;
    default:
        watch->now_ms += value % 2000u;
        watch->count = 0;
        (void)hb_recorder_read(recorder, BASE_MS + watch->now_ms, look, watch);
        while (hb_recorder_let_go(recorder) != NULL) {
        }
        break;
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
    struct watch watch = { 0, 0, 0 };
    struct hb_recorder *recorder = NULL;

    memset(&memory, 0, sizeof(memory));
    recorder = hb_recorder_new(&memory, sizeof(memory), 1, BASE_MS, 1000);
    REQUIRE(recorder != NULL);
    for (size_t at = 0; at + STEP_BYTES <= size; at += STEP_BYTES) {
        step(recorder, bytes + at, &watch);
    }
    watch.count = 0;
    (void)hb_recorder_read(recorder, BASE_MS + watch.now_ms, look, &watch);
    hb_recorder_free(recorder);
    return 0;
}
