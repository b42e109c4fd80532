/* The cases of a record: which one a line means, and how long that takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/record.h"
#include "fakes/random.h"

static struct hb_run_header header;

static struct hb_observation told(enum hb_observation_kind kind,
                                  enum hb_source source, const char *suite,
                                  const char *name)
{
    return (struct hb_observation){
        .kind = kind,
        .source = source,
        .suite = suite,
        .name = name,
        .status = HB_CASE_PASSED,
        .duration_ms = HB_NO_DURATION,
    };
}

/* Seconds of CPU for twice the cap of cases: of `names` names, in turn. */
static double time_of(unsigned names, const char *suite)
{
    struct hb_result result;
    clock_t begun = clock();
    double seconds;

    hb_record_init(&result, &header);
    for (unsigned i = 0; i < HB_CASES_MAX * 2; i++) {
        char name[32];
        struct hb_observation seen =
            told(HB_OBS_CASE_END, HB_SOURCE_TAP, suite, name);

        (void)hb_text_format(name, sizeof(name), "case %u", i % names);
        hb_record_add(&result, &seen);
    }
    seconds = (double)(clock() - begun) / CLOCKS_PER_SEC;
    assert_int_equal(result.case_count, HB_CASES_MAX);
    assert_int_equal(result.cases_beyond_cap, HB_CASES_MAX);
    hb_record_free(&result);
    return seconds;
}

/* A search through all of them takes minutes. */
static void many_cases_take_no_time_to_speak_of(void **state)
{
    (void)state;
    assert_true(time_of(HB_CASES_MAX * 2, NULL) < 10);
    assert_true(time_of(HB_CASES_MAX * 2, "suite") < 10);
    assert_true(time_of(1, NULL) < 10);
}

static bool is_meant(const struct hb_case *at,
                     const struct hb_observation *seen)
{
    const unsigned bit = 1u << seen->source;
    const bool begun = (at->begun_by & bit) != 0;
    bool fits = !begun;

    if (seen->kind == HB_OBS_CASE_END) {
        fits = begun && (at->ended_by & bit) == 0;
    } else if (seen->kind == HB_OBS_EXPECTED) {
        fits = !begun && !at->expected;
    }
    return fits && strcmp(at->name, seen->name) == 0 &&
           (seen->suite == NULL || at->suite == NULL ||
            strcmp(at->suite, seen->suite) == 0);
}

/* The plain way: the two at the hint, then the last one. A new one is the one
 * behind all. */
static size_t search(const struct hb_result *result,
                     const struct hb_observation *seen)
{
    for (size_t i = result->case_hint;
         i < result->case_count && i < result->case_hint + 2; i++) {
        if (is_meant(&result->cases[i], seen)) {
            return i;
        }
    }
    for (size_t i = result->case_count; i > 0; i--) {
        if (is_meant(&result->cases[i - 1], seen)) {
            return i - 1;
        }
    }
    return result->case_count;
}

/* What ends without having begun begins first. */
static size_t meant(const struct hb_result *result,
                    const struct hb_observation *seen)
{
    struct hb_observation begin = *seen;
    size_t at = search(result, seen);

    begin.kind = HB_OBS_CASE_BEGIN;
    return at == result->case_count && seen->kind == HB_OBS_CASE_END
               ? search(result, &begin)
               : at;
}

static bool has_become(const struct hb_case *at,
                       const struct hb_observation *seen)
{
    const unsigned bit = 1u << seen->source;

    switch (seen->kind) {
    case HB_OBS_EXPECTED:
        return at->expected;
    case HB_OBS_CASE_BEGIN:
        return (at->begun_by & bit) != 0;
    default:
        return (at->ended_by & bit) != 0;
    }
}

static void each_line_means_the_last_case_that_fits(void **state)
{
    static const char *const suites[] = { NULL, "one", "two" };
    static const char *const names[] = { "a", "b", "c", "d", "e" };
    static const enum hb_observation_kind kinds[] = { HB_OBS_EXPECTED,
                                                      HB_OBS_CASE_BEGIN,
                                                      HB_OBS_CASE_END };
    static const enum hb_source sources[] = { HB_SOURCE_RECORDER,
                                              HB_SOURCE_GTEST };
    struct hb_result result;
    uint64_t random = 1;

    (void)state;
    hb_record_init(&result, &header);
    for (int i = 0; i < 3000; i++) {
        struct hb_observation seen = told(
            kinds[random_below(&random, 3)], sources[random_below(&random, 2)],
            suites[random_below(&random, 3)], names[random_below(&random, 5)]);
        size_t count = result.case_count;
        size_t at = meant(&result, &seen);

        hb_record_add(&result, &seen);
        assert_true(result.case_count == count + (at == count));
        assert_true(has_become(&result.cases[at], &seen));
    }
    assert_true(result.case_count > 500);
    hb_record_free(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_cases_take_no_time_to_speak_of),
        cmocka_unit_test(each_line_means_the_last_case_that_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
