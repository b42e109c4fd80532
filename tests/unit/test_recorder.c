#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hbtest/protocol.h>

#include "base/text.h"
#include "core/recorder.h"

/*
 * The reader against bytes that we make by hand. What it reports is written
 * down as a line each, so that a case compares one text.
 */
#define BASE_MS 5000u
#define TOKEN 0x1234u

static union {
    uint64_t words[HBTEST_RECORDER_SIZE / sizeof(uint64_t)];
    struct hbtest_header header;
    unsigned char bytes[HBTEST_RECORDER_SIZE];
} memory;

static struct hb_recorder *recorder;
static char seen[16384];
static size_t seen_count;
static uint64_t seen_last_ms;

static const char *const words[HB_OBS_COUNT] = {
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
};

static void add_text(const char *before, const char *text)
{
    size_t used = strlen(seen);

    if (text != NULL) {
        (void)hb_text_format(seen + used, sizeof(seen) - used, "%s%s", before,
                             text);
    }
}

/* "<ms> <word> [pid] [count] suite/name 'text'" */
static void write_down(void *context, const struct hb_observation *o)
{
    char head[96];

    (void)context;
    assert_int_equal(o->source, HB_SOURCE_RECORDER);
    assert_non_null(words[o->kind]);
    assert_true(o->at_ms >= seen_last_ms);
    seen_last_ms = o->at_ms;
    seen_count++;
    (void)hb_text_format(head, sizeof(head), "%llu %s pid %u count %llu",
                         (unsigned long long)o->at_ms, words[o->kind],
                         (unsigned)o->pid, (unsigned long long)o->count);
    add_text("", head);
    add_text(" suite ", o->suite);
    add_text(" name ", o->name);
    add_text(" text ", o->text);
    add_text(" failed", o->failed ? "" : NULL);
    if (o->kind == HB_OBS_CASE_END) {
        (void)hb_text_format(head, sizeof(head), " status %d", (int)o->status);
        add_text("", head);
        assert_true(o->duration_ms == HB_NO_DURATION);
    }
    add_text("\n", "");
}

static bool read_at(uint64_t ms)
{
    seen[0] = '\0';
    seen_count = 0;
    return hb_recorder_read(recorder, BASE_MS + ms, write_down, NULL);
}

static void expect_at(uint64_t ms, const char *text)
{
    bool anything = read_at(ms);

    assert_string_equal(seen, text);
    assert_int_equal(anything, text[0] != '\0');
}

static int set_up(void **state)
{
    (void)state;
    memset(&memory, 0, sizeof(memory));
    seen_last_ms = 0;
    recorder = hb_recorder_new(&memory, sizeof(memory), TOKEN, BASE_MS, 1000);
    return recorder == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    hb_recorder_free(recorder);
    recorder = NULL;
    return 0;
}

static struct hbtest_slot *slot_at(uint64_t index)
{
    return (void *)(memory.bytes + HBTEST_SLOTS_OFFSET +
                    (index % HBTEST_SLOT_COUNT) * HBTEST_SLOT_BYTES);
}

static struct hbtest_lane *lane_at(uint32_t index)
{
    return (void *)(memory.bytes + HBTEST_LANES_OFFSET +
                    (size_t)index * HBTEST_LANE_BYTES);
}

static void seal(uint64_t index)
{
    struct hbtest_slot *slot = slot_at(index);

    slot->checksum =
        hbtest_checksum(index + 1, &slot->pid, 28u + slot->text_bytes);
    slot->sequence = index + 1;
}

