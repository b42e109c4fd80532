#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "postmortem/request.h"

#define WORDS_MAX 140

/* Splits at blanks; the first word is the program's. */
static bool read_line(const char *line, struct hb_request *request,
                      struct hb_error *err)
{
    static char copy[4096];
    static char *words[WORDS_MAX];
    int count = 0;

    assert_true(strlen(line) < sizeof(copy));
    memcpy(copy, line, strlen(line) + 1);
    words[count++] = copy;
    for (char *at = copy; (at = strchr(at, ' ')) != NULL;) {
        *at++ = '\0';
        assert_true(count < WORDS_MAX);
        words[count++] = at;
    }
    return hb_request_read(count, words, request, err);
}

static void refuse(const char *line, const char *why)
{
    struct hb_request request = { .gap_ms = 4711 };
    struct hb_error err = { 0 };

    if (read_line(line, &request, &err)) {
        fail_msg("'%s' is taken", line);
    }
    assert_int_equal(err.code, HB_ERR_USAGE);
    assert_int_equal(request.gap_ms, 4711);
    if (strstr(err.text, why) == NULL) {
        fail_msg("'%s' is refused with '%s'", line, err.text);
    }
}

static void the_line_for_a_hang_is_read_whole(void **state)
{
    (void)state;
    struct hb_request request;
    struct hb_error err = { 0 };

    assert_true(read_line("x --crashed 4713 --signal 11 --pid 4711 --pid 4712 "
                          "--stacks --locks --samples "
                          "2 --gap-ms 200 --dump mini --folder /a --plain "
                          "--dump-max 99999999999 --redact *KEY* --redact A "
                          "--limit-ms 10000",
                          &request, &err));
    assert_int_equal(request.crashed, 4713);
    assert_int_equal(request.signal, 11);
    assert_int_equal(request.pid_count, 2);
    assert_int_equal(request.pids[0], 4711);
    assert_int_equal(request.pids[1], 4712);
    assert_true(request.stacks && request.locks && request.plain);
    assert_int_equal(request.samples, 2);
    assert_int_equal(request.gap_ms, 200);
    assert_int_equal(request.dump, HB_DUMP_SMALL);
    assert_string_equal(request.folder, "/a");
    assert_int_equal(request.dump_max, 99999999999);
    assert_int_equal(request.redact_count, 2);
    assert_string_equal(request.redact[0], "*KEY*");
    assert_int_equal(request.limit_ms, 10000);
    assert_null(request.file);
}

static void what_is_not_said_has_a_default(void **state)
{
    (void)state;
    struct hb_request request;
    struct hb_error err = { 0 };

    assert_true(read_line("x --file core.zst", &request, &err));
    assert_string_equal(request.file, "core.zst");
    assert_int_equal(request.pid_count, 0);
    assert_false(request.stacks || request.locks || request.plain);
    assert_int_equal(request.samples, 1);
    assert_int_equal(request.dump, HB_DUMP_NOTHING);
    assert_int_equal(request.dump_max, 0);
    assert_true(request.limit_ms > 0); /* it always ends */
}

static void a_dump_has_three_depths(void **state)
{
    (void)state;
    struct hb_request request;
    struct hb_error err = { 0 };

    assert_true(read_line("x --pid 1 --dump none", &request, &err));
    assert_int_equal(request.dump, HB_DUMP_NOTHING);
    assert_true(read_line("x --pid 1 --folder a --dump full", &request, &err));
    assert_int_equal(request.dump, HB_DUMP_WHOLE);
    refuse("x --pid 1 --dump heap", "--dump does not take 'heap'");
}

static void a_wrong_line_is_refused_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *why;
    } rows[] = {
        { "x", "either --pid or --file" },
        { "x --stacks", "either --pid or --file" },
        { "x --pid 1 --file a", "either --pid or --file" },
        { "x --pid", "--pid takes a value" },
        { "x --pid 0", "--pid does not take '0'" },
        { "x --pid -1", "--pid does not take '-1'" },
        { "x --pid 12a", "--pid does not take '12a'" },
        { "x --pid 4294967296", "--pid does not take '4294967296'" },
        { "x --pid 1 --samples 0", "--samples does not take '0'" },
        { "x --pid 1 --samples 3", "--samples does not take '3'" },
        { "x --pid 1 --gap-ms 60001", "--gap-ms does not take" },
        { "x --pid 1 --dump mini", "--dump needs a --folder" },
        { "x --file a --dump mini --folder b", "--file is dead" },
        { "x --pid 1 --limit-ms soon", "--limit-ms does not take 'soon'" },
        { "x --pid 1 --dump-max 18446744073709551616", "--dump-max does not" },
        { "x --pid 1 --unknown", "unknown word '--unknown'" },
        { "x --pid 1 stacks", "unknown word 'stacks'" },
        { "x --pid 1 -- --stacks", "unknown word '--'" },
        { "x --pid 1 --stacks=yes", "unknown word '--stacks=yes'" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        refuse(rows[i].line, rows[i].why);
    }
}

/* `--WORD 1` as often as told. */
static bool repeat(const char *word, size_t times, struct hb_request *request,
                   struct hb_error *err)
{
    static char line[4096];
    size_t size = 1;

    memcpy(line, "x", 2);
    for (size_t i = 0; i < times; i++) {
        memcpy(line + size, word, strlen(word) + 1);
        size += strlen(word);
    }
    return read_line(line, request, err);
}

static void a_list_that_is_full_says_so(void **state)
{
    (void)state;
    struct hb_request request = { 0 };
    struct hb_error err = { 0 };

    assert_true(repeat(" --pid 1", HB_REQUEST_PIDS_MAX, &request, &err));
    assert_int_equal(request.pid_count, HB_REQUEST_PIDS_MAX);
    assert_false(repeat(" --pid 1", HB_REQUEST_PIDS_MAX + 1, &request, &err));
    assert_non_null(strstr(err.text, "more than 64"));
    assert_false(
        repeat(" --redact A", HB_REQUEST_PATTERNS_MAX + 1, &request, &err));
    assert_non_null(strstr(err.text, "more than 64"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_for_a_hang_is_read_whole),
        cmocka_unit_test(what_is_not_said_has_a_default),
        cmocka_unit_test(a_dump_has_three_depths),
        cmocka_unit_test(a_wrong_line_is_refused_in_words),
        cmocka_unit_test(a_list_that_is_full_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
