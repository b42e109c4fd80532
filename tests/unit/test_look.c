/* The look at a hung test by hbtest-postmortem, against a pretend system and a
 * pretend helper that does everything wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/fake_os.h"
#include "look_script.h"
#include "run/run.h"

static const char *const command[] = { "pretend" };

static void begin(struct hb_settings *settings)
{
    fake_os_reset();
    fake_os_heeds_stop(true);
    fake_os_thread((struct hb_thread_sample){ .pid = 100,
                                              .tid = 100,
                                              .state = HB_THREAD_WAITING,
                                              .wait = HB_WAIT_LOCK });
    memset(settings, 0, sizeof(*settings));
    hb_options_default(&settings->options);
    settings->options.command = command;
    settings->options.command_count = 1;
    settings->options.policy.hang_after_auto = false;
    settings->options.policy.hang_after_ms = 1000;
    settings->attempt = 1;
    (void)hb_text_copy(settings->name, sizeof(settings->name), "pretend");
    (void)hb_text_copy(settings->artifacts, sizeof(settings->artifacts), "out");
}

static void run(const struct hb_settings *settings)
{
    struct hb_outcome outcome = { 0 };
    struct hb_error err = { 0 };

    assert_true(hb_run(settings, &outcome, &err));
    hb_buffer_free(&outcome.words);
    assert_int_equal(fake_os_open(), 0);
    assert_int_equal(outcome.status, 124);
}

static void expect(const char *piece)
{
    if (strstr(fake_os_file("result.json"), piece) == NULL) {
        print_error("%s\n", fake_os_file("result.json"));
        fail_msg("missing: %s", piece);
    }
}

static void expect_not(const char *piece)
{
    assert_null(strstr(fake_os_file("result.json"), piece));
}

static void what_it_finds_is_in_the_record(void **state)
{
    static const struct fake_event events[] = {
        TELLS_AT(10, MODULE THREAD("100", "wait_here") THREAD("101", "there")),
        TELLS_AT(20, LOCK("100", "101") LOCK("101", "100") STACKS NO_DUMP DONE),
        ENDS_AT(30, 0),
    };
    struct hb_settings settings;

    (void)state;
    begin(&settings);
    fake_os_helper(events, 3);
    run(&settings);
    expect("\"symbol\": \"wait_here\"");
    expect("\"module\": \"pretend\"");
    expect("\"id\": \"ab12\"");
    expect("thread 100 waits for a lock held by thread 101, which waits for "
           "one held by thread 100");
    expect("\"path\": \"stacks.txt\"");
    expect("\"pause_ms\": 0.321");
    expect("\"reason\": \"the disk is full\"");
    expect("pretend!there | pretend!wait_here");
    expect_not("told lines that");
    assert_non_null(
        strstr(fake_os_file("stacks.txt"), "wait_here at /s/p.c:7"));
    assert_int_equal(fake_os_helper_ends(), 0);
    assert_int_equal(fake_os_stops(), 1);
}

static void it_is_asked_for_what_the_options_want(void **state)
{
    static const struct fake_event events[] = { TELLS_AT(1, DONE),
                                                ENDS_AT(2, 0) };
    struct hb_settings settings;

    (void)state;
    begin(&settings);
    fake_os_helper(events, 2);
    run(&settings);
    assert_non_null(strstr(fake_os_helper_words(), "/fake/helper --pid 100 "
                                                   "--stacks --locks"));
    assert_non_null(strstr(fake_os_helper_words(), "--dump mini --folder "));
    assert_non_null(strstr(fake_os_helper_words(), "--limit-ms 20000 "));
    expect("hbtest-postmortem did not tell of it");

    begin(&settings);
    fake_os_helper(events, 2);
    settings.options.dump = HB_DUMP_NONE;
    run(&settings);
    assert_null(strstr(fake_os_helper_words(), "--dump"));
    expect("--dump=none");

    begin(&settings);
    fake_os_helper(events, 2);
    settings.options.stacks = HB_WHEN_NEVER;
    settings.options.dump = HB_DUMP_FULL;
    run(&settings);
    assert_null(strstr(fake_os_helper_words(), "--stacks"));
    assert_non_null(strstr(fake_os_helper_words(), "--dump both "));
    expect("--stacks=never");
}

static void without_a_helper_the_record_says_so(void **state)
{
    struct hb_settings settings;

    (void)state;
    begin(&settings);
    run(&settings);
    expect("hbtest-postmortem is neither in");
    expect("\"verdict\": \"hang\"");
    assert_int_equal(fake_os_stops(), 1);
}

static void a_crash_of_it_costs_only_what_it_had_not_told(void **state)
{
    static const struct fake_event events[] = {
        TELLS_AT(10, MODULE THREAD("100", "wait_here") "{\"kind\":\"thre"),
        { .at_ms = 20,
          .event = { .kind = HB_EVENT_HELPER_ENDED,
                     .exit = { .kind = HB_EXIT_SIGNAL, .value = 11 } } },
    };
    struct hb_settings settings;

    (void)state;
    begin(&settings);
    fake_os_helper(events, 2);
    run(&settings);
    expect("\"symbol\": \"wait_here\"");
    expect("\"path\": \"stacks.txt\"");
    expect("hbtest-postmortem died of signal 11 before it had told all");
    expect("\"verdict\": \"hang\"");
}

static void one_that_gives_up_has_its_exit_code_told(void **state)
{
    static const struct fake_event events[] = { ENDS_AT(20, 1) };
    struct hb_settings settings;

    (void)state;
    begin(&settings);
    fake_os_helper(events, 1);
    run(&settings);
    expect("hbtest-postmortem ended with exit code 1 before it had told all");
}

static void a_hang_of_it_ends_at_its_limit(void **state)
{
    static const struct fake_event events[] = {
        TELLS_AT(10, MODULE THREAD("100", "wait_here")),
    };
    struct hb_settings settings;

    (void)state;
    begin(&settings);
    fake_os_helper(events, 1);
    run(&settings);
    expect("\"symbol\": \"wait_here\"");
    expect("hbtest-postmortem did not end within 20000 ms");
    assert_int_equal(fake_os_helper_ends(), 1);
    assert_int_equal(fake_os_stops(), 1);
}

static void one_that_cannot_be_ended_does_not_keep_us(void **state)
{
    struct hb_settings settings;

    (void)state;
    begin(&settings);
    fake_os_helper(NULL, 0);
    fake_os_helper_clings();
    run(&settings);
    expect("hbtest-postmortem did not end within 20000 ms");
    assert_int_equal(fake_os_stops(), 1);
}

static void nonsense_is_passed_over(void **state)
{
    static char flood[3 << 20];
    static struct fake_event events[] = {
        TELLS_AT(10, "\n\nnot json\n{\"kind\":\"dance\"}\n[1]\n\x80\xff\n"
                     "{\"kind\":\"thread\",\"frames\":7}\n"
                     "{\"kind\":\"module\",\"index\":9,\"base\":\"0x0\"}\n"
                     "{\"kind\":\"evidence\",\"what\":\"dump\","
                     "\"status\":\"captured\",\"path\":\"../../x/core.zst\"}\n"
                     "{\"kind\":\"evidence\"}\n"),
        { .at_ms = 20, .event = { .kind = HB_EVENT_HELPER_OUTPUT } },
        TELLS_AT(30, "\n" MODULE THREAD("100", "wait_here") STACKS DONE),
        TELLS_AT(40, THREAD("100", "after_done")),
        ENDS_AT(50, 0),
    };
    struct hb_settings settings;

    (void)state;
    memset(flood, 'x', sizeof(flood));
    events[1].event.bytes = flood;
    events[1].event.size = sizeof(flood);
    begin(&settings);
    fake_os_helper(events, 5);
    run(&settings);
    expect("\"symbol\": \"wait_here\"");
    expect("lines that could not be understood");
    expect("'core.zst' was told of and is not there");
    expect_not("after_done");
}

static void who_tells_without_end_is_ended(void **state)
{
    static char flood[8 << 20];
    static struct fake_event events[6];
    struct hb_settings settings;

    (void)state;
    memset(flood, '\n', sizeof(flood));
    for (size_t i = 0; i < 6; i++) {
        events[i].at_ms = 10 + i;
        events[i].event = (struct hb_event){ .kind = HB_EVENT_HELPER_OUTPUT,
                                             .bytes = flood,
                                             .size = sizeof(flood) };
    }
    begin(&settings);
    fake_os_helper(events, 6);
    run(&settings);
    expect("told more than 32 MiB");
    assert_int_equal(fake_os_helper_ends(), 1);
}

static void ctrl_c_ends_the_look_and_keeps_the_verdict(void **state)
{
    static const struct fake_event asked[] = { ASKED_AT(1500) };
    struct hb_settings settings;

    (void)state;
    begin(&settings);
    fake_os_script(asked, 1);
    fake_os_helper(NULL, 0);
    run(&settings);
    expect("\"verdict\": \"hang\"");
    expect("the launcher was asked to stop");
    assert_int_equal(fake_os_helper_ends(), 1);
}

static void a_second_ctrl_c_kills_at_once(void **state)
{
    static const struct fake_event asked[] = { ASKED_AT(1500), ASKED_AT(1600) };
    struct hb_settings settings;

    (void)state;
    begin(&settings);
    fake_os_heeds_stop(false);
    fake_os_script(asked, 2);
    fake_os_helper(NULL, 0);
    fake_os_helper_clings();
    run(&settings);
    assert_true(fake_os_kills() >= 1);
}

static void a_test_that_ends_meanwhile_lets_the_look_end(void **state)
{
    static const struct fake_event ends[] = {
        { .at_ms = 1100,
          .event = { .kind = HB_EVENT_EXIT,
                     .exit = { .kind = HB_EXIT_CODE, .value = 0 } } },
    };
    static const struct fake_event events[] = {
        TELLS_AT(500, MODULE THREAD("100", "wait_here") STACKS DONE),
        ENDS_AT(600, 0),
    };
    struct hb_settings settings;
    struct hb_outcome outcome = { 0 };
    struct hb_error err = { 0 };

    (void)state;
    begin(&settings);
    fake_os_script(ends, 1);
    fake_os_helper(events, 2);
    assert_true(hb_run(&settings, &outcome, &err));
    hb_buffer_free(&outcome.words);
    expect("\"symbol\": \"wait_here\"");
    assert_int_equal(fake_os_helper_ends(), 0);
}

static void before_a_deadline_the_look_is_short_and_takes_no_dump(void **state)
{
    static const struct fake_event events[] = { TELLS_AT(1, STACKS DONE),
                                                ENDS_AT(2, 0) };
    struct hb_settings settings;

    (void)state;
    begin(&settings);
    settings.options.policy.hang_after_ms = HB_NO_LIMIT;
    settings.options.policy.deadline_ms = 60000;
    fake_os_helper(events, 2);
    run(&settings);
    assert_null(strstr(fake_os_helper_words(), "--dump"));
    assert_non_null(strstr(fake_os_helper_words(), "--stacks"));
    expect("\"cause\": \"deadline\"");
    expect("no time was left before the deadline");

    begin(&settings);
    settings.options.policy.hang_after_ms = HB_NO_LIMIT;
    settings.options.policy.deadline_ms = 400;
    fake_os_helper(events, 2);
    run(&settings);
    assert_string_equal(fake_os_helper_words(), "");
}

static void at_a_limit_below_that_of_ctest_the_look_is_short(void **state)
{
    static const struct fake_event events[] = { TELLS_AT(1, STACKS DONE),
                                                ENDS_AT(2, 0) };
    struct hb_settings settings;

    (void)state;
    begin(&settings);
    settings.options.policy.hang_after_ms = HB_NO_LIMIT;
    settings.options.policy.timeout_ms = 2000;
    settings.options.policy.grace_ms = 333;
    settings.options.policy.under_ctest = true;
    settings.options.policy.exit_mode = HB_EXIT_VERDICT;
    fake_os_helper(events, 2);
    run(&settings);
    assert_non_null(strstr(fake_os_helper_words(), "--limit-ms 333 "));
    expect("\"cause\": \"limit\"");
}

/* The look changes nothing about the verdict, whatever fails. */
static void every_os_failure_leaves_a_verdict(void **state)
{
    static const struct fake_event events[] = {
        TELLS_AT(10, MODULE THREAD("100", "wait_here") STACKS NO_DUMP DONE),
        ENDS_AT(20, 0),
    };
    bool failed = true;

    (void)state;
    for (int nth = 1; failed; nth++) {
        struct hb_settings settings;
        struct hb_outcome outcome = { 0 };
        struct hb_error err = { 0 };

        begin(&settings);
        settings.options.policy.hang_after_ms = 50;
        fake_os_helper(events, 2);
        fake_os_fail_call(nth);
        (void)hb_run(&settings, &outcome, &err);
        failed = fake_os_has_failed();
        hb_buffer_free(&outcome.words);
        assert_int_equal(fake_os_open(), 0);
        assert_true(outcome.status != 0 || err.code != HB_OK);
        assert_true(nth < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_finds_is_in_the_record),
        cmocka_unit_test(it_is_asked_for_what_the_options_want),
        cmocka_unit_test(without_a_helper_the_record_says_so),
        cmocka_unit_test(a_crash_of_it_costs_only_what_it_had_not_told),
        cmocka_unit_test(one_that_gives_up_has_its_exit_code_told),
        cmocka_unit_test(a_hang_of_it_ends_at_its_limit),
        cmocka_unit_test(one_that_cannot_be_ended_does_not_keep_us),
        cmocka_unit_test(nonsense_is_passed_over),
        cmocka_unit_test(who_tells_without_end_is_ended),
        cmocka_unit_test(ctrl_c_ends_the_look_and_keeps_the_verdict),
        cmocka_unit_test(a_second_ctrl_c_kills_at_once),
        cmocka_unit_test(a_test_that_ends_meanwhile_lets_the_look_end),
        cmocka_unit_test(before_a_deadline_the_look_is_short_and_takes_no_dump),
        cmocka_unit_test(at_a_limit_below_that_of_ctest_the_look_is_short),
        cmocka_unit_test(every_os_failure_leaves_a_verdict),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    fake_os_reset();
    return failed;
}
