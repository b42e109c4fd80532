#include <hbtest/protocol.h>

#include "unit/recorder_desk.h"

/* What the reader makes of bytes that are right. */

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
        { HBTEST_RECORD_CRASHING, 4096, "11 4294967290 9 140737", 22,
          "3 crashing pid 7 count 0 tid 9 code 11 reason -6 address 0x1000 "
          "stack 0x225c1\n" },
        { HBTEST_RECORD_LEAVING, 3, "_exit code 9", 12,
          "3 leaving pid 7 count 0 tid 9 call _exit kind 1 3\n" },
        { HBTEST_RECORD_LEAVING, 3, "_exit code 9 4096", 17,
          "3 leaving pid 7 count 0 tid 9 call _exit kind 1 3 from 0x1000\n" },
        { HBTEST_RECORD_LEAVING, 9, "kill signal 9", 13,
          "3 leaving pid 7 count 0 tid 9 call kill kind 2 9\n" },
        { HBTEST_RECORD_LEAVING, 0, "quick_exit unknown 9", 20,
          "3 leaving pid 7 count 0 tid 9 call quick_exit kind 0 0\n" },
        { HBTEST_RECORD_CRASHING, 4096, "3221226505 0 9 140737 8192 2", 28,
          "3 crashing pid 7 count 0 tid 9 code 3221226505 reason 0 address "
          "0x1000 stack 0x225c1 pointers 0x2000 parameter 2\n" },
        { HBTEST_RECORD_CRASHING, 4096, "3221225477 0 9 140737 8192", 26,
          "3 crashing pid 7 count 0 tid 9 code 3221225477 reason 0 address "
          "0x1000 stack 0x225c1 pointers 0x2000\n" },
        { 200, 0, "from a newer fixture", 20, "" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)put_bytes(rows[i].kind, rows[i].value, 3, rows[i].text,
                        rows[i].size);
        expect_at(3, rows[i].told);
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

static void a_ring_that_goes_round_loses_nothing_if_read(void **state)
{
    (void)state;
    uint64_t told = 0;

    for (uint64_t i = 0; i < 3u * HBTEST_SLOT_COUNT; i++) {
        (void)put(HBTEST_RECORD_NOTE, 0, 1, "n");
        if (i % 1000 == 0 || i + 1 == 3u * HBTEST_SLOT_COUNT) {
            (void)read_at(1);
            told += seen.count;
            assert_null(strstr(seen.text, "lost"));
        }
    }
    assert_int_equal(told, 3u * HBTEST_SLOT_COUNT);
}

static void a_refusing_fixture_is_named_once(void **state)
{
    (void)state;
    memory.header.client_major = 2;
    memory.header.client_minor = 5;
    memory.header.client_pid = 31;
    memory.header.client_refused = 1;
    expect_at(1, "1 refused pid 31 count 0 text the test's fixture speaks "
                 "protocol 2.5, this launcher 1.2\n");
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
    assert_int_equal(seen.count, 2);
    assert_int_equal(strlen(seen.text),
                     strlen("1 begin pid 7 count 0 name \n") +
                         strlen("1 detail pid 7 count 0 name "
                                " text \n") +
                         3 * sizeof(text));
}

/* The worked example of docs/protocol.md, byte for byte. */
static void the_documents_example_is_read(void **state)
{
    (void)state;
    static const unsigned char example[] = {
        0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x75, 0x2d,
        0x50, 0x52, 0x92, 0x10, 0x00, 0x00, 0x7b, 0x5c, 0x26, 0x05,
        0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x06, 0x00, 0x09, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x6d, 0x61, 0x74, 0x68, 0x00, 0x61, 0x64, 0x64, 0x73,
    };

    (void)put(HBTEST_RECORD_NOTE, 0, 1, "n");
    (void)read_at(1);
    memory.header.head = 2;
    memcpy(slot_at(1), example, sizeof(example));
    expect_at(2, "2 end pid 4242 count 0 suite math name adds status 1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_fresh_recorder_says_nothing),
        CASE(the_documents_example_is_read),
        CASE(too_little_memory_makes_no_recorder),
        CASE(each_kind_of_record_becomes_its_observation),
        CASE(a_stamp_is_believed_between_the_last_read_and_now),
        CASE(beats_stand_among_the_records_by_their_time),
        CASE(a_process_that_beats_and_sent_no_record_is_attached),
        CASE(a_ring_that_goes_round_loses_nothing_if_read),
        CASE(a_refusing_fixture_is_named_once),
        CASE(a_text_without_end_is_cut_at_its_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