/* Writes a record as the protocol says, of process 7 in lane 0. */
static uint64_t put_bytes(uint16_t kind, uint64_t value, uint64_t ms,
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

static uint64_t put(uint16_t kind, uint64_t value, uint64_t ms,
                    const char *text)
{
    return put_bytes(kind, value, ms, text, strlen(text));
}

static void attach(uint32_t lane, uint32_t pid)
{
    lane_at(lane)->pid = pid;
    lane_at(lane)->attached_ms = BASE_MS + 1;
}

static void a_fresh_recorder_says_nothing(void **state)
{
    (void)state;
    expect_at(10, "");
    assert_memory_equal(memory.header.magic, HBTEST_MAGIC, 8);
    assert_int_equal(memory.header.token, TOKEN);
    assert_int_equal(memory.header.bytes, HBTEST_RECORDER_SIZE);
}

static void too_little_memory_makes_no_recorder(void **state)
{
    (void)state;
    assert_null(hb_recorder_new(&memory, HBTEST_RECORDER_SIZE - 1, 1, 0, 1));
}

static void each_kind_of_record_becomes_its_observation(void **state)
{
    (void)state;
    static const struct {
        uint16_t kind;
        uint64_t value;
        const char *text;
        size_t size;
        const char *told;
    } rows[] = {
        { HBTEST_RECORD_ATTACH, 0, "hbtest 9", 8,
          "3 attached pid 7 count 0 text hbtest 9\n" },
        { HBTEST_RECORD_NOTE, 0, "here", 4,
          "3 note pid 7 count 0 text here\n" },
        { HBTEST_RECORD_PLAN, 12, "", 0, "3 plan pid 7 count 12\n" },
        { HBTEST_RECORD_PLAN, 3, "s", 1, "3 plan pid 7 count 3 name s\n" },
        { HBTEST_RECORD_EXPECT, 0, "s\0later", 7,
          "3 expected pid 7 count 0 suite s name later\n" },
        { HBTEST_RECORD_CASE_BEGIN, 0, "s\0one", 5,
          "3 begin pid 7 count 0 suite s name one\n" },
        { HBTEST_RECORD_CASE_MESSAGE, 0, "why", 3,
          "3 detail pid 7 count 0 suite s name one text why\n" },
        { HBTEST_RECORD_CASE_END, 2, "s\0one", 5,
          "3 end pid 7 count 0 suite s name one status 2\n" },
        { HBTEST_RECORD_CASE_BEGIN, 0, "\0two", 4,
          "3 begin pid 7 count 0 name two\n" },
        { HBTEST_RECORD_CASE_END, 3, "\0two", 4,
          "3 end pid 7 count 0 name two status 3\n" },
        { HBTEST_RECORD_CASE_MESSAGE, 0, "late", 4,
          "3 detail pid 7 count 0 text late\n" },
        { HBTEST_RECORD_GOODBYE, 1, "", 0,
          "3 complete pid 7 count 2 failed\n" },
        { HBTEST_RECORD_PAUSE, 0, "", 0, "3 pause pid 7 count 0\n" },
        { HBTEST_RECORD_RESUME, 0, "", 0, "3 resume pid 7 count 0\n" },
        { HBTEST_RECORD_HANG_AFTER, 500, "", 0,
          "3 hang-after pid 7 count 500\n" },
        { HBTEST_RECORD_EXITING, 4, "", 0, "3 exiting pid 7 count 4\n" },
        { 200, 0, "from a newer fixture", 20, "" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)put_bytes(rows[i].kind, rows[i].value, 3, rows[i].text,
                        rows[i].size);
        expect_at(3, rows[i].told);
    }
}

static void impossible_values_are_damage(void **state)
{
    (void)state;
    static const struct {
        uint16_t kind;
        uint64_t value;
    } rows[] = {
        { HBTEST_RECORD_CASE_END, 4 },
        { HBTEST_RECORD_PLAN, UINT64_MAX },
        { HBTEST_RECORD_HANG_AFTER, (uint64_t)UINT32_MAX + 1 },
        { HBTEST_RECORD_EXITING, UINT64_MAX },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)put(rows[i].kind, rows[i].value, 1, "x");
        expect_at(1, "1 damage pid 0 count 1 text a record has an impossible "
                     "value\n");
    }
}

static void a_stamp_is_believed_between_the_last_read_and_now(void **state)
{
    (void)state;
    (void)put(HBTEST_RECORD_NOTE, 0, 4, "in time");
    (void)put(HBTEST_RECORD_NOTE, 0, 4000000000u, "from the future");
    expect_at(9, "4 note pid 7 count 0 text in time\n"
                 "9 note pid 7 count 0 text from the future\n");
    (void)put(HBTEST_RECORD_NOTE, 0, 2, "from the past");
    expect_at(12, "9 note pid 7 count 0 text from the past\n");
}

static void beats_stand_among_the_records_by_their_time(void **state)
{
    (void)state;
    (void)put(HBTEST_RECORD_ATTACH, 0, 1, "v");
    (void)put(HBTEST_RECORD_NOTE, 0, 3, "before");
    (void)put(HBTEST_RECORD_NOTE, 0, 8, "after");
    attach(0, 7);
    lane_at(0)->beats = 5;
    lane_at(0)->beat_ms = BASE_MS + 6;
    expect_at(9, "1 attached pid 7 count 0 text v\n"
                 "3 note pid 7 count 0 text before\n"
                 "6 beat pid 7 count 5\n"
                 "8 note pid 7 count 0 text after\n");
    lane_at(0)->beats = 7;
    lane_at(0)->beat_ms = BASE_MS + 20;
    expect_at(21, "20 beat pid 7 count 2\n");
    expect_at(22, "");
}

