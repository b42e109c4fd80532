#include "run/artifacts.h"
#include "run/funnel.h"
#include "unit/run_desk.h"

static const char *const environment[] = {
    "API_TOKEN=hush-hush",
    "HOME=/home/anybody",
    "SHORT_SECRET=abc",
    "=C:=C:\\",
    "A_PASSWORD=",
    "pass_phrase",
    "DB_PASSWORD=one\r\ntwo-lines\n",
    "WORD_TOKEN=pass",
};

static struct hb_options options;
static struct hb_veil *veil;

static int begin(void **state)
{
    struct hb_error err = { 0 };

    (void)state;
    fake_os_reset();
    fake_os_environment(environment,
                        sizeof(environment) / sizeof(environment[0]));
    hb_options_default(&options);
    return hb_veil_new(&options, &veil, &err) && veil != NULL ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    hb_veil_free(veil);
    veil = NULL;
    return 0;
}

static void texts_are_blanked_and_words_are_not(void **state)
{
    static const struct hb_tree_process process = { .image = "hush-hush.exe" };
    static const struct hb_evidence evidence = { .kind = "pass",
                                                 .path = "pass/hush-hush",
                                                 .reason = "no hush-hush" };
    struct hb_observation seen = {
        .kind = HB_OBS_CASE_DETAIL,
        .suite = "a hush-hush",
        .name = "hush-hush",
        .text = "two-lines of hush-hush, abc",
        .file = "/hush-hush/x.c",
        .process = &process,
        .evidence = &evidence,
    };
    struct hb_observation stop = { .kind = HB_OBS_STOP_REQUEST,
                                   .text = "pass" };

    (void)state;
    hb_veil_observation(veil, &seen);
    assert_string_equal(seen.suite, "a *********");
    assert_string_equal(seen.name, "*********");
    assert_string_equal(seen.text, "********* of *********, abc");
    assert_string_equal(seen.file, "/*********/x.c");
    assert_string_equal(seen.process->image, "*********.exe");
    assert_string_equal(seen.evidence->kind, "pass");
    assert_string_equal(seen.evidence->path, "pass/hush-hush");
    assert_string_equal(seen.evidence->reason, "no *********");
    assert_string_equal(process.image, "hush-hush.exe"); /* not ours */
    hb_veil_observation(veil, &stop);
    assert_string_equal(stop.text, "pass");
}

static void names_of_threads_windows_and_files_are_blanked(void **state)
{
    static struct hb_machine machine = {
        .space_count = 1,
        .spaces = { { .name = "temp", .path = "/tmp/hush-hush" } },
        .process_count = 1,
        .processes = { { .name = "hush-hush" } },
        .handle_count = 1,
        .handles = { { .type = "pass", .name = "/hush-hush" } },
    };
    static const struct hb_thread_sample threads[] = { { .name = "hush-hush" },
                                                       { .name = "quiet" } };
    static const struct hb_dialog dialog = { .title = "hush-hush!",
                                             .text = "?hush-hush" };
    static const struct hb_found_thread found = { .name = "on hush-hush" };
    struct hb_observation seen = { .kind = HB_OBS_SAMPLE,
                                   .threads = threads,
                                   .thread_count = 2,
                                   .dialog = &dialog,
                                   .found = &found,
                                   .machine = &machine };

    (void)state;
    hb_veil_observation(veil, &seen);
    assert_string_equal(seen.threads[0].name, "*********");
    assert_string_equal(seen.threads[1].name, "quiet");
    assert_string_equal(seen.dialog->title, "*********!");
    assert_string_equal(seen.dialog->text, "?*********");
    assert_string_equal(seen.found->name, "on *********");
    assert_string_equal(seen.machine->spaces[0].path, "/tmp/*********");
    assert_string_equal(seen.machine->processes[0].name, "*********");
    assert_string_equal(seen.machine->handles[0].name, "/*********");
    assert_string_equal(seen.machine->handles[0].type, "pass");
}

