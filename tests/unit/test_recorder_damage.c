#include <hbtest/protocol.h>

#include "unit/recorder_desk.h"

/* What the reader makes of bytes that a dying test has ruined. */

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

static void a_crash_that_makes_no_sense_is_damage(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "11",
        "11 1 9",
        "65 1 9 4",
        "11 1 x 4",
        "11 1 9 99999999999999999999999",
        "11  1 9 4",
        "-1 1 9 4",
        "11 1 4294967296 4",
        "3221225477 1 9 4",
        "3221225477 1 9 4 x",
        "4294967296 1 9 4 5",
        "3221225477 1 9 4 5 x",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)put(HBTEST_RECORD_CRASHING, 0, 1, rows[i]);
        expect_at(1, "1 damage pid 0 count 1 text a record has an impossible "
                     "value\n");
        assert_null(hb_recorder_let_go(recorder));
    }
}

static void an_exit_that_makes_no_sense_is_damage(void **state)
{
    (void)state;
    static const struct {
        uint64_t value;
        const char *text;
    } rows[] = {
        { 0, "" },
        { 0, "exit" },
        { 0, "exit code" },
        { 0, "exit code " },
        { 0, "exit code x" },
        { 0, "exit code 4294967296" },
        { 0, "exit code 9 x" },
        { 0, "exit codes 9" },
        { 0, " code 9" },
        { 0, "e\nxit code 9" },
        { 0, "a_call_whose_name_is_too_long code 9" },
        { 4294967296u, "exit code 9" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)put(HBTEST_RECORD_LEAVING, rows[i].value, 1, rows[i].text);
        expect_at(1, "1 damage pid 0 count 1 text a record has an impossible "
                     "value\n");
        assert_null(hb_recorder_let_go(recorder));
    }
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
        assert_null(strstr(seen.text, "note"));
        (void)read_at(2000);
        (void)read_at(4000);
    }
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
        assert_non_null(
            strstr(seen.text, "note pid 7 count 0 text last words"));
        assert_null(strstr(seen.text, "first"));
        assert_true(strstr(seen.text, "damage") != NULL ||
                    strstr(seen.text, "lost") != NULL);
    }
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(impossible_values_are_damage),
        CASE(a_crash_that_makes_no_sense_is_damage),
        CASE(an_exit_that_makes_no_sense_is_damage),
        CASE(torn_statistics_leave_the_last_good_ones),
        CASE(a_counter_that_cannot_be_is_damage_and_no_beat),
        CASE(a_beat_from_the_future_is_damage),
        CASE(an_unfinished_record_hides_nothing_and_comes_later),
        CASE(a_record_never_finished_is_given_up),
        CASE(a_flipped_bit_anywhere_in_a_record_is_damage),
        CASE(a_flood_keeps_the_newest_and_counts_the_rest),
        CASE(a_ruined_counter_does_not_hide_the_last_words),
        CASE(random_bytes_are_never_life),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
