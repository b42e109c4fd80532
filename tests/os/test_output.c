/*
 * Passing on, seen by whoever reads the launcher's own streams: os_loop runs
 * the helper program, and these cases hold the other ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collect.h"
#include "folder.h"
#include "os/file.h"
#include "os/host.h"
#include "skip.h"
#include "system.h"

static char report[600];
static struct system_child loop;

static int make_folder(void **state)
{
    struct hb_error err;

    (void)folder_make(state);
    (void)snprintf(report, sizeof(report), "%s", in_folder("report"));
    return hb_environment_set("OS_LOOP_REPORT", report, &err) ? 0 : 1;
}

static int remove_folder(void **state)
{
    hb_file_remove(report);
    return folder_remove(state);
}

/* os_loop with an option, or "" for none, and the helper's words. */
static void start(const char *option, const char *const *words, int how)
{
    const char *command[12] = { collect_loop_path() };
    size_t count = 1;

    if (option[0] != '\0') {
        command[count++] = option;
    }
    command[count++] = collect_child_path();
    for (; *words != NULL; words++) {
        command[count++] = *words;
    }
    system_start(command, how, &loop);
}

/* Reads `size` bytes of the helper's pattern, beginning at `done`. */
static void expect_pattern(uint64_t done, uint64_t size)
{
    static char bytes[65536];

    while (done < size) {
        size_t got = system_read(loop.out, bytes, sizeof(bytes));

        if (got == 0) {
            fail_msg("ended after %llu bytes", (unsigned long long)done);
        }
        for (size_t i = 0; i < got; i++, done++) {
            if (bytes[i] != (char)(33 + done % 89)) {
                fail_msg("wrong byte at %llu", (unsigned long long)done);
            }
        }
    }
    assert_int_equal(done, size);
}

static void expect_end(intptr_t stream)
{
    char byte;

    assert_int_equal(system_read(stream, &byte, 1), 0);
}

static void expect_rest(intptr_t stream, const char *text)
{
    char bytes[1024];
    size_t size = 0;

    for (size_t got = 1; got > 0 && size < sizeof(bytes) - 1; size += got) {
        got = system_read(stream, bytes + size, sizeof(bytes) - 1 - size);
    }
    bytes[size] = '\0';
    assert_string_equal(bytes, text);
}

static void expect_report(const char *line)
{
    struct hb_error err = { 0 };
    char *text = NULL;
    size_t size = 0;

    assert_true(hb_file_read(report, 65536, &text, &size, &err));
    if (strstr(text, line) == NULL) {
        fail_msg("no '%s' in:\n%s", line, text);
    }
    free(text);
}

static void both_streams_arrive_unchanged_and_apart(void **state)
{
    (void)state;
    start("", WORDS("say", "to stdout", "to stderr"), 0);
    expect_rest(loop.out, "to stdout\n");
    expect_rest(loop.err, "to stderr\n");
    assert_int_equal(system_wait(&loop), 0);
}

static void a_large_output_arrives_whole(void **state)
{
    (void)state;
    start("", WORDS("flood", "8000001"), 0);
    expect_pattern(0, 8000001);
    expect_end(loop.out);
    assert_int_equal(system_wait(&loop), 0);
    expect_report("closed stdout 8000001\n");
}

static void standard_input_reaches_the_program(void **state)
{
    (void)state;
    start("", WORDS("cat"), 0);
    system_write(loop.in, "hello\n", 6);
    system_close(&loop.in);
    expect_rest(loop.out, "hello\n");
    assert_int_equal(system_wait(&loop), 0);
}

/* Nobody reads stdout, and soon all is full; yet stderr answers each time. */
static void expect_stuck_stdout_and_live_stderr(void)
{
    for (int i = 0; i < 300; i++) {
        char text[8] = "";

        system_write(loop.in, "?", 1);
        for (size_t got = 0; got < 7;) {
            got += system_read(loop.err, text + got, 7 - got);
        }
        assert_string_equal(text, "beside\n");
    }
    system_close(&loop.in);
}

static void a_slow_reader_holds_its_stream_and_not_the_other(void **state)
{
    (void)state;
    start("", WORDS("beside", "flood", "6000000"), 0);
    expect_stuck_stdout_and_live_stderr();
    expect_pattern(0, 6000000);
    assert_int_equal(system_wait(&loop), 0);
}

static void small_lines_that_nobody_reads_hold_nothing_else(void **state)
{
    (void)state;
    static char bytes[400000];
    size_t size = 0;

    start("", WORDS("beside", "drip", "20000"), 0);
    expect_stuck_stdout_and_live_stderr();
    for (size_t got = 1; got > 0; size += got) {
        got = system_read(loop.out, bytes + size, sizeof(bytes) - size);
    }
    assert_memory_equal(bytes + size - 11, "line 19999\n", 11);
    assert_int_equal(system_wait(&loop), 0);
}

static void small_lines_fit_a_pipe_that_is_read_afterwards(void **state)
{
    (void)state;
    char bytes[40000];
    size_t size = 0;

    start("", WORDS("drip", "3000"), 0);
    intptr_t out = loop.out;
    loop.out = -1; /* kept open beyond the launcher's end */
    assert_int_equal(system_wait(&loop), 0);
    for (size_t got = 1; got > 0; size += got) {
        got = system_read(out, bytes + size, sizeof(bytes) - size);
    }
    assert_memory_equal(bytes, "line 0\nline 1\n", 14);
    assert_memory_equal(bytes + size - 10, "line 2999\n", 10);
    system_close(&out);
}