/* A text is never longer than its cap, a value may be. */
static void a_value_that_was_cut_is_blanked_as_far_as_it_goes(void **state)
{
    char text[256];
    struct hb_observation seen = { .kind = HB_OBS_NOTE, .text = text };

    (void)state;
    memset(text, '.', sizeof(text));
    memcpy(text + sizeof(text) - 7, "hush-h", 7);
    hb_veil_observation(veil, &seen);
    assert_string_equal(seen.text + sizeof(text) - 8, ".******");
}

static void the_header_is_blanked_in_copies(void **state)
{
    static const char *const words[] = { "/bin/pass", "--key=hush-hush" };
    struct hb_run_header header = { .name = "hush-hush",
                                    .command = words,
                                    .command_count = 2,
                                    .cwd = "/hush-hush/b" };
    struct hb_error err = { 0 };

    (void)state;
    assert_true(hb_veil_header(veil, &header, &err));
    assert_string_equal(header.name, "*********");
    assert_string_equal(header.cwd, "/*********/b");
    assert_string_equal(header.command[0], "/bin/****");
    assert_string_equal(header.command[1], "--key=*********");
    assert_string_equal(words[1], "--key=hush-hush");
}

static void who_wants_no_veil_has_none(void **state)
{
    struct hb_veil *none = veil;
    struct hb_error err = { 0 };
    struct hb_observation seen = { .kind = HB_OBS_NOTE, .text = "hush-hush" };

    (void)state;
    options.no_redact = true;
    assert_true(hb_veil_new(&options, &none, &err));
    assert_null(none);
    hb_veil_observation(none, &seen);
    assert_string_equal(seen.text, "hush-hush");
    none = veil;
    hb_options_default(&options);
    assert_true(hb_options_set(&options, "redact", "none", "x", &err));
    assert_true(hb_veil_new(&options, &none, &err));
    assert_null(none);
}

static void an_environment_that_cannot_be_read_is_an_error(void **state)
{
    struct hb_veil *none = NULL;
    struct hb_error err = { 0 };

    (void)state;
    fake_os_reset();
    fake_os_fail_call(1);
    assert_false(hb_veil_new(&options, &none, &err));
    assert_int_equal(err.code, HB_ERR_INTERNAL);
    assert_null(none);
}

/* The timeline is what a replay is made of: it must say what the result does.
 */
static void a_note_that_waits_is_told_blanked(void **state)
{
    struct hb_run_header header = { .name = "x", .cwd = "/" };
    struct hb_observation note = { .kind = HB_OBS_NOTE, .text = "hush-hush 1" };
    struct hb_funnel funnel;

    (void)state;
    hb_funnel_init(&funnel, &header, NULL);
    funnel.veil = veil;
    hb_funnel_tell(&funnel, &note);
    hb_funnel_close(&funnel, 5);
    assert_string_equal(funnel.result.heartbeat.last_note, "********* 1");
    hb_funnel_free(&funnel);
}

/* Runs */

static void run_with(const struct fake_event *events, size_t count, bool masks)
{
    struct hb_settings settings;
    struct hb_outcome outcome;

    fake_os_script(events, count);
    settle_settings(&settings);
    settings.masks = masks;
    run(&settings, &outcome);
}

static bool has(const char *file, const char *text)
{
    return strstr(fake_os_file(file), text) != NULL;
}

static void output_is_blanked_in_the_report_and_not_in_the_log(void **state)
{
    static const struct fake_event events[] = {
        SAYS_AT(5, "1..1\nnot ok 1 - hush"),
        SAYS_AT(6, "-hush here\n"),
        CLOSED_AT(9, HB_STDOUT),
        CLOSED_AT(9, HB_STDERR),
        EXIT_AT(10, 1),
    };

    (void)state;
    run_with(events, 5, false);
    assert_true(has("stdout.log", "hush-hush here"));
    assert_true(has("junit.xml", "not ok 1 - ********* here"));
    assert_false(has("junit.xml", "hush-hush"));
    assert_true(has("result.json", "\"********* here\""));
    assert_false(has("result.json", "hush-hush"));
    assert_true(has("timeline.jsonl", "\"********* here\""));
    assert_false(has("timeline.jsonl", "hush-hush"));
}

