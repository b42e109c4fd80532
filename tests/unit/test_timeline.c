#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/observations.h"
#include "fakes/samples.h"
#include "golden/golden.h"
#include "report/timeline.h"

/* A timeline in memory, and the reader of it. */
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

static void close_reading(struct reading *reading)
{
    hb_timeline_free(reading->timeline);
    hb_buffer_free(&reading->bytes);
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

    (void)state;
    add_header(&out);
    for (unsigned kind = 1; kind < HB_OBS_COUNT; kind++) {
        struct hb_observation seen;
        struct hb_error err = { 0 };

        example_observation(&seen, (enum hb_observation_kind)kind);
        assert_true(hb_timeline_line(&seen, &out, &err));
    }
    golden_check("every-kind", "jsonl", &out);
    hb_buffer_free(&out);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(observations_of_every_kind_come_back_as_they_were),
        cmocka_unit_test(a_line_is_one_line_of_utf8_whatever_the_test_said),
        cmocka_unit_test(the_header_of_every_sample_comes_back_as_it_was),
        cmocka_unit_test(the_lines_of_every_kind_are_the_golden_ones),
    };

    golden_start(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
