/*
 * Whatever becomes of the launcher, the tree must not survive it. The same
 * cases hold for the guard (Linux) and for the job object (Windows).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "collect.h"
#include "folder.h"
#include "os/clock.h"
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

static void start(const char *option, const char *word, const char *argument)
{
    const char *command[] = { collect_loop_path(),
                              "--guard",
                              option,
                              collect_child_path(),
                              word,
                              argument,
                              NULL };

    hb_file_remove(report);
    system_start(command, 0, &loop);
}

/* The number behind `key` on stdout of the program, which says "ready" when
 * all of its numbers are out. */
static uint32_t number_after(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    char digits[16];
    uint64_t value = 0;

    assert_non_null(at);
    at += strlen(key);
    (void)hb_text_copy_bytes(digits, sizeof(digits), at,
                             strspn(at, "0123456789"));
    assert_true(hb_parse_u64(digits, &value));
    return (uint32_t)value;
}

static void await_ready(char *text, size_t size)
{
    size_t used = 0;

    memset(text, 0, size);
    while (strstr(text, "ready") == NULL) {
        size_t got = system_read(loop.out, text + used, size - 1 - used);

        assert_true(got > 0);
        used += got;
    }
}

static uint32_t reported(const char *key)
{
    struct hb_error err = { 0 };
    char *text = NULL;
    size_t size = 0;

    assert_true(hb_file_read(report, 65536, &text, &size, &err));
    uint32_t number = number_after(text, key);
    free(text);
    return number;
}

static void read_all(intptr_t stream, char *text, size_t size)
{
    size_t used = 0;

    memset(text, 0, size);
    for (size_t got = 1; got > 0; used += got) {
        got = system_read(stream, text + used, size - 1 - used);
    }
}

static void an_exit_code_comes_through_the_guard(void **state)
{
    (void)state;
    start("--", "exit", "7");
    assert_int_equal(system_wait(&loop), 7);
}

static void a_death_comes_through_the_guard(void **state)
{
    (void)state;
    if (system_is_windows) {
        skip_because("Windows has no signals");
    }
    start("--", "signal", "11");
    assert_int_equal(system_wait(&loop), 1011);
    start("--", "signal", "9"); /* on purpose: not "the launcher was killed" */
    assert_int_equal(system_wait(&loop), 1009);
}

static void a_killed_launcher_takes_the_whole_tree_with_it(void **state)
{
    (void)state;
    char text[512];

    start("--", "children", "2");
    await_ready(text, sizeof(text));
    uint32_t program = reported("started program ");
    uint32_t child = number_after(text, "child ");

    assert_true(system_is_alive(program) && system_is_alive(child));
    system_kill(reported("started launcher "));
    assert_true(system_await_end(program));
    assert_true(system_await_end(child));
    if (!system_is_windows) {
        read_all(loop.err, text, sizeof(text));
        assert_non_null(strstr(text, "hbtest-launch: the launcher"));
        assert_int_equal(system_wait(&loop), 125);
    }
}

static void a_killed_guard_is_a_request_to_stop(void **state)
{
    (void)state;
    char text[512];

    if (system_is_windows) {
        skip_because("Windows has no guard");
    }
    start("--kill-at-request", "children", "2");
    await_ready(text, sizeof(text));
    uint32_t launcher = reported("started launcher ");
    uint32_t child = number_after(text, "child ");

    assert_int_not_equal(launcher, loop.pid);
    system_kill(loop.pid);
    assert_true(system_await_end(launcher));
    assert_false(system_is_alive(child));
    assert_int_equal(system_wait(&loop), 1009);
    (void)reported("request guard lost ");
}

static void an_end_in_order_leaves_no_message(void **state)
{
    (void)state;
    char text[512];

    start("--", "say", "hi");
    read_all(loop.err, text, sizeof(text));
    assert_string_equal(text, "\n");
    assert_int_equal(system_wait(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exit_code_comes_through_the_guard),
        cmocka_unit_test(a_death_comes_through_the_guard),
        cmocka_unit_test(a_killed_launcher_takes_the_whole_tree_with_it),
        cmocka_unit_test(a_killed_guard_is_a_request_to_stop),
        cmocka_unit_test(an_end_in_order_leaves_no_message),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
