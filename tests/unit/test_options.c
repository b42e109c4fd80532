#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/options.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define WORDS_MAX 8

/* A command line of up to WORDS_MAX words behind the program's name. */
static bool parse(struct hb_options *options, const char *const *words,
                  struct hb_error *err)
{
    static char *argv[WORDS_MAX + 2];
    int argc = 1;

    argv[0] = (char *)"hbtest-launch";
    for (int i = 0; i < WORDS_MAX && words[i] != NULL; i++) {
        argv[argc++] = (char *)words[i];
    }
    argv[argc] = NULL;
    hb_options_default(options);
    return hb_options_parse(options, argc, argv, err);
}

struct refusal {
    const char *words[WORDS_MAX];
    const char *message;
};

/* Parses and checks each row, and compares the one message it gives. */
static void refuse_all(const struct refusal *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct hb_options options;
        struct hb_error err = { 0 };
        bool ok = parse(&options, rows[i].words, &err) &&
                  hb_options_check(&options, &err);

        assert_false(ok);
        assert_int_equal(err.code, HB_ERR_USAGE);
        assert_string_equal(err.text, rows[i].message);
    }
}

static void options_end_at_the_program(void **state)
{
    (void)state;
    const char *const words[WORDS_MAX] = { "--quiet", "prog", "--verbose",
                                           "--",      "x",    NULL };
    struct hb_options options;
    struct hb_error err = { 0 };

    assert_true(parse(&options, words, &err));
    assert_true(options.quiet);
    assert_false(options.verbose);
    assert_int_equal(options.command_count, 4);
    assert_string_equal(options.command[0], "prog");
    assert_string_equal(options.command[3], "x");
}

static void two_dashes_end_the_options(void **state)
{
    (void)state;
    const char *const words[WORDS_MAX] = { "--", "--quiet", "--", NULL };
    struct hb_options options;
    struct hb_error err = { 0 };

    assert_true(parse(&options, words, &err));
    assert_false(options.quiet);
    assert_int_equal(options.command_count, 2);
    assert_string_equal(options.command[0], "--quiet");
    assert_string_equal(options.command[1], "--");
}

static void a_value_follows_or_is_attached(void **state)
{
    (void)state;
    const char *const words[WORDS_MAX] = { "--name",  "a=b", "--json=c=d",
                                           "--junit", "-",   "-x",
                                           NULL };
    struct hb_options options;
    struct hb_error err = { 0 };

    assert_false(parse(&options, words, &err));
    assert_string_equal(err.text, "unknown option '-x' (--help lists all)");

    const char *const good[WORDS_MAX] = { "--name",  "a=b", "--json=c=d",
                                          "--junit", "-",   "-",
                                          NULL };

    assert_true(parse(&options, good, &err));
    assert_string_equal(options.name, "a=b");
    assert_string_equal(options.json, "c=d");
    assert_string_equal(options.junit, "-");
    assert_string_equal(options.command[0], "-");
}

static void the_last_value_counts(void **state)
{
    (void)state;
    const char *const words[WORDS_MAX] = { "--timeout=1", "--timeout=2s",
                                           "--quiet", "--verbose", NULL };
    struct hb_options options;
    struct hb_error err = { 0 };

    assert_true(parse(&options, words, &err));
    assert_int_equal(options.policy.timeout_ms, 2000);
    assert_true(options.verbose);
    assert_false(options.quiet);
}

static void a_mistake_names_the_option_and_what_it_takes(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        { { "--hang-after", "10x", "p" },
          "--hang-after: '10x' is no duration (250ms, 2s, 5m, 1h, a bare "
          "number is seconds, at least 1ms, 0 is off, 'auto')" },
        { { "--timeout=", "p" },
          "--timeout: '' is no duration (250ms, 2s, 5m, 1h, a bare number is "
          "seconds, at least 1ms, 0 is off)" },
        { { "--timeout=0.0001", "p" },
          "--timeout: '0.0001' is no duration (250ms, 2s, 5m, 1h, a bare "
          "number is seconds, at least 1ms, 0 is off)" },
        { { "--grace", "0.9ms", "p" },
          "--grace: '0.9ms' is no duration (250ms, 2s, 5m, 1h, a bare number "
          "is seconds, at least 1ms, 0 kills at once)" },
        { { "--beat-every", "1ms", "p" },
          "--beat-every: '1ms' is no duration (250ms, 2s, 5m, 1h, a bare "
          "number is seconds, at least 10ms)" },
        { { "--deadline=tomorrow", "p" },
          "--deadline: 'tomorrow' is no time (2026-01-31T12:00:00Z, +02:00 "
          "for a zone, or Unix seconds)" },
        { { "--dump", "big", "p" },
          "--dump: 'big' is no kind of dump (auto, none, mini, full)" },
        { { "--log-cap=4095", "p" },
          "--log-cap: '4095' is no size (64MiB, 1G, a bare number is bytes, "
          "at least 4KiB)" },
        { { "--progress=cpu,auto", "p" },
          "--progress: 'cpu,auto' is no list of sources of progress, with "
          "commas between (recorder, notify, output, cpu, auto, none)" },
        { { "--junit-flavor=x", "p" },
          "--junit-flavor: 'x' is no flavor of JUnit (extended, strict)" },
        { { "--color=red", "p" },
          "--color: 'red' is no choice (auto, always, never)" },
        { { "--name=", "p" }, "--name: '' is no name" },
        { { "--name" }, "--name needs a value: name" },
        { { "--junit", "--json", "x", "p" }, "--junit needs a value: file" },
        { { "--quiet=1", "p" }, "--quiet takes no value" },
        { { "--redact=A=B", "p" },
          "--redact: 'A=B' is no pattern of environment names (*TOKEN*, "
          "'none' for no pattern)" },
    };

    refuse_all(rows, COUNT(rows));
}

