#include <errno.h>
#include <stdlib.h>

#include "os/client_desk.h"

#define VERSION "A attached 0 hbtest " HBTEST_VERSION "\n"

static int role_start(void)
{
    int first = hbtest_start();

    return first == hbtest_start() ? first + 1 : 99;
}

static int role_talk(void)
{
    (void)hbtest_start();
    hbtest_note("here");
    hbtest_plan(NULL, 2);
    hbtest_expect("s", "later");
    hbtest_case_begin("s", "one");
    hbtest_case_message("why");
    hbtest_case_end("s", "one", HBTEST_FAILED);
    hbtest_pause();
    hbtest_resume();
    hbtest_set_hang_after(1500);
    hbtest_goodbye(1);
    host_vanish(0);
    return 0;
}

static int role_null_texts(void)
{
    (void)hbtest_start();
    hbtest_note(NULL);
    hbtest_case_begin(NULL, NULL);
    hbtest_case_end(NULL, NULL, 77);
    host_vanish(0);
    return 0;
}

/* 3 x 72 is the room exactly; one byte more must cut a whole character. */
static int role_long_texts(void)
{
    char text[600] = "x";

    (void)hbtest_start();
    for (size_t i = 0; i < 100; i++) {
        memcpy(text + 1 + 3 * i, "\xe2\x82\xac", 3);
    }
    hbtest_note(text);
    hbtest_note(text + 1);
    hbtest_case_begin(text, text);
    host_vanish(0);
    return 0;
}

static void beat_and_talk(void)
{
    for (int i = 0; i < 200; i++) {
        hbtest_beat();
        hbtest_note("t");
    }
}

static int role_threads(void)
{
    (void)hbtest_start();
    host_threads(8, beat_and_talk);
    host_vanish(0);
    return 0;
}

static void start_and_leave(void)
{
    (void)hbtest_start();
}

static int role_start_in_threads(void)
{
    host_threads(8, start_and_leave);
    return role_start();
}

static int role_keeps_errno(void)
{
    errno = 77;
    (void)hbtest_start();
    hbtest_beat();
    hbtest_note("x");
    hbtest_goodbye(0);
    return errno == 77 ? 0 : 1;
}

static int role_exit(void)
{
    (void)hbtest_start();
    exit(3);
}

static int role_last_words(void)
{
    (void)hbtest_start();
    (void)printf("about to crash... ");
    host_vanish(5);
    return 0;
}

static int role_live(void)
{
    while (hbtest_start() == 1) {
        host_yield();
    }
    return 1;
}

static const struct role roles[] = {
    { "start", role_start },
    { "talk", role_talk },
    { "null-texts", role_null_texts },
    { "long-texts", role_long_texts },
    { "threads", role_threads },
    { "start-in-threads", role_start_in_threads },
    { "keeps-errno", role_keeps_errno },
    { "exit", role_exit },
    { "last-words", role_last_words },
    { "live", role_live },
    { NULL, NULL },
};

static void without_launcher_all_calls_do_nothing(void **state)
{
    (void)state;
    host_offer(NULL);
    assert_int_equal(run_role("start"), 1);
    assert_int_equal(run_role("keeps-errno"), 0);
    assert_string_equal(all_seen(), "");
}

static void a_supervised_program_attaches_once(void **state)
{
    (void)state;
    assert_int_equal(run_role("start"), 2);
    assert_int_equal(header()->client_major, HBTEST_PROTOCOL_MAJOR);
    assert_int_equal(header()->client_refused, 0);
    assert_string_equal(all_seen(), VERSION "A exiting\n");
}

static void every_call_arrives_in_order(void **state)
{
    (void)state;
    assert_int_equal(run_role("talk"), 0);
    assert_string_equal(all_seen(), VERSION "A note 0 here\n"
                                            "A plan 2\n"
                                            "A expected 0 s/later\n"
                                            "A begin 0 s/one\n"
                                            "A detail 0 s/one why\n"
                                            "A end 2 s/one\n"
                                            "A pause 0\n"
                                            "A resume 0\n"
                                            "A hang-after 1500\n"
                                            "A complete 1 failed\n");
}

static void texts_that_are_null_are_empty(void **state)
{
    (void)state;
    assert_int_equal(run_role("null-texts"), 0);
    assert_string_equal(all_seen(), VERSION "A note 0 \n"
                                            "A begin 0/\n"
                                            "A end 0/\n");
}

static size_t line_length(const char *text, const char *start)
{
    const char *line = strstr(text, start);

    assert_non_null(line);
    return strcspn(line + strlen(start), "\n");
}

static void long_texts_are_cut_between_characters(void **state)
{
    (void)state;
    assert_int_equal(run_role("long-texts"), 0);
    (void)all_seen();
    assert_int_equal(line_length(seen.text, "A note 0 x"), 213);
    assert_int_equal(line_length(seen.text, "A note 0 \xe2"), 215);
    assert_int_equal(line_length(seen.text, "A begin 0 "), 88 + 1 + 127);
}

static void threads_share_one_lane_and_lose_nothing(void **state)
{
    (void)state;
    assert_int_equal(run_role("threads"), 0);
    (void)all_seen();
    assert_int_equal(lane_at(0)->beats, 1600);
    assert_int_equal(lane_at(1)->pid, 0);
    assert_int_equal(seen.count, 1 + 1600 + 1);
    assert_null(strstr(seen.text, "damage"));
}

static void starting_in_many_threads_at_once_is_one_start(void **state)
{
    (void)state;
    assert_int_equal(run_role("start-in-threads"), 2);
    assert_string_equal(all_seen(), VERSION "A exiting\n");
}

