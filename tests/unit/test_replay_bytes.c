#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/record.h"
#include "core/supervisor.h"
#include "core/verdict.h"
#include "fakes/observations.h"
#include "fakes/samples.h"
#include "report/json.h"
#include "report/junit.h"
#include "report/timeline.h"

/* A run that is judged as it is observed. */
struct judged {
    struct hb_result result;
    struct hb_supervisor supervisor;
};

static void start(struct judged *judged, const struct hb_run_header *header)
{
    hb_record_init(&judged->result, header);
    hb_supervisor_init(&judged->supervisor, &header->policy);
}

static void tell(struct judged *judged, const struct hb_observation *seen)
{
    hb_record_add(&judged->result, seen);
    (void)hb_supervisor_step(&judged->supervisor, seen);
}

/* The reports of the run, one behind the other; frees the record. */
static struct hb_buffer finish(struct judged *judged)
{
    struct hb_buffer out = { 0 };
    struct hb_error err = { 0 };

    hb_record_finish(&judged->result, &judged->supervisor);
    hb_judge(&judged->result);
    assert_true(hb_json_write(&judged->result, &out, &err));
    assert_true(
        hb_junit_write(&judged->result, NULL, HB_JUNIT_EXTENDED, &out, &err));
    hb_record_free(&judged->result);
    return out;
}

static struct hb_buffer replay(const struct hb_buffer *bytes)
{
    struct hb_timeline *timeline = NULL;
    struct hb_observation seen;
    struct hb_error err = { 0 };
    struct judged judged;

    assert_true(hb_timeline_open(bytes->bytes, bytes->size, &timeline, &err));
    start(&judged, hb_timeline_run_header(timeline));
    while (hb_timeline_next(timeline, &seen)) {
        tell(&judged, &seen);
    }
    assert_int_equal(hb_timeline_skipped(timeline), 0);

    struct hb_buffer out = finish(&judged);

    hb_timeline_free(timeline);
    return out;
}

/* Judges the observations as they are and from the timeline that they make. */
static void expect_same_bytes(const struct hb_observation *seen, size_t count)
{
    struct sample sample;
    struct judged judged;
    struct hb_buffer timeline = { 0 };
    struct hb_error err = { 0 };

    sample_make(&sample, SAMPLE_COUNT - 1); /* the header with odd texts */
    start(&judged, &sample.header);
    assert_true(hb_timeline_header(&sample.header, &timeline, &err));
    for (size_t i = 0; i < count; i++) {
        assert_true(hb_timeline_line(&seen[i], &timeline, &err));
        tell(&judged, &seen[i]);
    }

    struct hb_buffer live = finish(&judged);
    struct hb_buffer replayed = replay(&timeline);

    assert_string_equal(live.bytes, replayed.bytes);
    hb_buffer_free(&live);
    hb_buffer_free(&replayed);
    hb_buffer_free(&timeline);
}

/* A text of the longest size that the record keeps, and more, of bytes that
 * grow when they are replaced: cut before and after, it would differ. */
static void
a_replay_of_bytes_that_are_no_text_gives_the_same_bytes(void **state)
{
    char junk[600];
    struct hb_observation seen[] = {
        { .kind = HB_OBS_STARTED, .at_ms = 1, .pid = 7 },
        { .kind = HB_OBS_CASE_BEGIN, .at_ms = 2, .name = junk },
        { .kind = HB_OBS_NOTE, .at_ms = 3, .text = junk },
        { .kind = HB_OBS_CASE_DETAIL, .at_ms = 4, .name = junk, .text = junk },
        { .kind = HB_OBS_WARNING, .at_ms = 5, .text = junk },
        { .kind = HB_OBS_EXIT,
          .at_ms = 9,
          .exit = { .kind = HB_EXIT_SIGNAL, .value = 11 } },
        { .kind = HB_OBS_CLOSED, .at_ms = 10 },
    };

    (void)state;
    memset(junk, 0xff, sizeof(junk));
    junk[sizeof(junk) - 1] = '\0';
    for (size_t i = 1; i < 5; i++) {
        seen[i].source = HB_SOURCE_RECORDER;
        seen[i].pid = 7;
    }
    expect_same_bytes(seen, sizeof(seen) / sizeof(seen[0]));
}

/* Nonsense in any order must be judged, and judged the same. */
static void a_replay_of_any_observations_gives_the_same_bytes(void **state)
{
    enum { RUNS = 150, LENGTH = 24 };
    static struct random_observation made[LENGTH];
    uint64_t random = 3;

    (void)state;
    for (int run = 0; run < RUNS; run++) {
        struct hb_observation seen[LENGTH];

        for (unsigned i = 0; i < LENGTH; i++) {
            unsigned kind = 1 + (unsigned)(random % (HB_OBS_COUNT - 1));

            random_observation_make(&made[i], (enum hb_observation_kind)kind,
                                    &random);
            seen[i] = made[i].seen;
            seen[i].at_ms = 100 * i;
        }
        expect_same_bytes(seen, LENGTH);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_replay_of_bytes_that_are_no_text_gives_the_same_bytes),
        cmocka_unit_test(a_replay_of_any_observations_gives_the_same_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