static void an_unknown_option_gets_a_suggestion(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        { { "--hang-afer", "1s", "p" },
          "unknown option '--hang-afer' (did you mean '--hang-after'?)" },
        { { "--hang-afer=1s", "p" },
          "unknown option '--hang-afer' (did you mean '--hang-after'?)" },
        { { "--Timeout=1s", "p" },
          "unknown option '--Timeout' (did you mean '--timeout'?)" },
        { { "-quiet", "p" },
          "unknown option '-quiet' (did you mean '--quiet'?)" },
        { { "---quiet", "p" },
          "unknown option '---quiet' (did you mean '--quiet'?)" },
        { { "-h" }, "unknown option '-h' (--help lists all)" },
        { { "--=1", "p" }, "unknown option '--' (--help lists all)" },
        { { "--soak", "p" }, "unknown option '--soak' (--help lists all)" },
    };

    refuse_all(rows, COUNT(rows));
}

static void a_mistake_is_told_before_help_is_given(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        { { "--bad", "--help" }, "unknown option '--bad' (--help lists all)" },
        { { "--help", "--bad" }, "unknown option '--bad' (--help lists all)" },
        { { "--version", "--bad" },
          "unknown option '--bad' (--help lists all)" },
        { { "--name", "--help" }, "--name needs a value: name" },
        { { "--help", "--name" }, "--name needs a value: name" },
    };

    refuse_all(rows, COUNT(rows));
}

static void what_contradicts_is_refused(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        { { "--quiet" },
          "no program is given (hbtest-launch [OPTIONS] [--] PROGRAM "
          "[ARG...])" },
        { { "--" },
          "no program is given (hbtest-launch [OPTIONS] [--] PROGRAM "
          "[ARG...])" },
        { { "" }, "the program's name is empty" },
        { { "--replay", "t.jsonl", "p" },
          "--replay runs nothing, and a program is given: 'p'" },
        { { "--doctor", "p" },
          "--doctor runs nothing, and a program is given: 'p'" },
        { { "--doctor", "--replay", "t.jsonl" },
          "--replay and --doctor are two things to do" },
        { { "--timeout=10s", "--hang-after=30s", "p" },
          "--timeout (10 s) is shorter than --hang-after (30 s): no hang "
          "would ever be noticed" },
        { { "--progress=none", "--hang-after=30s", "p" },
          "--progress none leaves nothing that --hang-after (30 s) could "
          "miss" },
        { { "--skip-code=0", "p" },
          "--skip-code: '0' is no exit code that can mean skipped (1 to "
          "255, on Windows to 4294967295, without 120 to 127)" },
        { { "--skip-code=120", "p" },
          "--skip-code: '120' is no exit code that can mean skipped (1 to "
          "255, on Windows to 4294967295, without 120 to 127)" },
        { { "--junit=x", "--json=x", "p" },
          "--junit and --json both write "
          "'x'" },
    };

    refuse_all(rows, COUNT(rows));
}

static void what_only_looks_contradictory_is_taken(void **state)
{
    (void)state;
    static const char *const rows[][WORDS_MAX] = {
        { "--timeout=30s", "--hang-after=30s", "p" },
        { "--timeout=10s", "p" }, /* hang-after is auto */
        { "--timeout=10s", "--hang-after=0", "p" },
        { "--timeout=0", "--hang-after=30s", "p" },
        { "--progress=none", "p" },
        { "--progress=none", "--hang-after=0", "p" },
        { "--skip-code=119", "p" },
        { "--skip-code=128", "p" },
        { "--skip-code=0xffffffff", "p" },
        { "--doctor" },
        { "--help" },
        { "--help", "--replay", "t.jsonl", "p" },
        { "--version" },
        { "--replay", "t.jsonl" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct hb_options options;
        struct hb_error err = { 0 };

        assert_true(parse(&options, rows[i], &err));
        assert_true(hb_options_check(&options, &err));
        assert_int_equal(err.code, HB_OK);
    }
}

static void a_failed_command_line_changes_nothing(void **state)
{
    (void)state;
    const char *const words[WORDS_MAX] = { "--quiet", "--nme", "p", NULL };
    struct hb_options options;
    struct hb_error err = { 0 };

    assert_false(parse(&options, words, &err));
    assert_false(options.quiet);
    assert_null(options.command);
}

static void a_huge_value_is_shown_in_part(void **state)
{
    (void)state;
    char value[3000];
    struct hb_options options;
    struct hb_error err = { 0 };

    memset(value, '9', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    hb_options_default(&options);
    assert_false(hb_options_set(&options, "timeout", value, "--timeout", &err));
    assert_non_null(strstr(err.text, "9...' is no duration (250ms,"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_end_at_the_program),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(a_value_follows_or_is_attached),
        cmocka_unit_test(the_last_value_counts),
        cmocka_unit_test(a_mistake_names_the_option_and_what_it_takes),
        cmocka_unit_test(an_unknown_option_gets_a_suggestion),
        cmocka_unit_test(a_mistake_is_told_before_help_is_given),
        cmocka_unit_test(what_contradicts_is_refused),
        cmocka_unit_test(what_only_looks_contradictory_is_taken),
        cmocka_unit_test(a_failed_command_line_changes_nothing),
        cmocka_unit_test(a_huge_value_is_shown_in_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
