#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hbtest/protocol.h>

#include "collect.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/host.h"
#include "skip.h"
#include "system.h"

static struct collect run;

static int end_run(void **state)
{
    (void)state;
    collect_free(&run);
    return 0;
}

static void exit_codes_come_back_exactly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t value;
    } codes[] = {
        { "0", 0 }, { "1", 1 }, { "3", 3 }, { "137", 137 }, { "255", 255 }
    };

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        collect_run(&run, WORDS("exit", codes[i].text));
        assert_int_equal(run.exit.kind, HB_EXIT_CODE);
        assert_int_equal(run.exit.value, codes[i].value);
        assert_false(run.exit.core_dumped);
        collect_free(&run);
    }
}

static void code_259_is_no_living_process(void **state)
{
    (void)state;
    if (!system_is_windows) {
        skip_because("exit codes have 8 bits on Linux");
    }
    collect_run(&run, WORDS("exit", "259"));
    assert_int_equal(run.exit.value, 259);
}

static void a_crash_is_not_an_exit_code(void **state)
{
    (void)state;
    collect_run(&run, WORDS("crash"));
    if (system_is_windows) {
        assert_int_equal(run.exit.value, 0xC0000005u);
    } else {
        assert_int_equal(run.exit.kind, HB_EXIT_SIGNAL);
        assert_int_equal(run.exit.value, 11);
    }
}

static void arguments_arrive_exactly_as_given(void **state)
{
    (void)state;
    collect_run(&run, WORDS("args", "a b", "", "say \"hi\"", "back\\",
                            "tr\\\"ap\\\\", "*?%PATH%", "gr\xc3\xbc\xc3\x9f",
                            "\xf0\x9f\x90\x9b", "tab\there", "--", "-x"));
    assert_string_equal(run.output[HB_STDOUT],
                        "[612062]\n[]\n[73617920226869"
                        "22]\n[6261636b5c]\n"
                        "[74725c2261705c5c]\n[2a3f255041544825]\n"
                        "[6772c3bcc39f]\n[f09f909b]\n[7461620968657265]\n"
                        "[2d2d]\n[2d78]\n");
}

static void both_streams_come_apart_and_are_closed_once(void **state)
{
    (void)state;
    collect_run(&run, WORDS("say", "to stdout", "to stderr"));
    assert_string_equal(run.output[HB_STDOUT], "to stdout\n");
    assert_string_equal(run.output[HB_STDERR], "to stderr\n");
    assert_false(run.gone[HB_STDOUT] || run.gone[HB_STDERR]);
}

static void a_program_that_closes_its_stdout_goes_on(void **state)
{
    (void)state;
    collect_start(&run, WORDS("close-output"));
    collect_until(&run, HB_EVENT_OUTPUT_CLOSED);
    collect_all(&run);
    assert_string_equal(run.output[HB_STDERR], "still here\n");
    assert_int_equal(run.exit.value, 0);
}

static void a_flood_on_both_streams_arrives_whole(void **state)
{
    (void)state;
    collect_run(&run, WORDS("flood-error", "200000"));
    assert_int_equal(run.total[HB_STDERR], 200000);
    for (size_t i = 0; i < COLLECT_KEPT; i++) {
        assert_int_equal(run.output[HB_STDERR][i], 33 + i % 89);
    }
}

static void the_program_inherits_our_environment(void **state)
{
    (void)state;
    struct hb_error err = { 0 };

    assert_true(hb_environment_set("OS_TEST_WORD", "\xc3\xa4 b", &err));
    collect_run(&run, WORDS("variable", "OS_TEST_WORD"));
    assert_string_equal(run.output[HB_STDOUT], "OS_TEST_WORD=\xc3\xa4 b\n");
}

static void waiting_ends_at_the_time_asked_for(void **state)
{
    (void)state;
    struct hb_event event = { .kind = HB_EVENT_EXIT };
    struct hb_error err = { 0 };

    collect_start(&run, WORDS("ready"));
    collect_until_line(&run, "ready");
    uint64_t until_ms = hb_clock_ms() + 60;
    assert_true(hb_process_next(run.process, until_ms, &event, &err));
    assert_int_equal(event.kind, HB_EVENT_NONE);
    assert_true(hb_clock_ms() >= until_ms);
}

static void a_time_in_the_past_still_tells_what_there_is(void **state)
{
    (void)state;
    collect_start(&run, WORDS("ready"));
    while (run.kept[HB_STDOUT] == 0) {
        collect_now(&run);
    }
    assert_false(run.ended);
}

