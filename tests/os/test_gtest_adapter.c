#include "os/client_desk.h"

/* The GoogleTest adapter in a program that uses it as any other would. */
static int run_sample(const char *argument)
{
    struct host_child child;

    assert_true(host_start(GTEST_SAMPLE_PATH, argument, &child));
    return host_wait(&child, NULL, 0);
}

static void expect_line(const char *line)
{
    if (strstr(seen.text, line) == NULL) {
        fail_msg("no '%s' in:\n%s", line, seen.text);
    }
}

static void all_that_can_become_of_a_case_is_told(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "A plan 8\n",
        "A expected 0 Plain/Passes\n",
        "A begin 0 Plain/Passes\nA end 1 Plain/Passes\n",
        "gtest_sample.cc:16: Expected equality",
        "A end 2 Plain/Fails\n",
        "A end 3 Plain/Skips\n",
        "A end 2 Plain/Throws\n",
        "A end 1 Some/Values/Holds/0\n",
        "A end 1 Some/Values/Holds/1\n",
        "A end 1 Second/Passes\n",
        "A end 1 Fatal/DiesAsItShould\n",
        "A complete 8 failed\n",
    };

    assert_int_equal(run_sample("--gtest_filter=-Exit.*"), 1);
    (void)all_seen();
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        expect_line(lines[i]);
    }
    assert_null(strstr(seen.text, "Rests"));
    assert_null(strstr(seen.text, "Exit"));
}

static void an_exit_in_a_case_leaves_it_running(void **state)
{
    (void)state;
    assert_int_equal(run_sample("--gtest_filter=Exit.*:Second.*"), 0);
    (void)all_seen();
    expect_line("A begin 0 Exit/Exits\nA exiting\n");
    expect_line("A expected 0 Second/Passes\n");
    assert_null(strstr(seen.text, "complete"));
}

static void a_listing_is_no_run(void **state)
{
    (void)state;
    assert_int_equal(run_sample("--gtest_list_tests"), 0);
    assert_string_equal(all_seen(), "");
}

static void without_launcher_the_sample_runs_the_same(void **state)
{
    (void)state;
    host_offer(NULL);
    assert_int_equal(run_sample("--gtest_filter=Second.*"), 0);
    assert_string_equal(all_seen(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(all_that_can_become_of_a_case_is_told),
        CASE(an_exit_in_a_case_leaves_it_running),
        CASE(a_listing_is_no_run),
        CASE(without_launcher_the_sample_runs_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