static void what_is_missing_between_may_have_cut_a_value(void **state)
{
    static const char value[] = "hush-hush";
    static char bytes[HB_EXCERPT_HEAD + HB_EXCERPT_TAIL + 5000];
    const struct fake_event events[] = {
        { .at_ms = 5,
          .event = { .kind = HB_EVENT_OUTPUT,
                     .stream = HB_STDOUT,
                     .bytes = bytes,
                     .size = sizeof(bytes) } },
        CLOSED_AT(9, HB_STDOUT),
        CLOSED_AT(9, HB_STDERR),
        EXIT_AT(10, 1),
    };

    (void)state;
    memset(bytes, '.', sizeof(bytes));
    for (size_t i = 0; i < sizeof(value) - 1; i++) {
        bytes[HB_EXCERPT_HEAD - 5 + i] = value[i];
        bytes[sizeof(bytes) - HB_EXCERPT_TAIL - 4 + i] = value[i];
    }
    run_with(events, 4, false);
    assert_true(has("junit.xml", ".*****\n[hbtest: "));
    assert_true(has("junit.xml", "not shown here]\n*****."));
}

static const struct fake_event masking[] = {
    SAYS_AT(5, "::add-mask::open"),
    SAYS_AT(6, "-word\n1..1\nnot ok 1 - open-word here\n"),
    CLOSED_AT(9, HB_STDOUT),
    CLOSED_AT(9, HB_STDERR),
    EXIT_AT(10, 1),
};

static void what_github_masks_is_blanked(void **state)
{
    (void)state;
    run_with(masking, 5, true);
    assert_true(has("stdout.log", "::add-mask::open-word"));
    assert_true(has("junit.xml", "::add-mask::*********"));
    assert_true(has("result.json", "\"********* here\""));
    assert_false(has("timeline.jsonl", "open-word"));
    assert_string_equal(fake_os_variable_set(), "HBTEST_MASK_1=open-word");
}

static void elsewhere_a_mask_is_just_a_line(void **state)
{
    (void)state;
    run_with(masking, 5, false);
    assert_true(has("junit.xml", "::add-mask::open-word"));
    assert_true(has("result.json", "open-word here"));
}

static void masks_without_number_are_told_once(void **state)
{
    static char bytes[400 * 17 + 1];
    const struct fake_event events[] = {
        { .at_ms = 5,
          .event = { .kind = HB_EVENT_OUTPUT,
                     .stream = HB_STDERR,
                     .bytes = bytes,
                     .size = sizeof(bytes) - 1 } },
        CLOSED_AT(9, HB_STDOUT),
        CLOSED_AT(9, HB_STDERR),
        EXIT_AT(10, 0),
    };

    (void)state;
    for (size_t i = 0; i < 400; i++) {
        (void)hb_text_format(bytes + i * 17, 18, "::add-mask::x%03zu\n", i);
    }
    run_with(events, 4, true);
    assert_true(has("result.json", "more than 256 times"));
    assert_string_equal(fake_os_variable_set(), "HBTEST_MASK_256=x255");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(texts_are_blanked_and_words_are_not),
        CASE(names_of_threads_windows_and_files_are_blanked),
        CASE(a_value_that_was_cut_is_blanked_as_far_as_it_goes),
        CASE(the_header_is_blanked_in_copies),
        CASE(who_wants_no_veil_has_none),
        CASE(an_environment_that_cannot_be_read_is_an_error),
        CASE(a_note_that_waits_is_told_blanked),
        CASE(output_is_blanked_in_the_report_and_not_in_the_log),
        CASE(what_is_missing_between_may_have_cut_a_value),
        CASE(what_github_masks_is_blanked),
        CASE(elsewhere_a_mask_is_just_a_line),
        CASE(masks_without_number_are_told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
