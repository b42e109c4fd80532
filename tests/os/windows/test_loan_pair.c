/*
 * Two loans whose values lie side by side below a key that neither found there.
 */
#include "os/windows/loan_desk.h"

#define SECOND L"LocalDumps-second.exe"

static void take_second(struct hb_loan_owner owner)
{
    const struct hb_loan_item item = { .key = REPORTS L"\\second.exe",
                                       .name = L"DumpType",
                                       .value = hb_registry_number(1) };
    struct hb_error err = { 0 };

    assert_true(hb_loan_take(&real, SECOND, &item, 1, owner, &err));
}

static void give_back_second(struct hb_loan_owner owner)
{
    struct hb_error err = { 0 };

    assert_true(hb_loan_return(&real, SECOND, owner, &err));
}

/* What each gives back alone still holds the other's. */
static void of_two_loans_the_last_takes_their_keys_away(void **state)
{
    (void)state;
    for (int turn = 0; turn < 4; turn++) {
        char before[4096];

        (void)snprintf(before, sizeof(before), "%s", all());
        if (turn < 2) {
            assert_true(take(&real, we));
            take_second(other);
        } else {
            take_second(other);
            assert_true(take(&real, we));
        }
        if (turn % 2 == 0) {
            assert_true(give_back(&real, we));
            give_back_second(other);
        } else {
            give_back_second(other);
            assert_true(give_back(&real, we));
        }
        assert_string_equal(all(), before);
    }
}

/* At any call, and at every third if he is the last. */
static void who_is_killed_beside_another_loan_leaves_nothing(void **state)
{
    for (int turn = 0; turn < 2; turn++) {
        bool died = true;

        for (int nth = 0; died; nth += 1 + 2 * turn) {
            struct hb_registry dying = mortal(nth);
            char before[4096];

            (void)snprintf(before, sizeof(before), "%s", all());
            take_second(other);
            died = !take(&dying, we) || !give_back(&dying, we);
            if (turn == 0) {
                sweep(we);
                give_back_second(other);
            } else {
                give_back_second(other);
                sweep(we);
            }
            assert_string_equal(all(), before);
            (void)loan_tear_down(state);
            (void)loan_set_up(state);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(of_two_loans_the_last_takes_their_keys_away),
        CASE(who_is_killed_beside_another_loan_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
