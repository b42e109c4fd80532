/*
 * Loans of the registry, in a real one, below a key of our own: whatever fails
 * and whoever is killed, all is in the end as it was.
 */
#include "os/windows/loan_desk.h"

static DWORD number_at(const wchar_t *key, const wchar_t *name)
{
    struct hb_registry_value value;
    DWORD number = 0;

    assert_int_equal(real.read(real.context, key, name, &value), 0);
    memcpy(&number, value.data, sizeof(number));
    return value.exists ? number : 0;
}

/* The three ways in which it may have been before. */
static void make_before(int way)
{
    struct hb_registry_value number = hb_registry_number(3);

    if (way == 1) { /* the key is there, and something else in it */
        assert_int_equal(
            real.write(real.context, REPORTS, L"DumpType", &number), 0);
    } else if (way == 2) {
        struct hb_registry_value folder = hb_registry_path(L"D:\\mine");

        assert_int_equal(
            real.write(real.context, PROGRAM, L"DumpCount", &number), 0);
        assert_int_equal(
            real.write(real.context, PROGRAM, L"DumpFolder", &folder), 0);
    }
}

static void what_is_lent_is_given_back_as_it_was(void **state)
{
    for (int way = 0; way < 3; way++) {
        char before[4096];

        make_before(way);
        (void)snprintf(before, sizeof(before), "%s", all());
        assert_true(take(&real, we));
        assert_int_equal(number_at(PROGRAM, L"DumpCount"), 100);
        assert_true(give_back(&real, we));
        assert_string_equal(all(), before);
        assert_true(give_back(&real, we)); /* twice is fine */
        assert_string_equal(all(), before);
        (void)loan_tear_down(state);
        (void)loan_set_up(state);
    }
}

static void the_last_of_two_gives_it_back(void **state)
{
    char before[4096];

    (void)state;
    make_before(2);
    (void)snprintf(before, sizeof(before), "%s", all());
    assert_true(take(&real, we));
    assert_true(take(&real, other));
    assert_true(give_back(&real, we));
    assert_int_equal(number_at(PROGRAM, L"DumpCount"), 100);
    assert_true(give_back(&real, we));
    assert_int_equal(number_at(PROGRAM, L"DumpCount"), 100);
    assert_true(give_back(&real, other));
    assert_string_equal(all(), before);
}

static void what_somebody_changed_meanwhile_stays(void **state)
{
    struct hb_registry_value his = hb_registry_number(55);

    (void)state;
    make_before(2);
    assert_true(take(&real, we));
    assert_int_equal(real.write(real.context, PROGRAM, L"DumpCount", &his), 0);
    assert_true(give_back(&real, we));
    assert_int_equal(number_at(PROGRAM, L"DumpCount"), 55);
}

static void other_values_are_not_mixed_with_ours(void **state)
{
    struct hb_error err = { 0 };
    char before[4096];

    (void)state;
    (void)snprintf(before, sizeof(before), "%s", all());
    assert_true(take(&real, we));
    fill_items();
    items[1].value = hb_registry_number(1);
    assert_false(
        hb_loan_take(&real, L"LocalDumps-test.exe", items, 2, other, &err));
    assert_int_equal(err.os_code, ERROR_SHARING_VIOLATION);
    assert_int_equal(number_at(PROGRAM, L"DumpCount"), 100);
    assert_true(give_back(&real, we));
    assert_string_equal(all(), before);
}

/* A launcher that is killed at any of its calls, while it takes or gives back;
 * the next one finds it dead. */
static void the_next_start_gives_back_what_the_killed_left(void **state)
{
    for (int way = 0; way < 3; way += 2) {
        bool died = true;

        for (int nth = 0; died; nth++) {
            struct hb_registry dying = mortal(nth);
            char before[4096];

            make_before(way);
            (void)snprintf(before, sizeof(before), "%s", all());
            died = !take(&dying, we) || !give_back(&dying, we);
            sweep(we);
            assert_string_equal(all(), before);
            (void)loan_tear_down(state);
            (void)loan_set_up(state);
        }
    }
}

static void the_dead_are_told_from_the_living(void **state)
{
    const struct hb_loan_owner same_pid = { we.pid, we.created + 1 };

    (void)state;
    assert_true(take(&real, we));
    assert_true(take(&real, other));
    sweep(other);
    assert_int_equal(number_at(PROGRAM, L"DumpCount"), 100);
    sweep(same_pid);
    assert_int_equal(number_at(PROGRAM, L"DumpCount"), 100);
    sweep(we);
    assert_string_equal(all(), "[]\n[/SOFTWARE]\n");
}

static void names_that_are_no_names_are_refused(void **state)
{
    struct hb_error err = { 0 };
    wchar_t name[HB_REGISTRY_NAME_MAX + 1] = L"";

    (void)state;
    fill_items();
    assert_false(hb_loan_take(&real, L"a\\b", items, 2, we, &err));
    (void)wmemset(name, L'x', HB_REGISTRY_NAME_MAX);
    assert_false(hb_loan_take(&real, name, items, 2, we, &err));
    assert_string_equal(all(), "[]\n[/SOFTWARE]\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_lent_is_given_back_as_it_was),
        CASE(the_last_of_two_gives_it_back),
        CASE(what_somebody_changed_meanwhile_stays),
        CASE(other_values_are_not_mixed_with_ours),
        CASE(the_next_start_gives_back_what_the_killed_left),
        CASE(the_dead_are_told_from_the_living),
        CASE(names_that_are_no_names_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
