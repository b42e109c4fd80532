#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/observations.h"
#include "fakes/samples.h"
#include "golden/golden.h"
#include "report/timeline.h"

/* A header's line and an open timeline with `lines` behind it. */
struct reading {
    struct hb_buffer bytes;
    struct hb_timeline *timeline;
};

static void add_header(struct hb_buffer *bytes)
{
    struct sample sample;
    struct hb_error err = { 0 };

    sample_make(&sample, 0);
    assert_true(hb_timeline_header(&sample.header, bytes, &err));
}

static void open_bytes(struct reading *reading)
{
    struct hb_error err = { 0 };

    assert_true(hb_timeline_open(reading->bytes.bytes, reading->bytes.size,
                                 &reading->timeline, &err));
}

static void open_lines(struct reading *reading, const char *lines)
{
    *reading = (struct reading){ .timeline = NULL };
    add_header(&reading->bytes);
    hb_buffer_text(&reading->bytes, lines);
    open_bytes(reading);
}

static void close_reading(struct reading *reading)
{
    hb_timeline_free(reading->timeline);
    hb_buffer_free(&reading->bytes);
}

/* Asserts how many of `lines` can be read, and how many are skipped. */
static void expect_read(const char *lines, size_t read, size_t skipped,
                        bool torn)
{
    struct reading reading;
    struct hb_observation seen;
    size_t count = 0;

    open_lines(&reading, lines);
    while (hb_timeline_next(reading.timeline, &seen)) {
        count++;
    }
    if (count != read || hb_timeline_skipped(reading.timeline) != skipped) {
        print_error("%.200s\n", lines);
    }
    assert_int_equal(count, read);
    assert_int_equal(hb_timeline_skipped(reading.timeline), skipped);
    assert_int_equal(hb_timeline_torn(reading.timeline), torn);
    close_reading(&reading);
}

static void observations_of_every_kind_come_back_as_they_were(void **state)
{
    enum { ROUNDS = 40 };
    uint64_t random = 1;

    (void)state;
    for (unsigned i = 0; i < ROUNDS * (HB_OBS_COUNT - 1); i++) {
        struct random_observation given;
        struct hb_observation back;
        struct hb_error err = { 0 };
        struct reading reading = { .timeline = NULL };

        random_observation_make(
            &given, (enum hb_observation_kind)(1 + i % (HB_OBS_COUNT - 1)),
            &random);
        add_header(&reading.bytes);
        assert_true(hb_timeline_line(&given.seen, &reading.bytes, &err));
        open_bytes(&reading);
        assert_true(hb_timeline_next(reading.timeline, &back));
        assert_same_observation(&back, &given.seen);
        assert_false(hb_timeline_next(reading.timeline, &back));
        assert_int_equal(hb_timeline_skipped(reading.timeline), 0);
        close_reading(&reading);
    }
}

static void a_line_is_one_line_of_utf8_whatever_the_test_said(void **state)
{
    struct hb_buffer out = { 0 };
    struct hb_error err = { 0 };
    const struct hb_observation seen = {
        .kind = HB_OBS_NOTE,
        .at_ms = 7,
        .text = "a\nb\xff\x01\"",
    };

    (void)state;
    assert_true(hb_timeline_line(&seen, &out, &err));
    assert_string_equal(out.bytes,
                        "{\"at_ms\":7,\"kind\":\"note\",\"source\":"
                        "\"launcher\",\"text\":{\"text\":\"a\\nb\xef\xbf\xbd"
                        "\\u0001\\\"\",\"hex\":\"610a62ff0122\"}}\n");
    hb_buffer_free(&out);
}

static void assert_same_text(const char *a, const char *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a != NULL) {
        assert_string_equal(a, b);
    }
}

static void assert_same_policy(const struct hb_policy *a,
                               const struct hb_policy *b)
{
    assert_int_equal(a->hang_after_auto, b->hang_after_auto);
    assert_int_equal(a->hang_after_ms, b->hang_after_ms);
    assert_int_equal(a->timeout_ms, b->timeout_ms);
    assert_int_equal(a->exit_within_ms, b->exit_within_ms);
    assert_int_equal(a->deadline_ms, b->deadline_ms);
    assert_int_equal(a->beat_every_ms, b->beat_every_ms);
    assert_int_equal(a->grace_ms, b->grace_ms);
    assert_int_equal(a->progress, b->progress);
    assert_int_equal(a->completion, b->completion);
    assert_int_equal(a->allow_empty, b->allow_empty);
    assert_int_equal(a->leak, b->leak);
    assert_int_equal(a->has_skip_code, b->has_skip_code);
    assert_int_equal(a->skip_code, b->skip_code);
    assert_int_equal(a->exit_mode, b->exit_mode);
    assert_int_equal(a->under_ctest, b->under_ctest);
}