static void a_process_that_beats_and_sent_no_record_is_attached(void **state)
{
    (void)state;
    attach(3, 99);
    lane_at(3)->beats = 1;
    lane_at(3)->beat_ms = BASE_MS + 2;
    expect_at(4, "1 attached pid 99 count 3\n2 beat pid 99 count 1\n");
}

static struct hb_observation last_alive;

static void keep_alive(void *context, const struct hb_observation *o)
{
    (void)context;
    if (o->kind == HB_OBS_ALIVE) {
        last_alive = *o;
    }
}

static void torn_statistics_leave_the_last_good_ones(void **state)
{
    (void)state;
    struct hbtest_lane *lane = lane_at(0);

    attach(0, 7);
    lane->alive = 1;
    lane->stats_sequence = 2;
    lane->rss_kib = 100;
    lane->threads = 3;
    lane->beat_thread_cpu_us = 44;
    (void)hb_recorder_read(recorder, BASE_MS + 1, keep_alive, NULL);
    lane->alive = 2;
    lane->stats_sequence = 3;
    lane->rss_kib = 999;
    (void)hb_recorder_read(recorder, BASE_MS + 1000, keep_alive, NULL);
    assert_int_equal(last_alive.stats.rss_kib, 100);
    assert_int_equal(last_alive.stats.threads, 3);
    assert_int_equal(last_alive.lane_cpu_us, 44);
}

static void a_counter_that_cannot_be_is_damage_and_no_beat(void **state)
{
    (void)state;
    static const uint64_t values[] = { 4, UINT64_MAX, 1 };
    struct hbtest_lane *lane = lane_at(0);

    attach(0, 7);
    lane->beats = 10;
    (void)read_at(2);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        lane->beats = values[i];
        expect_at(3, "3 damage pid 0 count 1 text a lane was overwritten by "
                     "the test\n");
    }
    lane->beats++;
    expect_at(4, "3 beat pid 7 count 1\n");
}

static void a_beat_from_the_future_is_damage(void **state)
{
    (void)state;
    attach(0, 7);
    (void)read_at(1);
    lane_at(0)->beats = 1;
    lane_at(0)->beat_ms = BASE_MS + 1000000;
    expect_at(3, "3 damage pid 0 count 1 text a lane was overwritten by the "
                 "test\n");
}

static void an_unfinished_record_hides_nothing_and_comes_later(void **state)
{
    (void)state;
    uint64_t hole = put(HBTEST_RECORD_NOTE, 0, 1, "slow");

    slot_at(hole)->sequence = 0;
    (void)put(HBTEST_RECORD_NOTE, 0, 2, "last words");
    expect_at(3, "2 note pid 7 count 0 text last words\n");
    expect_at(4, "");
    seal(hole);
    expect_at(5, "4 note pid 7 count 0 text slow\n");
}

static void a_record_never_finished_is_given_up(void **state)
{
    (void)state;
    uint64_t hole = put(HBTEST_RECORD_NOTE, 0, 1, "never");

    slot_at(hole)->sequence = 0;
    for (uint64_t i = 0; i < 10; i++) {
        expect_at(1 + i, "");
    }
    expect_at(1001, "1001 damage pid 0 count 1 text a record was never "
                    "finished\n");
    expect_at(5000, "");
}

static void a_flipped_bit_anywhere_in_a_record_is_damage(void **state)
{
    (void)state;
    for (size_t bit = 0; bit < 8 * (40 + 4); bit++) {
        uint64_t index = put(HBTEST_RECORD_NOTE, 0, 1, "text");

        ((unsigned char *)slot_at(index))[bit / 8] ^=
            (unsigned char)(1u << (bit % 8));
        (void)read_at(1);
        assert_null(strstr(seen, "note"));
        (void)read_at(2000);
        (void)read_at(4000);
    }
}

static void a_ring_that_goes_round_loses_nothing_if_read(void **state)
{
    (void)state;
    uint64_t told = 0;

    for (uint64_t i = 0; i < 3u * HBTEST_SLOT_COUNT; i++) {
        (void)put(HBTEST_RECORD_NOTE, 0, 1, "n");
        if (i % 1000 == 0 || i + 1 == 3u * HBTEST_SLOT_COUNT) {
            (void)read_at(1);
            told += seen_count;
            assert_null(strstr(seen, "lost"));
        }
    }
    assert_int_equal(told, 3u * HBTEST_SLOT_COUNT);
}

static void count_notes(void *context, const struct hb_observation *o)
{
    uint64_t *counts = context;

    if (o->kind == HB_OBS_NOTE) {
        counts[0]++;
    } else if (o->kind == HB_OBS_LOST) {
        counts[1] += o->count;
    } else {
        counts[2] += o->count;
    }
}

