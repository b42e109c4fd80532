#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collect.h"
#include "os/windows/command_line.h"

static struct collect run;

static int end_run(void **state)
{
    (void)state;
    collect_free(&run);
    return 0;
}

/* What cannot be typed, and what quoting gets wrong most easily. */
static const char *const hard[] = {
    "",
    "a",
    "a b",
    "\t",
    "\n",
    "\"",
    "\"\"",
    "\\",
    "\\\\",
    "a\\",
    "a\\\\",
    "a b\\",
    "a b\\\\",
    "a\\\"b",
    "a\\\\\"b",
    "a\\b",
    "a\\\\b c",
    "\" \"",
    "\\\" \\\"",
    "a\"b\" c",
    "%PATH%",
    "^&|<>",
    "*?",
    "'x y'",
    "--",
    "\xc3\xbc",
    "\xf0\x9f\x90\x9b",
    "\xed\xa0\x80x",
    "a=b",
    "\v",
};
#define HARD_COUNT (sizeof(hard) / sizeof(hard[0]))

static void expect_round_trip(const char *const *command, size_t count)
{
    struct hb_error err = { 0 };
    wchar_t *line = NULL;
    char **again = NULL;
    size_t again_count = 0;

    assert_true(hb_command_line_join(command, count, &line, &err));
    assert_true(hb_command_line_split(line, &again, &again_count, &err));
    assert_int_equal(again_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(again[i], command[i]);
    }
    assert_null(again[count]);
    free(again);
    free(line);
}

static void every_two_arguments_survive_joining_and_splitting(void **state)
{
    (void)state;
    for (size_t i = 0; i < HARD_COUNT; i++) {
        for (size_t j = 0; j < HARD_COUNT; j++) {
            const char *const command[] = { "C:\\a b\\c\\", hard[i], hard[j] };

            expect_round_trip(command, 3);
        }
    }
    expect_round_trip(hard, 1); /* an empty name */
}

static void lines_are_split_as_microsoft_documents_it(void **state)
{
    (void)state;
    static const struct {
        const wchar_t *line;
        const char *arguments[4];
    } table[] = {
        { L"p \"a b c\" d e", { "a b c", "d", "e" } },
        { L"p \"ab\\\"c\" \"\\\\\" d", { "ab\"c", "\\", "d" } },
        { L"p a\\\\\\b d\"e f\"g h", { "a\\\\\\b", "de fg", "h" } },
        { L"p a\\\\\\\"b c d", { "a\\\"b", "c", "d" } },
        { L"p a\\\\\\\\\"b c\" d e", { "a\\\\b c", "d", "e" } },
        { L"p a\"b\"\" c d", { "ab\" c d" } },
        { L"\"p q\"  x\t y ", { "x", "y" } },
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct hb_error err = { 0 };
        char **made = NULL;
        size_t count = 0;

        assert_true(hb_command_line_split(table[i].line, &made, &count, &err));
        for (size_t j = 1; j < count; j++) {
            assert_string_equal(made[j], table[i].arguments[j - 1]);
        }
        assert_null(table[i].arguments[count - 1]);
        free(made);
    }
}

static void hard_arguments_reach_a_real_program(void **state)
{
    (void)state;
    const char *command[HARD_COUNT + 3] = { collect_child_path(), "args" };
    char expected[1024] = "";
    size_t used = 0;
    size_t count = 2;

    for (size_t i = 0; i < HARD_COUNT; i++) {
        if ((unsigned char)hard[i][0] == 0xED) {
            continue; /* the program itself prints UTF-8 only */
        }
        command[count++] = hard[i];
        used += (size_t)snprintf(expected + used, sizeof(expected) - used, "[");
        for (const char *at = hard[i]; *at != '\0'; at++) {
            used += (size_t)snprintf(expected + used, sizeof(expected) - used,
                                     "%02x", (unsigned)(unsigned char)*at);
        }
        used +=
            (size_t)snprintf(expected + used, sizeof(expected) - used, "]\n");
    }
    collect_start_command(&run, command, (struct hb_process_spec){ 0 });
    collect_all(&run);
    assert_string_equal(run.output[HB_STDOUT], expected);
}

static void nothing_is_quoted_that_needs_it_not(void **state)
{
    (void)state;
    collect_start_command(&run,
                          WORDS(collect_child_path(), "line", "a\\b", "c d"),
                          (struct hb_process_spec){ 0 });
    collect_all(&run);
    const char *tail = strstr(run.output[HB_STDOUT], " line ");
    assert_non_null(tail);
    assert_string_equal(tail, " line a\\b \"c d\"");
}

static void a_line_that_is_too_long_is_no_crash(void **state)
{
    (void)state;
    static char text[40000];
    const char *const command[] = { "x", text };
    struct hb_process_spec spec = { .command = command, .count = 2 };
    struct hb_error err = { 0 };

    memset(text, 'x', sizeof(text) - 1);
    assert_false(hb_process_prepare(&spec, &run.process, &err));
    assert_int_equal(err.code, HB_ERR_START);
    assert_non_null(strstr(err.text, "32766"));
}

#define CASE(name) cmocka_unit_test_teardown(name, end_run)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_two_arguments_survive_joining_and_splitting),
        CASE(lines_are_split_as_microsoft_documents_it),
        CASE(hard_arguments_reach_a_real_program),
        CASE(nothing_is_quoted_that_needs_it_not),
        CASE(a_line_that_is_too_long_is_no_crash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