static void assert_same_launcher(const struct hb_run_header *a,
                                 const struct hb_run_header *b)
{
    assert_same_text(a->launcher.version, b->launcher.version);
    assert_int_equal(a->launcher.pid, b->launcher.pid);
    assert_int_equal(a->launcher.capability_count,
                     b->launcher.capability_count);
    for (size_t i = 0; i < a->launcher.capability_count; i++) {
        const struct hb_capability *one = &a->launcher.capabilities[i];
        const struct hb_capability *other = &b->launcher.capabilities[i];

        assert_string_equal(one->name, other->name);
        assert_string_equal(one->detail, other->detail);
        assert_int_equal(one->available, other->available);
    }
}

static void assert_same_header(const struct hb_run_header *a,
                               const struct hb_run_header *b)
{
    assert_same_text(a->name, b->name);
    assert_string_equal(a->run_id, b->run_id);
    assert_int_equal(a->attempt, b->attempt);
    assert_int_equal(a->command_count, b->command_count);
    for (size_t i = 0; i < a->command_count; i++) {
        assert_string_equal(a->command[i], b->command[i]);
    }
    assert_same_text(a->cwd, b->cwd);
    assert_true(a->started_at_unix_ms == b->started_at_unix_ms);
    assert_int_equal(a->host.windows, b->host.windows);
    assert_same_text(a->host.os, b->host.os);
    assert_same_text(a->host.release, b->host.release);
    assert_same_text(a->host.arch, b->host.arch);
    assert_int_equal(a->host.cpus, b->host.cpus);
    assert_same_text(a->host.name, b->host.name);
    assert_same_launcher(a, b);
    assert_same_policy(&a->policy, &b->policy);
}

static void the_header_of_every_sample_comes_back_as_it_was(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SAMPLE_COUNT; i++) {
        struct sample sample;
        struct hb_error err = { 0 };
        struct reading reading = { .timeline = NULL };

        sample_make(&sample, i);
        sample.header.policy.has_skip_code = i % 2 == 0;
        sample.header.policy.skip_code = i % 2 == 0 ? 77 : 0;
        sample.header.policy.progress = i;
        sample.header.policy.leak = (enum hb_leak_action)(i % 3);
        sample.header.policy.completion = (enum hb_completion_when)(i % 3);
        sample.header.policy.exit_mode = (enum hb_exit_mode)(i % 2);
        sample.header.host.release = i % 2 == 0 ? NULL : "";
        assert_true(hb_timeline_header(&sample.header, &reading.bytes, &err));
        open_bytes(&reading);
        assert_same_header(hb_timeline_run_header(reading.timeline),
                           &sample.header);
        close_reading(&reading);
    }
}

/* A line of each kind, as a reader of the documentation meets them. */
static void the_lines_of_every_kind_are_the_golden_ones(void **state)
{
    struct hb_buffer out = { 0 };
    uint64_t random = 7;

    (void)state;
    add_header(&out);
    for (unsigned kind = 1; kind < HB_OBS_COUNT; kind++) {
        struct random_observation given;
        struct hb_error err = { 0 };

        random_observation_make(&given, (enum hb_observation_kind)kind,
                                &random);
        given.seen.at_ms = kind;
        assert_true(hb_timeline_line(&given.seen, &out, &err));
    }
    golden_check("every-kind", "jsonl", &out);
    hb_buffer_free(&out);
}

#define BEAT "{\"at_ms\":1,\"kind\":\"beat\",\"source\":\"recorder\"}"
#define BEAT_WITH(member)                                                      \
    "{\"at_ms\":1,\"kind\":\"beat\",\"source\":\"recorder\"," member "}\n"

static void a_torn_last_line_ends_the_reading(void **state)
{
    (void)state;
    expect_read(BEAT "\n" BEAT "\n{\"at_ms\":1,\"kind\":\"be", 2, 0, true);
    expect_read(BEAT "\n{", 1, 0, true);
    expect_read(BEAT "\n" BEAT, 2, 0, false);
    expect_read("", 0, 0, false);
}

static void
a_line_that_is_torn_in_the_middle_is_skipped_and_counted(void **state)
{
    (void)state;
    expect_read("{\"at_ms\":1,\"ki\n" BEAT "\n", 1, 1, false);
    expect_read("\n\r\n" BEAT "\r\n" BEAT " " BEAT "\n", 1, 3, false);
}