static void the_end_tells_what_was_used(void **state)
{
    (void)state;
    collect_run(&run, WORDS("flood", "300000"));
    assert_true(run.resources.known);
    if (!system_is_windows) { /* Wine forgets it with the process */
        assert_true(run.resources.max_rss_kib > 100);
    }
}

static void cpu_time_grows_while_the_program_spins(void **state)
{
    (void)state;
    uint64_t first = 0;
    uint64_t now = 0;

    collect_start(&run, WORDS("spin"));
    collect_until_line(&run, "ready");
    assert_true(hb_process_cpu_us(run.process, &first));
    while (now < first + 20000) {
        assert_true(hb_process_cpu_us(run.process, &now));
        assert_true(now >= first);
    }
}

static void cpu_time_of_a_child_counts_too(void **state)
{
    (void)state;
    uint64_t first = 0;
    uint64_t now = 0;

    collect_start(&run, WORDS("inner", "spin", ""));
    collect_until_line(&run, "ready");
    assert_true(hb_process_cpu_us(run.process, &first));
    while (now < first + 50000) {
        assert_true(hb_process_cpu_us(run.process, &now));
    }
}

static void the_recorder_outlives_the_program(void **state)
{
    (void)state;
    size_t size = 0;

    collect_start(&run, WORDS("recorder", "last words"));
    const char *memory = hb_process_recorder(run.process, &size);
    assert_non_null(memory);
    assert_int_equal(size, HBTEST_RECORDER_SIZE);
    collect_all(&run);
    assert_int_equal(run.exit.value, 0);
    assert_string_equal(memory + size - 11, "last words");
}

static void a_process_that_lost_the_recorder_may_open_it_again(void **state)
{
    (void)state;
    size_t size = 0;

    collect_run(&run, WORDS("recorder-again", "found"));
    const char *memory = hb_process_recorder(run.process, &size);
    assert_int_equal(run.exit.value, 0);
    assert_string_equal(memory + size - 6, "found");
}

static void the_recorder_is_zero_before_the_start(void **state)
{
    (void)state;
    const char *const command[] = { collect_child_path() };
    struct hb_process_spec spec = { .command = command,
                                    .count = 1,
                                    .recorder = true };
    struct hb_error err = { 0 };
    size_t size = 0;

    assert_true(hb_process_prepare(&spec, &run.process, &err));
    const char *memory = hb_process_recorder(run.process, &size);
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(memory[i], 0);
    }
}

static void without_a_recorder_none_is_promised(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    size_t size = 0;

    /* What a launcher around us promised to us is not for this program. */
    assert_true(hb_environment_set(HBTEST_RECORDER_ENV, "1:1:1:1:1", &err));
    collect_start_command(
        &run, WORDS(collect_child_path(), "variable", HBTEST_RECORDER_ENV),
        (struct hb_process_spec){ .recorder = false });
    assert_null(hb_process_recorder(run.process, &size));
    collect_all(&run);
    assert_string_equal(run.output[HB_STDOUT], "HBTEST_RECORDER=(not set)\n");
}

static void an_outer_recorder_is_replaced_by_ours(void **state)
{
    (void)state;
    struct hb_error err = { 0 };

    assert_true(hb_environment_set(HBTEST_RECORDER_ENV, "1:1:1:1:1", &err));
    collect_run(&run, WORDS("recorder", "mine"));
    assert_int_equal(run.exit.value, 0);
}

static void plain_means_no_pipes_and_no_recorder(void **state)
{
    (void)state;
    struct hb_event event = { 0 };
    struct hb_error err = { 0 };

    collect_start_command(&run, WORDS(collect_child_path(), "exit", "5"),
                          (struct hb_process_spec){ .plain = true });
    do {
        assert_true(hb_process_next(run.process, UINT64_MAX, &event, &err));
        assert_int_not_equal(event.kind, HB_EVENT_OUTPUT_CLOSED);
    } while (event.kind != HB_EVENT_EXIT);
    assert_int_equal(event.exit.value, 5);
}

/* A start that must fail, and what its error must say. */
static void expect_bad_start(const char *file, enum hb_error_code code,
                             const char *part)
{
    const char *const command[] = { file, NULL };
    struct hb_process_spec spec = { .command = command, .count = 1 };
    struct hb_error err = { 0 };
    uint32_t pid = 77;

    assert_true(hb_process_prepare(&spec, &run.process, &err));
    assert_false(hb_process_start(run.process, &pid, &err));
    if (err.code != code || strstr(err.text, part) == NULL) {
        fail_msg("%d: %s", (int)err.code, err.text);
    }
    assert_int_equal(pid, 77);
    collect_free(&run);
}

