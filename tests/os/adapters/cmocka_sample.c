/* A cmocka test with every kind of case, as a user would write it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hbtest/cmocka.h>

#include "cmocka_helper.h"

static int group_answer = 42;
static int own_answer = 43;

static void passes(void **state)
{
    assert_null(*state);
}

static void fails(void **state)
{
    (void)state;
    assert_int_equal(1, 2);
}

static void skips(void **state)
{
    (void)state;
    skip();
}

static void skips_in_a_helper(void **state)
{
    (void)state;
    helper_skips();
}

static void exits(void **state)
{
    (void)state;
    exit(0);
}

static void sees_own_state(void **state)
{
    assert_ptr_equal(*state, &own_answer);
}

static void sees_group_state(void **state)
{
    assert_ptr_equal(*state, &group_answer);
}

static int makes_state(void **state)
{
    *state = &own_answer;
    return 0;
}

static int checks_state(void **state)
{
    return *state == &own_answer ? 0 : -1;
}

static int refuses(void **state)
{
    (void)state;
    return -1;
}

static int makes_group_state(void **state)
{
    *state = &group_answer;
    return 0;
}

static int checks_group_state(void **state)
{
    return *state == &group_answer ? 0 : -1;
}

static int run_all(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes),
        cmocka_unit_test(fails),
        cmocka_unit_test(skips),
        cmocka_unit_test(skips_in_a_helper),
        cmocka_unit_test_setup_teardown(sees_own_state, makes_state,
                                        checks_state),
        cmocka_unit_test_prestate(sees_own_state, &own_answer),
        cmocka_unit_test_setup(passes, refuses),
        cmocka_unit_test_teardown(passes, refuses),
        cmocka_unit_test(passes),
    };

    return cmocka_run_group_tests_name("all", tests, NULL, NULL);
}

static int run_exit(void)
{
    const struct CMUnitTest three[] = {
        cmocka_unit_test(passes),
        cmocka_unit_test(exits),
        cmocka_unit_test(fails),
    };

    return cmocka_run_group_tests(three, NULL, NULL);
}

static int run_state(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees_group_state),
        cmocka_unit_test_prestate(sees_group_state, &own_answer),
        cmocka_unit_test_setup_teardown(sees_own_state, makes_state,
                                        checks_state),
    };

    return cmocka_run_group_tests(tests, makes_group_state, checks_group_state);
}

static int run_filter(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes),
        cmocka_unit_test(fails),
        cmocka_unit_test(skips),
    };

    cmocka_set_test_filter("*s?*s*");
    cmocka_set_skip_filter("sk*");
    return cmocka_run_group_tests(tests, NULL, NULL);
}

static int run_groups(void)
{
    const struct CMUnitTest bad[] = { cmocka_unit_test(fails) };
    const struct CMUnitTest good[] = { cmocka_unit_test(passes) };
    int failures = cmocka_run_group_tests(bad, NULL, NULL);

    return failures + cmocka_run_group_tests(good, NULL, NULL) + helper_group();
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(void);
    } modes[] = {
        { "all", run_all },       { "exit", run_exit },
        { "state", run_state },   { "filter", run_filter },
        { "groups", run_groups },
    };

    for (size_t i = 0; argc > 1 && i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (strcmp(argv[1], modes[i].name) == 0) {
            return modes[i].run();
        }
    }
    return 99;
}