static void what_cannot_be_understood_is_skipped_and_counted(void **state)
{
    static const char *const lines[] = {
        "[]\n",
        "null\n",
        "7\n",
        "{}\n",
        "{\"at_ms\":1,\"kind\":\"dance\",\"source\":\"recorder\"}\n",
        "{\"at_ms\":1,\"kind\":\"beat\",\"source\":\"rumour\"}\n",
        "{\"at_ms\":1,\"kind\":\"beat\"}\n",
        "{\"kind\":\"beat\",\"source\":\"recorder\"}\n",
        "{\"at_ms\":null,\"kind\":\"beat\",\"source\":\"recorder\"}\n",
        "{\"at_ms\":\"x\",\"kind\":\"beat\",\"source\":\"recorder\"}\n",
        "{\"at_ms\":NaN,\"kind\":\"beat\",\"source\":\"recorder\"}\n",
        BEAT_WITH("\"pid\":4294967296"),
        BEAT_WITH("\"pid\":-1"),
        BEAT_WITH("\"pid\":1.5"),
        BEAT_WITH("\"pid\":1e999"),
        BEAT_WITH("\"pid\":\"4294967296\""),
        BEAT_WITH("\"count\":9007199254740993"),
        BEAT_WITH("\"count\":\"18446744073709551616\""),
        BEAT_WITH("\"count\":[]"),
        BEAT_WITH("\"text\":7"),
        BEAT_WITH("\"text\":{\"hex\":\"6\"}"),
        BEAT_WITH("\"text\":{\"hex\":\"zz\"}"),
        BEAT_WITH("\"text\":{\"hex\":\"6100\"}"),
        BEAT_WITH("\"text\":{}"),
        BEAT_WITH("\"text\":\"\\ud800\""),
        BEAT_WITH("\"failed\":\"yes\""),
        BEAT_WITH("\"status\":\"lively\""),
        BEAT_WITH("\"status\":1"),
        BEAT_WITH("\"exit\":7"),
        BEAT_WITH("\"exit\":{\"kind\":\"signal\",\"value\":\"x\"}"),
        BEAT_WITH("\"threads\":{}"),
        BEAT_WITH("\"threads\":[7,{\"tid\":-1}]"),
        BEAT_WITH("\"dialog\":{\"shown\":1}"),
        BEAT_WITH("\"evidence\":{\"status\":\"eaten\"}"),
        BEAT_WITH("\"process\":[]"),
        BEAT_WITH("\"stats\":{\"threads\":1e10}"),
        BEAT_WITH("\"resources\":{\"user_ms\":{}}"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        expect_read(lines[i], 0, 1, false);
    }
}

static void what_a_newer_version_adds_is_ignored(void **state)
{
    (void)state;
    expect_read(BEAT_WITH("\"mood\":{\"a\":[1,{}]}"), 1, 0, false);
    expect_read(BEAT_WITH("\"cause_hint\":\"new-cause\""), 1, 0, false);
}

static void the_largest_numbers_are_read_exactly(void **state)
{
    struct reading reading;
    struct hb_observation seen;

    (void)state;
    open_lines(&reading, BEAT_WITH("\"count\":\"18446744073709551615\","
                                   "\"duration_ms\":9007199254740991,"
                                   "\"pid\":4294967295"));
    assert_true(hb_timeline_next(reading.timeline, &seen));
    assert_true(seen.count == UINT64_MAX);
    assert_true(seen.duration_ms == UINT64_C(9007199254740991));
    assert_true(seen.pid == UINT32_MAX);
    close_reading(&reading);
}

static void a_line_that_nests_ten_thousand_deep_is_skipped(void **state)
{
    struct hb_buffer lines = { 0 };

    (void)state;
    hb_buffer_text(&lines, "{\"a\":");
    for (int i = 0; i < 10000; i++) {
        hb_buffer_text(&lines, "[");
    }
    hb_buffer_text(&lines, "\n" BEAT "\n");
    expect_read(lines.bytes, 1, 1, false);
    hb_buffer_free(&lines);
}

static void a_line_with_a_nul_is_skipped(void **state)
{
    struct reading reading = { .timeline = NULL };
    struct hb_observation seen;

    (void)state;
    add_header(&reading.bytes);
    hb_buffer_add(&reading.bytes, BEAT "\0\n" BEAT "\n", 2 * sizeof(BEAT) + 1);
    open_bytes(&reading);
    assert_true(hb_timeline_next(reading.timeline, &seen));
    assert_false(hb_timeline_next(reading.timeline, &seen));
    assert_int_equal(hb_timeline_skipped(reading.timeline), 1);
    close_reading(&reading);
}

static void time_never_goes_back(void **state)
{
    static const uint64_t expected[] = { 5, 5, 6 };
    struct reading reading;
    struct hb_observation seen;

    (void)state;
    open_lines(&reading,
               "{\"at_ms\":5,\"kind\":\"beat\",\"source\":\"recorder\"}\n"
               "{\"at_ms\":3,\"kind\":\"beat\",\"source\":\"recorder\"}\n"
               "{\"at_ms\":6,\"kind\":\"beat\",\"source\":\"recorder\"}\n");
    for (size_t i = 0; i < 3; i++) {
        assert_true(hb_timeline_next(reading.timeline, &seen));
        assert_int_equal(seen.at_ms, expected[i]);
    }
    close_reading(&reading);
}

static void a_first_line_that_is_no_header_is_refused_by_name(void **state)
{
    static const struct {
        const char *bytes;
        const char *said;
    } rows[] = {
        { "", "empty" },
        { "\n", "no JSON object" },
        { "hello\n", "no JSON object" },
        { "{}\n", "names no schema" },
        { "{\"schema\":7}\n", "names no schema" },
        { "{\"schema\":\"hbtest.timeline.v2\"}\n", "'hbtest.timeline.v2'" },
        { "{\"schema\":\"hbtest.timeline.v1\"}\n", "'name' is missing" },
        { "{\"schema\":\"hbtest.timeline.v1\",\"name\":\"n\",\"run_id\":\"r\","
          "\"attempt\":1,\"command\":[],\"started_at\":\"2026-01-31T12:00:00Z\""
          ",\"host\":{\"windows\":false},\"launcher\":{},\"policy\":{}}\n",
          "'hang_after_auto' is missing" },
        { "{\"schema\":\"hbtest.timeline.v1\",\"name\":\"n\",\"run_id\":\"r\","
          "\"attempt\":1,\"command\":[7],\"started_at\":\"noon\","
          "\"host\":{\"windows\":false},\"launcher\":{},\"policy\":{}}\n",
          "is missing or wrong" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct hb_timeline *timeline = NULL;
        struct hb_error err = { 0 };

        assert_false(hb_timeline_open(rows[i].bytes, strlen(rows[i].bytes),
                                      &timeline, &err));
        assert_null(timeline);
        assert_int_equal(err.code, HB_ERR_READ);
        if (strstr(err.text, rows[i].said) == NULL) {
            fail_msg("'%s' does not say %s", err.text, rows[i].said);
        }
    }
}

/* Each truncation of a timeline is read without harm. */
static void a_timeline_cut_anywhere_is_read_up_to_there(void **state)
{
    struct hb_buffer bytes = { 0 };
    struct hb_error err = { 0 };
    size_t header_size = 0;

    (void)state;
    add_header(&bytes);
    header_size = bytes.size;
    hb_buffer_text(&bytes, BEAT "\n" BEAT_WITH("\"text\":{\"hex\":\"61ff\"}"));
    for (size_t size = header_size; size < bytes.size; size++) {
        struct hb_timeline *timeline = NULL;
        struct hb_observation seen;
        char *copy = malloc(size); /* so that a look beyond is seen */

        assert_non_null(copy);
        memcpy(copy, bytes.bytes, size);
        assert_true(hb_timeline_open(copy, size, &timeline, &err));
        while (hb_timeline_next(timeline, &seen)) {
            assert_int_equal(seen.kind, HB_OBS_BEAT);
        }
        assert_int_equal(hb_timeline_skipped(timeline), 0);
        hb_timeline_free(timeline);
        free(copy);
    }
    hb_buffer_free(&bytes);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(observations_of_every_kind_come_back_as_they_were),
        cmocka_unit_test(a_line_is_one_line_of_utf8_whatever_the_test_said),
        cmocka_unit_test(the_header_of_every_sample_comes_back_as_it_was),
        cmocka_unit_test(the_lines_of_every_kind_are_the_golden_ones),
        cmocka_unit_test(a_torn_last_line_ends_the_reading),
        cmocka_unit_test(
            a_line_that_is_torn_in_the_middle_is_skipped_and_counted),
        cmocka_unit_test(what_cannot_be_understood_is_skipped_and_counted),
        cmocka_unit_test(what_a_newer_version_adds_is_ignored),
        cmocka_unit_test(the_largest_numbers_are_read_exactly),
        cmocka_unit_test(a_line_that_nests_ten_thousand_deep_is_skipped),
        cmocka_unit_test(a_line_with_a_nul_is_skipped),
        cmocka_unit_test(time_never_goes_back),
        cmocka_unit_test(a_first_line_that_is_no_header_is_refused_by_name),
        cmocka_unit_test(a_timeline_cut_anywhere_is_read_up_to_there),
    };

    golden_start(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
