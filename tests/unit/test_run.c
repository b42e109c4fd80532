/* The loop against a pretend system: whole runs in no time, and each call to
 * the system failing once. */
#include "unit/run_desk.h"

static void a_program_that_ends_well_passes(void **state)
{
    struct hb_settings settings;
    struct hb_outcome outcome;

    (void)state;
    fake_os_reset();
    fake_os_script(well, 4);
    settle_settings(&settings);
    run(&settings, &outcome);
    assert_int_equal(outcome.status, 0);
    assert_non_null(
        strstr(fake_os_file("result.json"), "\"verdict\": \"pass\""));
    assert_non_null(strstr(fake_os_file("timeline.jsonl"), "\"closed\""));
    assert_string_equal(fake_os_file("stdout.log"), "hello\n");
    assert_true(fake_os_was_removed("stdout.log"));
}

static void expect_unwritten(const char *file)
{
    const char *json = fake_os_file(file);

    assert_non_null(strstr(json, "\"cause\": \"cannot-write\""));
    assert_non_null(strstr(json, "\"exit_status\": 125"));
    assert_non_null(strstr(json, "own verdict: pass"));
}

static void silence_ends_in_a_stop_and_then_a_kill(void **state)
{
    struct hb_settings settings;
    struct hb_outcome outcome;

    (void)state;
    fake_os_reset();
    fake_os_thread((struct hb_thread_sample){
        .tid = 100, .state = HB_THREAD_WAITING, .wait = HB_WAIT_IO });
    settle_settings(&settings);
    settings.options.policy.hang_after_auto = false;
    settings.options.policy.hang_after_ms = 1000;
    run(&settings, &outcome);
    assert_int_equal(outcome.status, 124);
    assert_int_equal(fake_os_stops(), 1);
    assert_true(fake_os_kills() >= 1);
    assert_non_null(
        strstr(fake_os_file("result.json"), "\"cause\": \"blocked-io\""));
}

static void a_program_that_heeds_the_stop_is_not_killed_first(void **state)
{
    struct hb_settings settings;
    struct hb_outcome outcome;

    (void)state;
    fake_os_reset();
    fake_os_heeds_stop(true);
    settle_settings(&settings);
    settings.options.policy.timeout_ms = 500;
    run(&settings, &outcome);
    assert_int_equal(outcome.status, 124);
    assert_non_null(
        strstr(fake_os_file("result.json"), "\"verdict\": \"timeout\""));
    assert_non_null(strstr(fake_os_file("result.json"), "SIGTERM"));
}

static void output_that_stays_open_is_told_and_does_not_keep_us(void **state)
{
    static const struct fake_event events[] = { EXIT_AT(10, 0) };
    struct hb_settings settings;
    struct hb_outcome outcome;

    (void)state;
    fake_os_reset();
    fake_os_script(events, 1);
    settle_settings(&settings);
    settings.options.policy.leak = HB_LEAK_FAIL;
    run(&settings, &outcome);
    assert_int_equal(outcome.status, 123);
    assert_non_null(
        strstr(fake_os_file("result.json"), "\"cause\": \"output-open\""));
}

static void a_request_to_stop_is_an_interruption(void **state)
{
    static const struct fake_event events[] = {
        { .at_ms = 50,
          .event = { .kind = HB_EVENT_STOP_REQUEST,
                     .signal = 15,
                     .signal_name = "SIGTERM",
                     .pid = 33 } },
    };
    struct hb_settings settings;
    struct hb_outcome outcome;

    (void)state;
    fake_os_reset();
    fake_os_heeds_stop(true);
    fake_os_script(events, 1);
    settle_settings(&settings);
    run(&settings, &outcome);
    assert_true(outcome.by_signal);
    assert_int_equal(outcome.status, 15);
}

static void of_close_notes_the_last_is_kept(void **state)
{
    static const struct fake_event events[] = {
        { .at_ms = 200,
          .event = { .kind = HB_EVENT_NOTIFY,
                     .bytes = "STATUS=one",
                     .size = 10 } },
        { .at_ms = 201,
          .event = { .kind = HB_EVENT_NOTIFY,
                     .bytes = "STATUS=two",
                     .size = 10 } },
        { .at_ms = 202,
          .event = { .kind = HB_EVENT_NOTIFY,
                     .bytes = "STATUS=three",
                     .size = 12 } },
        EXIT_AT(300, 0),
    };
    struct hb_settings settings;
    struct hb_outcome outcome;

    (void)state;
    fake_os_reset();
    fake_os_script(events, 4);
    settle_settings(&settings);
    run(&settings, &outcome);
    assert_non_null(strstr(fake_os_file("timeline.jsonl"), "\"one\""));
    assert_null(strstr(fake_os_file("timeline.jsonl"), "\"two\""));
    assert_non_null(
        strstr(fake_os_file("result.json"), "\"last_note\": \"three\""));
}

