#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "postmortem/dump_steps.h"

#define FULL_MEMORY 0x2u
#define HANDLES 0x4u
#define PLAY_MAX 64

/* A writer that fails as a script says, then succeeds. */
static struct {
    uint32_t results[PLAY_MAX]; /* of the calls, in turn; beyond: 0 */
    uint32_t broken;            /* so many successes leave no usable file */
    uint32_t time;              /* so many tries are in time */
    uint32_t flags[PLAY_MAX];   /* what was asked for */
    uint32_t calls;
} play;

static uint32_t play_write(void *context, uint32_t flags)
{
    (void)context;
    assert_true(play.calls < PLAY_MAX);
    play.flags[play.calls] = flags;
    return play.results[play.calls++];
}

static bool play_check(void *context, struct hb_error *err)
{
    (void)context;
    if (play.broken == 0) {
        return true;
    }
    play.broken--;
    return hb_fail(err, HB_ERR_READ, 0, "broken");
}

static bool play_time(void *context)
{
    (void)context;
    return play.calls < play.time;
}

static const struct hb_dump_calls calls = { play_write, play_check, play_time,
                                            NULL };

static int start_play(void **state)
{
    (void)state;
    memset(&play, 0, sizeof(play));
    play.time = PLAY_MAX;
    return 0;
}

static bool try_dump(enum hb_dump_depth depth, struct hb_dump_tried *tried,
                     struct hb_error *err)
{
    memset(tried, 0, sizeof(*tried));
    memset(err, 0, sizeof(*err));
    return hb_dump_try(&calls, depth, tried, err);
}

static void fail_first(uint32_t count, uint32_t result)
{
    for (uint32_t i = 0; i < count; i++) {
        play.results[i] = result;
    }
}

static void what_works_at_once_is_tried_once(void **state)
{
    (void)state;
    struct hb_dump_tried tried;
    struct hb_error err;

    assert_true(try_dump(HB_DUMP_SMALL, &tried, &err));
    assert_int_equal(tried.tries, 1);
    assert_false(tried.is_less);
    assert_int_equal(tried.flags & FULL_MEMORY, 0);
    assert_int_equal(tried.flags & HANDLES, HANDLES);
    assert_true(try_dump(HB_DUMP_WHOLE, &tried, &err));
    assert_int_equal(tried.flags & FULL_MEMORY, FULL_MEMORY);
}

static void a_partial_copy_is_tried_again_as_it_is(void **state)
{
    (void)state;
    struct hb_dump_tried tried;
    struct hb_error err;

    fail_first(4, HB_DUMP_PARTIAL);
    assert_true(try_dump(HB_DUMP_WHOLE, &tried, &err));
    assert_int_equal(tried.tries, 5);
    assert_false(tried.is_less);
    for (uint32_t i = 1; i < 5; i++) {
        assert_int_equal(play.flags[i], play.flags[0]);
    }
}

static void five_partial_copies_ask_for_less(void **state)
{
    (void)state;
    struct hb_dump_tried tried;
    struct hb_error err;

    fail_first(5, HB_DUMP_PARTIAL);
    assert_true(try_dump(HB_DUMP_WHOLE, &tried, &err));
    assert_int_equal(tried.tries, 6);
    assert_true(tried.is_less);
    assert_int_not_equal(play.flags[5], play.flags[4]);
    assert_int_equal(play.flags[5] & HANDLES, 0);
}

static void a_success_without_a_usable_file_is_none(void **state)
{
    (void)state;
    struct hb_dump_tried tried;
    struct hb_error err;

    play.broken = 3;
    assert_true(try_dump(HB_DUMP_SMALL, &tried, &err));
    assert_int_equal(tried.tries, 4);
    assert_int_equal(err.code, HB_OK);
}

static void a_right_that_is_missing_asks_for_less_at_once(void **state)
{
    (void)state;
    struct hb_dump_tried tried;
    struct hb_error err;

    fail_first(1, HB_DUMP_DENIED);
    assert_true(try_dump(HB_DUMP_SMALL, &tried, &err));
    assert_int_equal(tried.tries, 2);
    assert_true(tried.is_less);
    assert_int_equal(tried.flags & HANDLES, 0);
}

static void a_full_dump_ends_as_a_small_one(void **state)
{
    (void)state;
    struct hb_dump_tried tried;
    struct hb_error err;

    fail_first(10, HB_DUMP_PARTIAL);
    assert_true(try_dump(HB_DUMP_WHOLE, &tried, &err));
    assert_int_equal(tried.tries, 11);
    assert_int_equal(tried.flags & FULL_MEMORY, 0);
}

static void what_never_works_says_what_failed(void **state)
{
    (void)state;
    struct hb_dump_tried tried;
    struct hb_error err;

    fail_first(PLAY_MAX, HB_DUMP_DENIED);
    assert_false(try_dump(HB_DUMP_WHOLE, &tried, &err));
    assert_int_equal(play.calls, 5);
    assert_non_null(strstr(err.text, "access denied"));

    (void)start_play(NULL);
    fail_first(PLAY_MAX, HB_DUMP_PARTIAL);
    assert_false(try_dump(HB_DUMP_SMALL, &tried, &err));
    assert_int_equal(play.calls, 3 * HB_DUMP_TRIES);
    assert_non_null(strstr(err.text, "changed"));

    (void)start_play(NULL);
    play.broken = PLAY_MAX;
    assert_false(try_dump(HB_DUMP_SMALL, &tried, &err));
    assert_int_equal(err.code, HB_ERR_WRITE);
}

static void a_full_disk_and_the_end_of_the_time_are_final(void **state)
{
    (void)state;
    struct hb_dump_tried tried;
    struct hb_error err;

    fail_first(1, HB_DUMP_FULL);
    assert_false(try_dump(HB_DUMP_WHOLE, &tried, &err));
    assert_int_equal(play.calls, 1);
    assert_non_null(strstr(err.text, "disk"));

    (void)start_play(NULL);
    fail_first(1, HB_DUMP_CANCELLED);
    assert_false(try_dump(HB_DUMP_WHOLE, &tried, &err));
    assert_int_equal(play.calls, 1);
    assert_non_null(strstr(err.text, "in time"));

    (void)start_play(NULL);
    fail_first(PLAY_MAX, HB_DUMP_PARTIAL);
    play.time = 2;
    assert_false(try_dump(HB_DUMP_WHOLE, &tried, &err));
    assert_int_equal(play.calls, 2);
    assert_non_null(strstr(err.text, "in time"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_works_at_once_is_tried_once, start_play),
        cmocka_unit_test_setup(a_partial_copy_is_tried_again_as_it_is,
                               start_play),
        cmocka_unit_test_setup(five_partial_copies_ask_for_less, start_play),
        cmocka_unit_test_setup(a_success_without_a_usable_file_is_none,
                               start_play),
        cmocka_unit_test_setup(a_right_that_is_missing_asks_for_less_at_once,
                               start_play),
        cmocka_unit_test_setup(a_full_dump_ends_as_a_small_one, start_play),
        cmocka_unit_test_setup(what_never_works_says_what_failed, start_play),
        cmocka_unit_test_setup(a_full_disk_and_the_end_of_the_time_are_final,
                               start_play),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
