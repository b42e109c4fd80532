#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/options.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void values_reach_their_fields(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "hang-after", "0" },
        { "timeout", "1.5m" },
        { "exit-within", "0" },
        { "deadline", "1769860800" },
        { "beat-every", "10ms" },
        { "progress", "cpu,output" },
        { "completion", "never" },
        { "allow-empty", "yes" },
        { "grace", "0" },
        { "leak", "ignore" },
        { "dump", "full" },
        { "dump-budget", "1k" },
        { "hold-exit", "on" },
        { "stacks", "never" },
        { "keep", "all" },
        { "log-cap", "4KiB" },
        { "exit-code", "verdict" },
        { "skip-code", "77" },
        { "junit-flavor", "strict" },
        { "github", "always" },
        { "color", "never" },
        { "artifacts", "out" },
        { "config", "c.json" },
        { "replay", "t.jsonl" },
    };
    struct hb_options options;
    struct hb_error err = { 0 };

    hb_options_default(&options);
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(
            hb_options_set(&options, rows[i][0], rows[i][1], rows[i][0], &err));
    }
    assert_false(options.policy.hang_after_auto);
    assert_true(options.policy.hang_after_ms == HB_NO_LIMIT);
    assert_int_equal(options.policy.timeout_ms, 90000);
    assert_true(options.policy.exit_within_ms == HB_NO_LIMIT);
    assert_string_equal(options.deadline_text, "1769860800");
    assert_int_equal(options.deadline_unix_ms, INT64_C(1769860800000));
    assert_int_equal(options.policy.beat_every_ms, 10);
    assert_int_equal(options.policy.progress,
                     HB_PROGRESS_CPU | HB_PROGRESS_OUTPUT);
    assert_int_equal(options.policy.completion, HB_COMPLETION_NEVER);
    assert_true(options.policy.allow_empty);
    assert_int_equal(options.policy.grace_ms, 0);
    assert_int_equal(options.policy.leak, HB_LEAK_IGNORE);
    assert_int_equal(options.dump, HB_DUMP_FULL);
    assert_int_equal(options.dump_budget, 1024);
    assert_int_equal(options.policy.hold_exit, HB_HOLD_ON);
    assert_int_equal(options.stacks, HB_WHEN_NEVER);
    assert_int_equal(options.keep, HB_KEEP_ALL);
    assert_int_equal(options.log_cap, 4096);
    assert_int_equal(options.policy.exit_mode, HB_EXIT_VERDICT);
    assert_true(options.policy.has_skip_code);
    assert_int_equal(options.policy.skip_code, 77);
    assert_true(options.junit_strict);
    assert_int_equal(options.github, HB_WHEN_ALWAYS);
    assert_int_equal(options.color, HB_WHEN_NEVER);
    assert_string_equal(options.artifacts, "out");
    assert_string_equal(options.config, "c.json");
    assert_string_equal(options.replay, "t.jsonl");
}

/* Every word of every row is taken, and --help names it. */
static void every_row_of_the_table_works(void **state)
{
    (void)state;
    for (size_t i = 0; i < hb_options_count; i++) {
        const struct hb_option *option = &hb_options_table[i];
        struct hb_options options;
        struct hb_error err = { 0 };

        assert_ptr_equal(hb_options_find(option->name), option);
        assert_non_null(option->help);
        assert_null(strchr(option->help, '\n'));
        assert_int_equal(option->value == NULL,
                         option->kind == HB_OPTION_SWITCH);
        assert_true(option->takes != NULL || option->value == NULL);
        for (size_t w = 0; option->words && option->words[w]; w++) {
            assert_non_null(strstr(option->help, option->words[w]));
            hb_options_default(&options);
            assert_true(hb_options_set(&options, option->name, option->words[w],
                                       "x", &err));
        }
    }
    assert_null(hb_options_find("hang_after"));
    assert_null(hb_options_find(""));
}

/* "auto" of "(default: auto; always, never)", or nothing. */
static const char *promised_default(const struct hb_option *option)
{
    static char word[32];
    const char *at = strstr(option->help, "(default: ");

    if (at == NULL || option->kind == HB_OPTION_TEXT ||
        option->kind == HB_OPTION_SWITCH) {
        return "none";
    }
    at += strlen("(default: ");
    (void)hb_text_copy_bytes(word, sizeof(word), at, strcspn(at, ",;)"));
    return word;
}

static void a_default_is_what_help_says_it_is(void **state)
{
    (void)state;
    size_t compared = 0;

    for (size_t i = 0; i < hb_options_count; i++) {
        const char *word = promised_default(&hb_options_table[i]);
        struct hb_options before;
        struct hb_options after;
        struct hb_error err = { 0 };

        if (strcmp(word, "none") == 0) {
            continue;
        }
        hb_options_default(&before);
        memcpy(&after, &before, sizeof(after));
        assert_true(
            hb_options_set(&after, hb_options_table[i].name, word, "x", &err));
        assert_memory_equal(&after, &before, sizeof(after));
        compared++;
    }
    assert_true(compared > 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_reach_their_fields),
        cmocka_unit_test(every_row_of_the_table_works),
        cmocka_unit_test(a_default_is_what_help_says_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