static void a_program_that_does_not_exist_is_not_found(void **state)
{
    (void)state;
    char below[1200];

    expect_bad_start("no-such-program-anywhere", HB_ERR_NOT_FOUND,
                     "no-such-program-anywhere");
    expect_bad_start("./no/such/program", HB_ERR_NOT_FOUND,
                     "./no/such/program");
    expect_bad_start("", HB_ERR_NOT_FOUND, "''");
    (void)snprintf(below, sizeof(below), "%s/x", collect_child_path());
    expect_bad_start(below, HB_ERR_NOT_FOUND, "cannot find");
}

static void a_file_that_is_no_program_is_not_executable(void **state)
{
    (void)state;
    char folder[256];
    char path[300];

    system_make_folder(folder, sizeof(folder));
    (void)snprintf(path, sizeof(path), "%s/thing.exe", folder);
    expect_bad_start(folder, HB_ERR_NOT_EXECUTABLE, "folder");
    system_write_file(path, "\1\2\0\3", 4, true);
    expect_bad_start(path, HB_ERR_NOT_EXECUTABLE, "thing.exe");
    system_write_file(path, "", 0, true);
    expect_bad_start(path, HB_ERR_NOT_EXECUTABLE, "thing.exe");
    hb_file_remove(path);
    hb_folder_remove(folder);
}

static void a_program_is_found_in_path(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    const char *path = collect_child_path();
    char search[1200];
    const char *name = strrchr(path, '/');
    const char *mark = system_is_windows ? ";" : ":";

    assert_non_null(name);
    /* Behind a folder that is not there and one without the program. */
    (void)snprintf(search, sizeof(search), "/no/such/folder%s/%s%.*s", mark,
                   mark, (int)(name - path), path);
    assert_true(hb_environment_set("PATH", search, &err));
    collect_start_command(&run, WORDS(name + 1, "exit", "4"),
                          (struct hb_process_spec){ .recorder = true });
    collect_all(&run);
    assert_int_equal(run.exit.value, 4);
}

static void freeing_ends_what_still_runs(void **state)
{
    (void)state;
    collect_start(&run, WORDS("ready"));
    collect_until_line(&run, "ready");
    uint32_t pid = run.pid;
    collect_free(&run);
    assert_false(system_is_alive(pid));
    hb_process_free(NULL);
}

static void a_process_that_was_never_started_can_be_freed(void **state)
{
    (void)state;
    const char *const command[] = { collect_child_path() };
    struct hb_process_spec spec = {
        .command = command, .count = 1, .recorder = true, .notify = true
    };
    struct hb_error err = { 0 };

    assert_true(hb_process_prepare(&spec, &run.process, &err));
}

#define CASE(name) cmocka_unit_test_teardown(name, end_run)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(exit_codes_come_back_exactly),
        CASE(code_259_is_no_living_process),
        CASE(a_crash_is_not_an_exit_code),
        CASE(arguments_arrive_exactly_as_given),
        CASE(both_streams_come_apart_and_are_closed_once),
        CASE(a_program_that_closes_its_stdout_goes_on),
        CASE(a_flood_on_both_streams_arrives_whole),
        CASE(the_program_inherits_our_environment),
        CASE(waiting_ends_at_the_time_asked_for),
        CASE(a_time_in_the_past_still_tells_what_there_is),
        CASE(the_end_tells_what_was_used),
        CASE(cpu_time_grows_while_the_program_spins),
        CASE(cpu_time_of_a_child_counts_too),
        CASE(the_recorder_outlives_the_program),
        CASE(a_process_that_lost_the_recorder_may_open_it_again),
        CASE(the_recorder_is_zero_before_the_start),
        CASE(without_a_recorder_none_is_promised),
        CASE(an_outer_recorder_is_replaced_by_ours),
        CASE(plain_means_no_pipes_and_no_recorder),
        CASE(a_program_that_does_not_exist_is_not_found),
        CASE(a_file_that_is_no_program_is_not_executable),
        CASE(a_program_is_found_in_path),
        CASE(freeing_ends_what_still_runs),
        CASE(a_process_that_was_never_started_can_be_freed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