/* All files that can be written say so, with the status that is returned. */
static void a_record_that_cannot_be_written_changes_the_verdict(void **state)
{
    int found = 0;

    (void)state;
    for (int nth = 1; nth < 100; nth++) {
        struct hb_settings settings;
        struct hb_outcome outcome = { 0 };
        struct hb_error err = { 0 };

        fake_os_reset();
        fake_os_script(well, 4);
        fake_os_fail_call(nth);
        settle_settings(&settings);
        settings.options.json = "copy.json";
        if (hb_run(&settings, &outcome, &err) && outcome.words.size > 0 &&
            strstr(outcome.words.bytes, "own verdict: pass") != NULL) {
            found++;
            assert_int_equal(outcome.status, 125);
            expect_unwritten("result.json");
            expect_unwritten("copy.json");
        }
        hb_buffer_free(&outcome.words);
    }
    assert_int_equal(found, 3); /* two files of JSON, one of XML */
}

static void
a_stdout_that_takes_no_more_is_told_and_kept_in_the_log(void **state)
{
    static const struct fake_event events[] = {
        SAYS_AT(5, "hello\n"),
        { .at_ms = 6, .event = { .kind = HB_EVENT_NOT_PASSED, .os_code = 28 } },
        CLOSED_AT(9, HB_STDOUT),
        CLOSED_AT(9, HB_STDERR),
        EXIT_AT(10, 0),
    };
    struct hb_settings settings;
    struct hb_outcome outcome = { 0 };
    struct hb_error err = { 0 };

    (void)state;
    fake_os_reset();
    fake_os_script(events, 5);
    settle_settings(&settings);
    assert_true(hb_run(&settings, &outcome, &err));
    assert_int_equal(outcome.status, 0);
    assert_non_null(strstr(outcome.words.bytes, "stdout any more, see"));
    assert_non_null(strstr(fake_os_file("result.json"), "(error 28: "));
    assert_non_null(strstr(fake_os_file("timeline.jsonl"), "(error 28: "));
    assert_false(fake_os_was_removed("stdout.log"));
    hb_buffer_free(&outcome.words);
}

/* Whatever call to the system fails, the run ends, nothing stays open, and
 * it is said: by an error, or by a status that is not 0, or, where the verdict
 * could be kept, by a warning in the record. */
static void every_os_failure_is_told_and_leaks_nothing(void **state)
{
    bool failed = true;

    (void)state;
    for (int nth = 1; failed; nth++) {
        struct hb_settings settings;
        struct hb_outcome outcome = { 0 };
        struct hb_error err = { 0 };
        const char *result;
        bool ok;

        fake_os_reset();
        fake_os_script(well, 4);
        fake_os_fail_call(nth);
        settle_settings(&settings);
        settings.options.keep = HB_KEEP_ALL;
        ok = hb_run(&settings, &outcome, &err);
        failed = fake_os_has_failed();
        result = fake_os_file("result.json");
        if (failed && ok && outcome.status == 0 &&
            strstr(result, "told to fail") == NULL) {
            fail_msg("the failure of call %d was swallowed", nth);
        }
        if (!failed) {
            assert_true(ok);
            assert_int_equal(outcome.status, 0);
        }
        assert_int_equal(err.code != HB_OK, !ok);
        hb_buffer_free(&outcome.words);
        assert_int_equal(fake_os_open(), 0);
        assert_true(nth < 200);
    }
}

static void expect_left(size_t count, const char *told, const char *more)
{
    static const struct fake_event events[] = { EXIT_AT(10, 0) };
    struct hb_settings settings;
    struct hb_outcome outcome;

    fake_os_reset();
    fake_os_script(events, 1);
    fake_os_child_until(1000);
    fake_os_children(count);
    settle_settings(&settings);
    settings.options.policy.leak = HB_LEAK_FAIL;
    run(&settings, &outcome);
    assert_int_equal(outcome.status, 123);
    assert_non_null(strstr(fake_os_file("result.json"), told));
    assert_non_null(strstr(fake_os_file("result.json"), more));
}

/* Also those that the record has no room for. */
static void all_that_is_left_is_counted_and_a_few_are_named(void **state)
{
    (void)state;
    expect_left(5, "\"5 processes were left behind", "(pid 105)\"");
    expect_left(300, "\"300 processes were left behind", " and 295 more\"");
    expect_left(1500, "\"1500 processes were left behind", " and 1495 more\"");
    expect_left(5000, "\"4096 processes were left behind",
                "\"more than 4096 processes were left behind\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_that_ends_well_passes),
        cmocka_unit_test(silence_ends_in_a_stop_and_then_a_kill),
        cmocka_unit_test(a_program_that_heeds_the_stop_is_not_killed_first),
        cmocka_unit_test(output_that_stays_open_is_told_and_does_not_keep_us),
        cmocka_unit_test(a_request_to_stop_is_an_interruption),
        cmocka_unit_test(of_close_notes_the_last_is_kept),
        cmocka_unit_test(a_record_that_cannot_be_written_changes_the_verdict),
        cmocka_unit_test(
            a_stdout_that_takes_no_more_is_told_and_kept_in_the_log),
        cmocka_unit_test(every_os_failure_is_told_and_leaks_nothing),
        cmocka_unit_test(all_that_is_left_is_counted_and_a_few_are_named),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    fake_os_reset();
    return failed;
}