static void a_flood_keeps_the_newest_and_counts_the_rest(void **state)
{
    (void)state;
    uint64_t counts[3] = { 0 };

    for (uint64_t i = 0; i < 2u * HBTEST_SLOT_COUNT + 5; i++) {
        (void)put(HBTEST_RECORD_NOTE, 0, 1, "n");
    }
    (void)hb_recorder_read(recorder, BASE_MS + 2, count_notes, counts);
    assert_int_equal(counts[0], HBTEST_SLOT_COUNT);
    assert_int_equal(counts[1], HBTEST_SLOT_COUNT + 5);
    assert_int_equal(counts[2], 0);
    (void)put(HBTEST_RECORD_NOTE, 0, 3, "next");
    expect_at(4, "3 note pid 7 count 0 text next\n");
}

static void a_ruined_counter_does_not_hide_the_last_words(void **state)
{
    (void)state;
    static const uint64_t heads[] = { 0, 100000, UINT64_MAX - 3,
                                      UINT64_MAX / 2 };

    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        (void)tear_down(NULL);
        (void)set_up(NULL);
        (void)put(HBTEST_RECORD_NOTE, 0, 1, "first");
        (void)put(HBTEST_RECORD_NOTE, 0, 1, "second");
        (void)read_at(1);
        memory.header.head = heads[i];
        (void)put(HBTEST_RECORD_NOTE, 0, 2, "last words");
        (void)read_at(3);
        assert_non_null(strstr(seen, "note pid 7 count 0 text last words"));
        assert_null(strstr(seen, "first"));
        assert_true(strstr(seen, "damage") != NULL ||
                    strstr(seen, "lost") != NULL);
    }
}

static void a_refusing_fixture_is_named_once(void **state)
{
    (void)state;
    memory.header.client_major = 2;
    memory.header.client_minor = 5;
    memory.header.client_pid = 31;
    memory.header.client_refused = 1;
    expect_at(1, "1 refused pid 31 count 0 text the test's fixture speaks "
                 "protocol 2.5, this launcher 1.0\n");
    expect_at(2, "");
}

static void a_text_without_end_is_cut_at_its_place(void **state)
{
    (void)state;
    char text[HBTEST_TEXT_BYTES];

    memset(text, 'a', sizeof(text));
    (void)put_bytes(HBTEST_RECORD_CASE_BEGIN, 0, 1, text, sizeof(text));
    (void)put_bytes(HBTEST_RECORD_CASE_MESSAGE, 0, 1, text, sizeof(text));
    (void)read_at(1);
    assert_int_equal(seen_count, 2);
    assert_int_equal(strlen(seen), strlen("1 begin pid 7 count 0 name \n") +
                                       strlen("1 detail pid 7 count 0 name "
                                              " text \n") +
                                       3 * sizeof(text));
}

static uint64_t random_state = 1;

static uint64_t random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static void count_beats(void *context, const struct hb_observation *o)
{
    assert_true(o->kind == HB_OBS_DAMAGE || o->kind == HB_OBS_LOST ||
                o->kind == HB_OBS_ATTACHED || o->kind == HB_OBS_REFUSED);
    *(uint64_t *)context += 1;
}

/* Whatever is scribbled over all of it, no sign of life and no record comes
 * of it. */
static void random_bytes_are_never_life(void **state)
{
    (void)state;
    uint64_t count = 0;

    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < sizeof(memory.words) / sizeof(uint64_t); i++) {
            memory.words[i] = random_next();
        }
        (void)hb_recorder_read(recorder, BASE_MS + (uint64_t)round * 10,
                               count_beats, &count);
    }
    assert_true(count > 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_fresh_recorder_says_nothing),
        CASE(too_little_memory_makes_no_recorder),
        CASE(each_kind_of_record_becomes_its_observation),
        CASE(impossible_values_are_damage),
        CASE(a_stamp_is_believed_between_the_last_read_and_now),
        CASE(beats_stand_among_the_records_by_their_time),
        CASE(a_process_that_beats_and_sent_no_record_is_attached),
        CASE(torn_statistics_leave_the_last_good_ones),
        CASE(a_counter_that_cannot_be_is_damage_and_no_beat),
        CASE(a_beat_from_the_future_is_damage),
        CASE(an_unfinished_record_hides_nothing_and_comes_later),
        CASE(a_record_never_finished_is_given_up),
        CASE(a_flipped_bit_anywhere_in_a_record_is_damage),
        CASE(a_ring_that_goes_round_loses_nothing_if_read),
        CASE(a_flood_keeps_the_newest_and_counts_the_rest),
        CASE(a_ruined_counter_does_not_hide_the_last_words),
        CASE(a_refusing_fixture_is_named_once),
        CASE(a_text_without_end_is_cut_at_its_place),
        CASE(random_bytes_are_never_life),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
