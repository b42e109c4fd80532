#include "os/client_desk.h"

/* The cmocka adapter in a program that uses it as any other would. */
#define VERSION "A attached 0 hbtest " HBTEST_VERSION "\n"

static int run_sample(const char *mode)
{
    struct host_child child;

    assert_true(host_start(CMOCKA_SAMPLE_PATH, mode, &child));
    return host_wait(&child, NULL, 0);
}

static void all_that_can_become_of_a_case_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int status;
    } rows[] = {
        { "passes", HBTEST_PASSED },
        { "fails", HBTEST_FAILED },
        { "skips", HBTEST_SKIPPED },
        { "skips_in_a_helper", HBTEST_SKIPPED },
        { "sees_own_state", HBTEST_PASSED },
        { "sees_own_state", HBTEST_PASSED },
        { "passes", HBTEST_FAILED },
        { "passes", HBTEST_FAILED },
        { "passes", HBTEST_PASSED },
    };
    char expected[96];

    assert_int_equal(run_sample("all"), 3);
    const char *at = all_seen();

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)snprintf(expected, sizeof(expected), "A end %d all/%s\n",
                       rows[i].status, rows[i].name);
        at = strstr(at, expected);
        assert_non_null(at);
        at++;
    }
    assert_null(strstr(at, "A end"));
    assert_non_null(strstr(seen.text, "A plan 9/all\n"));
    assert_non_null(strstr(seen.text, "A complete 9 failed\n"));
    assert_non_null(strstr(seen.text, "the test's setup failed"));
    assert_non_null(strstr(seen.text, "the test's teardown failed"));
}

static void an_exit_in_the_second_of_three_is_all_told(void **state)
{
    (void)state;
    assert_int_equal(run_sample("exit"), 0);
    assert_string_equal(all_seen(), VERSION "A plan 3/three\n"
                                            "A expected 0 three/passes\n"
                                            "A expected 0 three/exits\n"
                                            "A expected 0 three/fails\n"
                                            "A begin 0 three/passes\n"
                                            "A end 1 three/passes\n"
                                            "A begin 0 three/exits\n"
                                            "A exiting\n");
}

static void states_reach_the_cases_as_cmocka_gives_them(void **state)
{
    (void)state;
    assert_int_equal(run_sample("state"), 0);
    assert_non_null(strstr(all_seen(), "A complete 3\n"));
}

static void filters_are_known(void **state)
{
    (void)state;
    assert_int_equal(run_sample("filter"), 0);
    assert_string_equal(all_seen(), VERSION "A plan 1/tests\n"
                                            "A expected 0 tests/passes\n"
                                            "A begin 0 tests/passes\n"
                                            "A end 1 tests/passes\n"
                                            "A complete 1\n"
                                            "A exiting\n");
}

static void a_failure_in_an_early_group_is_not_forgotten(void **state)
{
    (void)state;
    assert_int_equal(run_sample("groups"), 1);
    (void)all_seen();
    assert_non_null(strstr(seen.text, "A end 1 helpers/passes_here\n"
                                      "A complete 3 failed\n"
                                      "A exiting\n"));
}

static void without_launcher_the_sample_runs_the_same(void **state)
{
    (void)state;
    host_offer(NULL);
    assert_int_equal(run_sample("all"), 3);
    assert_int_equal(run_sample("state"), 0);
    assert_int_equal(run_sample("exit"), 0);
    assert_string_equal(all_seen(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(all_that_can_become_of_a_case_is_told),
        CASE(an_exit_in_the_second_of_three_is_all_told),
        CASE(states_reach_the_cases_as_cmocka_gives_them),
        CASE(filters_are_known),
        CASE(a_failure_in_an_early_group_is_not_forgotten),
        CASE(without_launcher_the_sample_runs_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
