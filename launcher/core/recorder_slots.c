#include <string.h>

#include "core/recorder_parts.h"

/*
 * Records are read in the order in which they were claimed. One that is still
 * being written is remembered as a hole and looked at again later, so that a
 * writer that died halfway never hides what others said after it. When `head`
 * itself makes no sense, all slots are searched for records that were not told
 * yet; that also is how the newest are found after a flood.
 */
#define SLOT_WORDS (HBTEST_SLOT_BYTES / sizeof(uint64_t))
#define HEAD_OFFSET offsetof(struct hbtest_header, head)

/* A hole is given up after this many looks and this long. */
#define HOLE_LOOKS 3u
#define HOLE_MS 1000u

/* More records than this in a millisecond no machine writes. */
#define RECORDS_PER_MS 20000u

enum slot_state { SLOT_GOOD, SLOT_UNFINISHED, SLOT_OVERWRITTEN, SLOT_BAD };

union slot_copy {
    uint64_t words[SLOT_WORDS];
    struct hbtest_slot slot;
};

static uint64_t read_head(const struct hb_recorder *recorder)
{
    uint64_t head = 0;

    hb_recorder_copy(recorder, HEAD_OFFSET, &head, 1);
    return head;
}

static size_t slot_offset(uint64_t index)
{
    return HBTEST_SLOTS_OFFSET +
           (size_t)(index % HBTEST_SLOT_COUNT) * HBTEST_SLOT_BYTES;
}

static bool checksum_fits(const struct hbtest_slot *slot)
{
    if (slot->text_bytes > HBTEST_TEXT_BYTES) {
        return false;
    }
    size_t covered = offsetof(struct hbtest_slot, text) -
                     offsetof(struct hbtest_slot, pid) + slot->text_bytes;

    return hbtest_checksum(slot->sequence, &slot->pid, covered) ==
           slot->checksum;
}

/* Whether the sequence is one that this slot can have had. */
static bool is_of_slot(uint64_t sequence, uint64_t index)
{
    return sequence == 0 ||
           (sequence - 1) % HBTEST_SLOT_COUNT == index % HBTEST_SLOT_COUNT;
}

static enum slot_state copy_slot(const struct hb_recorder *recorder,
                                 uint64_t index, union slot_copy *copy)
{
    uint64_t after = 0;

    hb_recorder_copy(recorder, slot_offset(index), copy->words, SLOT_WORDS);
    hb_recorder_copy(recorder, slot_offset(index), &after, 1);
    uint64_t sequence = copy->slot.sequence;

    if (sequence != after) {
        return SLOT_UNFINISHED; /* it changes as we look */
    }
    if (sequence == index + 1) {
        return checksum_fits(&copy->slot) ? SLOT_GOOD : SLOT_BAD;
    }
    if (!is_of_slot(sequence, index)) {
        return SLOT_BAD;
    }
    return sequence < index + 1 ? SLOT_UNFINISHED : SLOT_OVERWRITTEN;
}

static void tell_slot(struct hb_recorder *recorder, uint64_t index,
                      const struct hbtest_slot *slot)
{
    recorder->told[index % HBTEST_SLOT_COUNT] = slot->checksum;
    hb_lanes_tell_until(recorder, slot->clock_ms);
    hb_record_of_slot(recorder, slot);
}

static void keep_hole(struct hb_recorder *recorder, uint64_t index)
{
    if (recorder->hole_count == HB_HOLE_COUNT) {
        hb_recorder_damage(recorder, "a record was never finished");
        return;
    }
    recorder->holes[recorder->hole_count++] =
        (struct hb_hole){ .index = index, .since_ms = recorder->now_ms };
}

/* Returns false if the record is still not finished. */
static bool settle(struct hb_recorder *recorder, uint64_t index)
{
    union slot_copy copy;

    switch (copy_slot(recorder, index, &copy)) {
    case SLOT_GOOD:
        tell_slot(recorder, index, &copy.slot);
        break;
    case SLOT_OVERWRITTEN:
        recorder->lost++;
        break;
    case SLOT_BAD:
        hb_recorder_damage(recorder, "a record was overwritten by the test");
        break;
    case SLOT_UNFINISHED:
        return false;
    }
    return true;
}

static void retry_holes(struct hb_recorder *recorder, uint64_t head)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < recorder->hole_count; i++) {
        struct hb_hole hole = recorder->holes[i];

        if (settle(recorder, hole.index)) {
            continue;
        }
        hole.looks++;
        if (head - hole.index >= HBTEST_SLOT_COUNT) {
            recorder->lost++; /* the next round has begun */
        } else if (hole.looks >= HOLE_LOOKS &&
                   recorder->now_ms - hole.since_ms >= HOLE_MS) {
            hb_recorder_damage(recorder, "a record was never finished");
        } else {
            recorder->holes[kept++] = hole;
        }
    }
    recorder->hole_count = kept;
}

/* Tells every good record that was not told yet, beginning with the oldest if
 * `head` is right. Returns how many of them `head` vouches for. */
static uint64_t search_all(struct hb_recorder *recorder, uint64_t head)
{
    uint64_t vouched = 0;

    for (uint64_t i = 0; i < HBTEST_SLOT_COUNT; i++) {
        size_t at = (size_t)((head + i) % HBTEST_SLOT_COUNT);
        union slot_copy copy;

        hb_recorder_copy(recorder, slot_offset(at), copy.words, SLOT_WORDS);
        if (copy.slot.sequence == 0 || !is_of_slot(copy.slot.sequence, at) ||
            !checksum_fits(&copy.slot) ||
            copy.slot.checksum == recorder->told[at]) {
            continue;
        }
        vouched +=
            copy.slot.sequence <= head && copy.slot.sequence > recorder->next;
        tell_slot(recorder, at, &copy.slot);
    }
    return vouched;
}

static void read_after_jump(struct hb_recorder *recorder, uint64_t head)
{
    uint64_t vouched = search_all(recorder, head);
    uint64_t jump = head - recorder->next;
    uint64_t most = (recorder->now_ms - recorder->last_read_ms + 1000u) *
                    (uint64_t)RECORDS_PER_MS;

    recorder->hole_count = 0;
    if (head > recorder->next && vouched > 0 && jump <= most) {
        recorder->lost += jump - vouched;
    } else {
        hb_recorder_damage(recorder, "the record counter was overwritten");
    }
}

void hb_slots_read(struct hb_recorder *recorder)
{
    uint64_t head = read_head(recorder);

    if (head < recorder->next || head - recorder->next > HBTEST_SLOT_COUNT) {
        read_after_jump(recorder, head);
        recorder->next = head;
        return;
    }
    retry_holes(recorder, head);
    for (uint64_t i = recorder->next; i < head; i++) {
        if (!settle(recorder, i)) {
            keep_hole(recorder, i);
        }
    }
    recorder->next = head;
}