static void a_gone_reader_is_told_and_the_program_sees_it(void **state)
{
    (void)state;
    char byte;

    start("", WORDS("flood", "100000000"), 0);
    assert_int_equal(system_read(loop.out, &byte, 1), 1);
    system_close(&loop.out);
    assert_int_not_equal(system_wait(&loop), 0);
    expect_report("gone stdout");
    if (!system_is_windows) {
        expect_report("exit other 13\n"); /* SIGPIPE */
    }
}

static void a_full_disk_as_stdout_is_told_and_the_program_goes_on(void **state)
{
    (void)state;
    if (system_is_windows) {
        skip_because("Windows has no file that is always full");
    }
    start("", WORDS("flood", "8000001"), SYSTEM_FULL);
    assert_int_equal(system_wait(&loop), 0);
    expect_report("not passed stdout 28\n"); /* ENOSPC */
    expect_report("closed stdout 8000001\n");
    expect_report("exit code 0\n");
}

static void a_launcher_without_stdout_works_and_confuses_nothing(void **state)
{
    (void)state;
    start("", WORDS("say", "unheard", "to stderr"), SYSTEM_NO_STDOUT);
    expect_rest(loop.err, "to stderr\n");
    expect_rest(loop.out, "");
    assert_int_equal(system_wait(&loop), 0);
    expect_report("closed stdout 8\n");
}

static void a_launcher_without_any_stream_works(void **state)
{
    (void)state;
    start("", WORDS("say", "unheard", "as well"),
          SYSTEM_NO_STDIN | SYSTEM_NO_STDOUT | SYSTEM_NO_STDERR);
    assert_int_equal(system_wait(&loop), 0);
    expect_report("closed stdout 8\n");
    expect_report("closed stderr 8\n");
}

static void a_socket_as_stdout_works_with_a_slow_reader(void **state)
{
    (void)state;
    if (system_is_windows) {
        skip_because("standard streams are no sockets on Windows");
    }
    start("", WORDS("beside", "flood", "6000000"), SYSTEM_SOCKET);
    expect_stuck_stdout_and_live_stderr();
    expect_pattern(0, 6000000);
    assert_int_equal(system_wait(&loop), 0);
}

static void expect_line(intptr_t stream, const char *text)
{
    char line[64] = "";
    size_t size = 0;

    while (size < sizeof(line) - 1 && (size == 0 || line[size - 1] != '\n')) {
        assert_int_equal(system_read(stream, line + size, 1), 1);
        size++;
    }
    assert_string_equal(line, text);
}

static void what_a_slow_reader_holds_up_is_told(void **state)
{
    (void)state;
    start("--states", WORDS("flood", "3000000"), 0);
    expect_line(loop.err, "blocked, and written to\n");
    expect_pattern(0, 3000000);
    expect_end(loop.out);
    assert_int_equal(system_wait(&loop), 0);
}

/* It has ended, and its last words wait: nobody holds the pipe. */
static void what_only_a_slow_reader_keeps_open_is_told(void **state)
{
    char line[64];

    (void)state;
    start("--states", WORDS("flood", "150000"), 0);
    do {
        size_t size = 0;

        do {
            assert_int_equal(system_read(loop.err, line + size, 1), 1);
        } while (line[size++] != '\n' && size < sizeof(line) - 1);
        line[size] = '\0';
    } while (strcmp(line, "blocked, and read to its end\n") != 0);
    expect_pattern(0, 150000);
    expect_end(loop.out);
    assert_int_equal(system_wait(&loop), 0);
}

static void output_dropped_at_the_end_still_reaches_a_slow_reader(void **state)
{
    (void)state;
    char text[64] = "";

    start("--drop", WORDS("hold", "0"), 0);
    assert_true(system_read(loop.out, text, sizeof(text) - 1) > 0);
    assert_int_equal(system_wait(&loop), 0);
    start("--drop", WORDS("flood", "150000"), 0);
    expect_pattern(0, 150000);
    expect_end(loop.out);
    assert_int_equal(system_wait(&loop), 0);
    expect_report("closed stdout 150000\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_streams_arrive_unchanged_and_apart),
        cmocka_unit_test(a_large_output_arrives_whole),
        cmocka_unit_test(standard_input_reaches_the_program),
        cmocka_unit_test(a_slow_reader_holds_its_stream_and_not_the_other),
        cmocka_unit_test(small_lines_that_nobody_reads_hold_nothing_else),
        cmocka_unit_test(small_lines_fit_a_pipe_that_is_read_afterwards),
        cmocka_unit_test(a_gone_reader_is_told_and_the_program_sees_it),
        cmocka_unit_test(a_full_disk_as_stdout_is_told_and_the_program_goes_on),
        cmocka_unit_test(a_launcher_without_stdout_works_and_confuses_nothing),
        cmocka_unit_test(a_launcher_without_any_stream_works),
        cmocka_unit_test(a_socket_as_stdout_works_with_a_slow_reader),
        cmocka_unit_test(what_a_slow_reader_holds_up_is_told),
        cmocka_unit_test(what_only_a_slow_reader_keeps_open_is_told),
        cmocka_unit_test(output_dropped_at_the_end_still_reaches_a_slow_reader),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
