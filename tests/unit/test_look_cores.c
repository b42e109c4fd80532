/* Cores that the system wrote of what has died, against a pretend system and a
 * pretend helper. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/fake_os.h"
#include "look_script.h"
#include "run/run.h"

#define EXIT_AT(when, what, number)                                            \
    {                                                                          \
        .at_ms = (when), .event = {                                            \
            .kind = HB_EVENT_EXIT,                                             \
            .exit = { .kind = (what), .value = (number) }                      \
        }                                                                      \
    }

static const char *const command[] = { "pretend" };
static const struct fake_event dies[] = { EXIT_AT(10, HB_EXIT_SIGNAL, 11) };
static const struct fake_event passes[] = { EXIT_AT(10, HB_EXIT_CODE, 0) };
static const struct fake_event fails[] = { EXIT_AT(10, HB_EXIT_CODE, 1) };
static const struct fake_event helps[] = {
    TELLS_AT(1, MODULE THREAD("100", "die_here") STACKS NO_DUMP DONE),
    ENDS_AT(2, 0),
};
static const struct fake_event obeys[] = { TELLS_AT(1, DONE), ENDS_AT(2, 0) };

/* Of a crash that left a core. */
static const struct hb_core_trace core = {
    .died = true,
    .flagged = true,
    .raised = true,
    .found = true,
    .since_ns = 5,
    .folders = { "/here", "/there" },
    .folder_count = 2,
};

static struct hb_settings settings;
static struct hb_outcome outcome;

static void begin(const struct fake_event *events, size_t count,
                  const struct hb_core_trace *trace)
{
    fake_os_reset();
    fake_os_script(events, count);
    fake_os_helper(helps, 2);
    fake_os_cores(trace);
    memset(&settings, 0, sizeof(settings));
    memset(&outcome, 0, sizeof(outcome));
    hb_options_default(&settings.options);
    settings.options.command = command;
    settings.options.command_count = 1;
    settings.attempt = 1;
    (void)hb_text_copy(settings.name, sizeof(settings.name), "pretend");
    (void)hb_text_copy(settings.artifacts, sizeof(settings.artifacts), "out");
}

static void run(void)
{
    struct hb_error err = { 0 };

    assert_true(hb_run(&settings, &outcome, &err));
    hb_buffer_free(&outcome.words);
    assert_int_equal(fake_os_open(), 0);
}

static void expect(const char *piece)
{
    if (strstr(fake_os_file("result.json"), piece) == NULL) {
        print_error("%s\n", fake_os_file("result.json"));
        fail_msg("missing: %s", piece);
    }
}

static bool was_asked(const char *words)
{
    return strstr(fake_os_helper_words(), words) != NULL;
}

static void a_crash_that_left_one_is_looked_at(void **state)
{
    (void)state;
    begin(dies, 1, &core);
    run();
    assert_true(was_asked("--dead 100 --since-ns 5 --core-folder "
                          "/here --core-folder /there --flagged --stacks "
                          "--dump mini --folder "));
    assert_false(was_asked("--core-stays") || was_asked("--samples"));
    assert_true(was_asked("--limit-ms 60000"));
    expect("\"symbol\": \"die_here\"");
    expect("\"path\": \"stacks.txt\"");
    expect("\"reason\": \"the disk is full\"");
}

static void those_that_were_wanted_before_us_are_not_moved(void **state)
{
    struct hb_core_trace trace = core;

    (void)state;
    trace.raised = false;
    trace.found = false;
    begin(dies, 1, &trace);
    run();
    assert_true(was_asked("--flagged --core-stays "));
}

static void expect_reason(const struct hb_core_trace *trace, const char *why)
{
    begin(dies, 1, trace);
    run();
    assert_string_equal(fake_os_helper_words(), "");
    expect(why);
}

static void none_has_its_reason(void **state)
{
    struct hb_core_trace trace = { .died = true, .limit_known = true };

    (void)state;
    expect_reason(&trace, "no core: the program set its limit on cores to 0");
    trace.limit = 4096;
    expect_reason(&trace, "no core: the kernel could not write it");
    trace.limit = 0;
    trace.why_not = "the hard limit is 0";
    expect_reason(&trace, "\"reason\": \"no core: the hard limit is 0\"");
}

static void of_children_of_a_test_that_passes_nothing_is_wanted(void **state)
{
    struct hb_core_trace trace = core;

    (void)state;
    trace.died = trace.flagged = false;
    begin(passes, 1, &trace);
    run();
    assert_true(was_asked("--dead 100"));
    assert_false(was_asked("--stacks") || was_asked("--dump") ||
                 was_asked("--flagged"));
    begin(fails, 1, &trace);
    run();
    assert_true(was_asked("--stacks --dump mini"));
}

static void who_left_none_costs_no_helper(void **state)
{
    const struct hb_core_trace none = { .raised = true };

    (void)state;
    begin(passes, 1, &none);
    run();
    assert_string_equal(fake_os_helper_words(), "");
}

static void options_are_kept_to(void **state)
{
    (void)state;
    begin(dies, 1, &core);
    fake_os_helper(obeys, 2);
    settings.options.stacks = HB_WHEN_NEVER;
    run();
    assert_false(was_asked("--stacks"));
    assert_true(was_asked("--dump"));
    expect("--stacks=never");
}

static void who_is_asked_to_stop_only_tidies_up(void **state)
{
    static const struct fake_event asked[] = {
        ASKED_AT(5),
        EXIT_AT(10, HB_EXIT_SIGNAL, 11),
    };

    (void)state;
    begin(asked, 2, &core);
    fake_os_helper(obeys, 2);
    run();
    assert_true(was_asked("--dead 100"));
    assert_true(was_asked("--limit-ms 1000"));
    assert_false(was_asked("--stacks") || was_asked("--dump"));
    expect("the launcher was asked to stop");
}

static void every_os_failure_leaves_a_verdict(void **state)
{
    bool failed = true;

    (void)state;
    for (int nth = 1; failed; nth++) {
        struct hb_error err = { 0 };

        begin(dies, 1, &core);
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
        cmocka_unit_test(a_crash_that_left_one_is_looked_at),
        cmocka_unit_test(those_that_were_wanted_before_us_are_not_moved),
        cmocka_unit_test(none_has_its_reason),
        cmocka_unit_test(of_children_of_a_test_that_passes_nothing_is_wanted),
        cmocka_unit_test(who_left_none_costs_no_helper),
        cmocka_unit_test(options_are_kept_to),
        cmocka_unit_test(who_is_asked_to_stop_only_tidies_up),
        cmocka_unit_test(every_os_failure_leaves_a_verdict),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    fake_os_reset();
    return failed;
}
