#pragma once

#include <stdlib.h>

#include <hbtest/protocol.h>

#include "recorder_log.h"

/*
 * A recorder whose bytes we make by hand, and its reader.
 */
#define BASE_MS 5000u
#define TOKEN 0x1234u

static union {
    uint64_t words[HBTEST_RECORDER_SIZE / sizeof(uint64_t)];
    struct hbtest_header header;
    unsigned char bytes[HBTEST_RECORDER_SIZE];
} memory;

static struct hb_recorder *recorder;
static struct recorder_log seen;

static inline bool read_at(uint64_t ms)
{
    recorder_log_clear(&seen);
    return hb_recorder_read(recorder, BASE_MS + ms, recorder_log_write, &seen);
}

static inline void expect_at(uint64_t ms, const char *text)
{
    bool anything = read_at(ms);

    assert_string_equal(seen.text, text);
    assert_int_equal(anything, text[0] != '\0');
}

static inline int set_up(void **state)
{
    (void)state;
    memset(&memory, 0, sizeof(memory));
    seen.last_ms = 0;
    recorder = hb_recorder_new(&memory, sizeof(memory), TOKEN, BASE_MS, 1000);
    return recorder == NULL;
}

static inline int tear_down(void **state)
{
    (void)state;
    hb_recorder_free(recorder);
    recorder = NULL;
    return 0;
}

static inline struct hbtest_slot *slot_at(uint64_t index)
{
    return (void *)(memory.bytes + HBTEST_SLOTS_OFFSET +
                    (index % HBTEST_SLOT_COUNT) * HBTEST_SLOT_BYTES);
}

static inline struct hbtest_lane *lane_at(uint32_t index)
{
    return (void *)(memory.bytes + HBTEST_LANES_OFFSET +
                    (size_t)index * HBTEST_LANE_BYTES);
}

static inline void seal(uint64_t index)
{
    struct hbtest_slot *slot = slot_at(index);

    slot->checksum =
        hbtest_checksum(index + 1, &slot->pid, 28u + slot->text_bytes);
    slot->sequence = index + 1;
}

/* Writes a record as the protocol says, of process 7 in lane 0. */
static inline uint64_t put_bytes(uint16_t kind, uint64_t value, uint64_t ms,
                                 const char *text, size_t size)
{
    uint64_t index = memory.header.head++;
    struct hbtest_slot *slot = slot_at(index);

    memset(slot, 0, sizeof(*slot));
    slot->pid = 7;
    slot->clock_ms = BASE_MS + ms;
    slot->value = value;
    slot->kind = kind;
    slot->text_bytes = (uint16_t)size;
    memcpy(slot->text, text, size);
    seal(index);
    return index;
}

static inline uint64_t put(uint16_t kind, uint64_t value, uint64_t ms,
                           const char *text)
{
    return put_bytes(kind, value, ms, text, strlen(text));
}

static inline void attach(uint32_t lane, uint32_t pid)
{
    lane_at(lane)->pid = pid;
    lane_at(lane)->attached_ms = BASE_MS + 1;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