static void errno_is_left_alone(void **state)
{
    (void)state;
    assert_int_equal(run_role("keeps-errno"), 0);
}

static void exit_is_seen_as_it_begins(void **state)
{
    (void)state;
    assert_int_equal(run_role("exit"), 3);
    assert_non_null(strstr(all_seen(), "A exiting"));
}

static void words_without_a_newline_survive_a_sudden_end(void **state)
{
    (void)state;
    struct host_child child;
    char output[64];

    assert_true(host_start(NULL, "last-words", &child));
    assert_int_equal(host_wait(&child, output, sizeof(output)), 5);
    assert_string_equal(output, "about to crash... ");
}

static void the_heartbeat_beats_and_tells_what_is_used(void **state)
{
    (void)state;
    struct host_child child;
    struct hbtest_lane *lane = lane_at(0);

    header()->beat_every_ms = 1;
    assert_true(host_start(NULL, "live", &child));
    while (*(volatile uint64_t *)&lane->alive < 5) {
        host_yield();
    }
    host_kill(&child);
    (void)host_wait(&child, NULL, 0);
    assert_true(lane->rss_kib > 100);
    assert_true(lane->threads >= 2);
    assert_true(lane->alive_ms >= base_ms);
    assert_int_equal(lane->beats, 0);
}

static void a_launcher_of_another_version_is_refused(void **state)
{
    (void)state;
    header()->launcher_major = 2;
    offer(2, host.handle, HBTEST_RECORDER_SIZE, TOKEN, false);
    assert_int_equal(run_role("start"), 0);
    assert_int_equal(header()->client_major, HBTEST_PROTOCOL_MAJOR);
    assert_int_equal(header()->client_refused, 1);
    assert_true(header()->client_pid != 0);
    assert_int_equal(header()->head, 0);
    assert_int_equal(lane_at(0)->pid, 0);
}

static void a_newer_minor_version_is_welcome(void **state)
{
    (void)state;
    header()->launcher_minor = 9;
    assert_int_equal(run_role("start"), 2);
}

static void what_is_not_our_recorder_is_not_touched(void **state)
{
    (void)state;
    offer(1, host.handle, HBTEST_RECORDER_SIZE, TOKEN + 1, false);
    assert_int_equal(run_role("start"), 0);
    header()->magic[0] = 'X';
    offer(1, host.handle, HBTEST_RECORDER_SIZE, TOKEN, false);
    assert_int_equal(run_role("start"), 0);
    assert_int_equal(header()->client_major, 0);
    assert_int_equal(header()->head, 0);
}

static void a_promise_that_cannot_be_kept_is_told(void **state)
{
    (void)state;
    static const char *const values[] = {
        "1",
        "1:",
        "x",
        "1:3:100:zz:4",
        "1:3:1:1",
        "1:999999:1114112:1:1",
        "1:-1:4096:1:1",
        "1:3:99999999999999999999:1:1",
        "1:18446744073709551615:1:1:1",
    };

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        host_offer(values[i]);
        assert_int_equal(run_role("start"), 0);
    }
    host_offer("");
    assert_true(run_role("start") <= 1);
}

static void a_recorder_smaller_than_promised_is_not_mapped(void **state)
{
    (void)state;
    offer(1, host.handle, 1u << 30, TOKEN, true);
    assert_int_equal(run_role("start"), 0);
}

static void a_header_that_points_outside_is_refused(void **state)
{
    (void)state;
    static const size_t fields[] = {
        offsetof(struct hbtest_header, lane_count),
        offsetof(struct hbtest_header, lane_bytes),
        offsetof(struct hbtest_header, lanes_offset),
        offsetof(struct hbtest_header, slot_count),
        offsetof(struct hbtest_header, slot_bytes),
        offsetof(struct hbtest_header, slots_offset),
    };
    static const uint32_t values[] = { 0, 1, 7, 0x40000000, UINT32_MAX };

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        uint32_t *field = (void *)((unsigned char *)host.memory + fields[i]);
        uint32_t kept = *field;

        *field = values[i % 5];
        if (fields[i] == offsetof(struct hbtest_header, lane_count) ||
            fields[i] == offsetof(struct hbtest_header, slot_count)) {
            *field = UINT32_MAX;
        }
        assert_int_equal(run_role("start"), 0);
        *field = kept;
    }
}

static void a_closed_handle_is_opened_again_through_the_launcher(void **state)
{
    (void)state;
    static const uint64_t closed[] = { 0, 1, 987 };

    for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++) {
        offer(1, closed[i], HBTEST_RECORDER_SIZE, TOKEN, true);
        assert_int_equal(run_role("start"), 2);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(without_launcher_all_calls_do_nothing),
        CASE(a_supervised_program_attaches_once),
        CASE(every_call_arrives_in_order),
        CASE(texts_that_are_null_are_empty),
        CASE(long_texts_are_cut_between_characters),
        CASE(threads_share_one_lane_and_lose_nothing),
        CASE(starting_in_many_threads_at_once_is_one_start),
        CASE(errno_is_left_alone),
        CASE(exit_is_seen_as_it_begins),
        CASE(words_without_a_newline_survive_a_sudden_end),
        CASE(the_heartbeat_beats_and_tells_what_is_used),
        CASE(a_launcher_of_another_version_is_refused),
        CASE(a_newer_minor_version_is_welcome),
        CASE(what_is_not_our_recorder_is_not_touched),
        CASE(a_promise_that_cannot_be_kept_is_told),
        CASE(a_recorder_smaller_than_promised_is_not_mapped),
        CASE(a_header_that_points_outside_is_refused),
        CASE(a_closed_handle_is_opened_again_through_the_launcher),
    };
    int status = 0;

    if (played_role(argc, argv, roles, &status)) {
        return status;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
