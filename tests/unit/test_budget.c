/* Which dumps go for new ones, and how much those may take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/budget.h"

#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)

static struct hb_kept_dumps run_of(const char *run, const char *signature)
{
    struct hb_kept_dumps made = { .bytes = MIB, .ours = true };

    (void)strncat(made.run, run, sizeof(made.run) - 1);
    (void)strncat(made.signature, signature, sizeof(made.signature) - 1);
    return made;
}

static void the_oldest_duplicate_goes_and_two_stay(void **state)
{
    struct hb_kept_dumps runs[] = {
        run_of("20260131T120003", "a"), run_of("20260131T120001", "a"),
        run_of("20260131T120000", "b"), run_of("20260131T120002", "a"),
        run_of("20260131T120004", "a"),
    };

    (void)state;
    assert_int_equal(hb_budget_oldest_duplicate(runs, 5), 1);
    runs[1].gone = true;
    assert_int_equal(hb_budget_oldest_duplicate(runs, 5), 3);
    runs[3].gone = true;
    assert_int_equal(hb_budget_oldest_duplicate(runs, 5), 5);
}

static void what_is_not_ours_neither_goes_nor_counts(void **state)
{
    struct hb_kept_dumps runs[] = {
        run_of("1", "a"),
        run_of("2", "a"),
        run_of("3", "a"),
    };

    (void)state;
    runs[0].ours = false;
    assert_int_equal(hb_budget_oldest_duplicate(runs, 3), 3);
    runs[0].ours = true;
    runs[2].ours = false;
    assert_int_equal(hb_budget_oldest_duplicate(runs, 3), 3);
    assert_int_equal(hb_budget_oldest_duplicate(runs, 0), 0);
}

static void a_small_disk_keeps_a_twentieth_a_large_one_a_gibibyte(void **state)
{
    (void)state;
    assert_int_equal(hb_budget_floor(10 * GIB), 10 * GIB / 20);
    assert_int_equal(hb_budget_floor(100 * GIB), GIB);
    assert_int_equal(hb_budget_floor(0), 0);
}

static void what_is_left_is_what_nobody_has(void **state)
{
    struct hb_budget budget = { .limit = 100, .used = 30, .reserved = 20 };
    char why[200];

    (void)state;
    assert_int_equal(hb_budget_left(&budget), 50);
    budget.used = 90;
    assert_int_equal(hb_budget_left(&budget), 0);
    budget = (struct hb_budget){ .limit = 4 * MIB,
                                 .used = 3 * MIB,
                                 .reserved = MIB };
    hb_budget_explain(&budget, why, sizeof(why));
    assert_string_equal(why, "--dump-budget (4096 KiB) is used up: dumps have "
                             "3072 KiB, and 1024 KiB are being written");
}

static void the_disk_is_not_filled_beyond_its_floor(void **state)
{
    struct hb_budget budget = { .limit = 2 * GIB,
                                .reserved = 10 * MIB,
                                .disk_known = true,
                                .disk_free = GIB + 100 * MIB,
                                .disk_total = 500 * GIB };
    char why[200];

    (void)state;
    assert_int_equal(hb_budget_left(&budget), 90 * MIB);
    hb_budget_explain(&budget, why, sizeof(why));
    assert_string_equal(why, "the disk has 1124 MiB left, and 1024 MiB of it "
                             "stay free");
    budget.disk_free = 5 * MIB;
    assert_int_equal(hb_budget_left(&budget), 0);
    budget.disk_known = false;
    assert_int_equal(hb_budget_left(&budget), 2 * GIB - 10 * MIB);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oldest_duplicate_goes_and_two_stay),
        cmocka_unit_test(what_is_not_ours_neither_goes_nor_counts),
        cmocka_unit_test(a_small_disk_keeps_a_twentieth_a_large_one_a_gibibyte),
        cmocka_unit_test(what_is_left_is_what_nobody_has),
        cmocka_unit_test(the_disk_is_not_filled_beyond_its_floor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
