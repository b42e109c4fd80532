#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/options.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* The environment of a case: names and values in turn. */
static const char *const *environment;

static const char *get(const char *name)
{
    for (size_t i = 0; environment[i] != NULL; i += 2) {
        if (strcmp(environment[i], name) == 0) {
            return environment[i + 1];
        }
    }
    return NULL;
}

static void each_option_has_a_variable_of_its_name(void **state)
{
    (void)state;
    static const char *const set[] = { "HBTEST_HANG_AFTER",
                                       "45s",
                                       "HBTEST_ALLOW_EMPTY",
                                       "on",
                                       "HBTEST_JUNIT",
                                       "j.xml",
                                       NULL };
    struct hb_options options;
    struct hb_error err = { 0 };

    environment = set;
    hb_options_default(&options);
    assert_true(hb_options_environment(&options, get, &err));
    assert_int_equal(options.policy.hang_after_ms, 45000);
    assert_false(options.policy.hang_after_auto);
    assert_true(options.policy.allow_empty);
    assert_string_equal(options.junit, "j.xml");
}

static void variables_of_others_are_left_alone(void **state)
{
    (void)state;
    static const char *const set[] = { "HBTEST_RECORDER",
                                       "3:x",
                                       "HBTEST_UNHEARD_OF",
                                       "1",
                                       "HBTEST_VERSION",
                                       "9.9",
                                       "HBTEST_HELP",
                                       "1",
                                       "HBTEST_TIMEOUT",
                                       "",
                                       NULL };
    struct hb_options options;
    struct hb_error err = { 0 };

    environment = set;
    hb_options_default(&options);
    assert_true(hb_options_environment(&options, get, &err));
    assert_false(options.version);
    assert_false(options.help);
    assert_true(options.policy.timeout_ms == HB_NO_LIMIT);
}

static void a_mistake_in_a_variable_names_the_variable(void **state)
{
    (void)state;
    static const char *const set[] = { "HBTEST_JSON", "r.json", "HBTEST_QUIET",
                                       "perhaps", NULL };
    struct hb_options options;
    struct hb_error err = { 0 };

    environment = set;
    hb_options_default(&options);
    assert_false(hb_options_environment(&options, get, &err));
    assert_string_equal(err.text,
                        "HBTEST_QUIET: 'perhaps' is no setting of a switch "
                        "(1, true, yes, on; 0, false, no, off)");
    assert_null(options.json);
}

static void a_switch_has_four_words_each_way(void **state)
{
    (void)state;
    static const char *const on[] = { "1", "true", "yes", "on" };
    static const char *const off[] = { "0", "false", "no", "off" };
    struct hb_options options;
    struct hb_error err = { 0 };

    hb_options_default(&options);
    for (size_t i = 0; i < COUNT(on); i++) {
        assert_true(hb_options_set(&options, "quiet", on[i], "x", &err));
        assert_true(options.quiet);
        assert_true(hb_options_set(&options, "quiet", off[i], "x", &err));
        assert_false(options.quiet);
    }
    assert_false(hb_options_set(&options, "quiet", "", "x", &err));
    assert_false(hb_options_set(&options, "quiet", "2", "x", &err));
}

static bool is_listing(const char *const *words)
{
    struct hb_options options;

    hb_options_default(&options);
    options.command = words;
    while (words[options.command_count] != NULL) {
        options.command_count++;
    }
    return hb_options_is_listing(&options);
}

static void a_listing_call_is_known(void **state)
{
    (void)state;
    static const char *const rows[][5] = {
        { "p", "--gtest_list_tests" },
        { "p", "-gtest_list_tests" },
        { "p", "--gtest_list_tests=1" },
        { "p", "--gtest_list_tests=true", "--gtest_output=json:x" },
        { "p", "--gtest_list_tests=0", "--gtest_list_tests" },
        { "p", "--benchmark_list_tests=true" },
        { "p", "--list-tests", "--verbosity", "quiet" },
        { "p", "--list-test-names-only" },
        { "p", "--list-reporters" },
        { "p", "--list-tags" },
        { "p", "--list-listeners" },
        { "p", "--list-test-cases", "--reporters=xml" },
        { "p", "--list-test-suites=yes" },
        { "p", "-ltc" },
        { "p", "-lts" },
        { "p", "--dt-list-test-cases" },
        { "p", "--list_content=DOT" },
        { "p", "--list", "--format", "terse" },
        { "p", "--list", "--format=terse" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        if (!is_listing(rows[i])) {
            fail_msg("%s is no listing", rows[i][1]);
        }
    }
}

static void a_test_run_is_no_listing(void **state)
{
    (void)state;
    static const char *const rows[][5] = {
        { "p" },
        { "--list-tests" }, /* a program's name */
        { "p", "--gtest_list_tests=0" },
        { "p", "--gtest_list_tests=false" },
        { "p", "--gtest_list_tests", "--gtest_list_tests=F" },
        { "p", "--list-test-cases=no" },
        { "p", "--list-test-cases=off" },
        { "p", "--gtest_list_tests_please" },
        { "p", "--list" },
        { "p", "-l" },
        { "p", "list-tests" },
        { "p", "---list-tests" },
        { "p", "--gtest_filter=--list-tests" },
        { "p", "--help" },
        { "p", "" },
        { "p", "-" },
        { "p", "--" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        if (is_listing(rows[i])) {
            fail_msg("%s %s is a listing", rows[i][0],
                     rows[i][1] == NULL ? "" : rows[i][1]);
        }
    }
}

static bool redacts(const char *pattern, const char *name)
{
    struct hb_options options;
    struct hb_error err = { 0 };

    hb_options_default(&options);
    assert_true(hb_options_set(&options, "redact", "none", "x", &err));
    assert_true(hb_options_set(&options, "redact", pattern, "x", &err));
    return hb_options_redacts(&options, name);
}

static void a_pattern_fits_a_whole_name(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *name;
        bool fits;
    } rows[] = {
        { "HOME", "HOME", true },        { "home", "HOME", true },
        { "HOME", "HOMES", false },      { "HOME", "HOM", false },
        { "*", "ANYTHING", true },       { "*", "", true },
        { "A*Z", "AZ", true },           { "A*Z", "ABZ", true },
        { "A*Z", "AZB", false },         { "A*BC*D", "ABBCABCXD", true },
        { "A*BC*D", "ABBCABCX", false }, { "A?C", "ABC", true },
        { "A?C", "AC", false },          { "A**", "A", true },
        { "X,HOME", "HOME", true },      { "HOME,X", "HOME", true },
        { "X*,Y*", "HOME", false },      { "HO,ME", "HO,ME", false },
        { "A*,B", "B", true },           { "*A,B", "XAB", false },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        if (redacts(rows[i].pattern, rows[i].name) != rows[i].fits) {
            fail_msg("'%s' and '%s'", rows[i].pattern, rows[i].name);
        }
    }
}

static void secrets_are_redacted_unasked(void **state)
{
    (void)state;
    static const char *const secret[] = {
        "GITHUB_TOKEN",      "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "aws_secret",        "DB_PASSWORD",
        "AWS_ACCESS_KEY_ID", "MyApiKey",
        "SSH_PRIVATE_KEY",
    };
    static const char *const open[] = { "PATH", "HOME", "GIT_AUTHOR_NAME",
                                        "KEYBOARD" };
    struct hb_options options;
    struct hb_error err = { 0 };

    hb_options_default(&options);
    assert_true(hb_options_set(&options, "redact", "MY_*", "x", &err));
    for (size_t i = 0; i < COUNT(secret); i++) {
        assert_true(hb_options_redacts(&options, secret[i]));
    }
    for (size_t i = 0; i < COUNT(open); i++) {
        assert_false(hb_options_redacts(&options, open[i]));
    }
    assert_true(hb_options_redacts(&options, "MY_OWN"));
}

static void patterns_have_an_end(void **state)
{
    (void)state;
    struct hb_options options;
    struct hb_error err = { 0 };

    hb_options_default(&options);
    for (unsigned i = 1; i < HB_REDACT_MAX; i++) {
        assert_true(hb_options_set(&options, "redact", "A", "--redact", &err));
    }
    assert_false(hb_options_set(&options, "redact", "A", "--redact", &err));
    assert_string_equal(err.text, "--redact: more than 32 patterns (one may "
                                  "hold several, with commas between)");
    assert_int_equal(options.redact_count, HB_REDACT_MAX);
    assert_true(hb_options_set(&options, "redact", "none", "x", &err));
    assert_int_equal(options.redact_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_option_has_a_variable_of_its_name),
        cmocka_unit_test(variables_of_others_are_left_alone),
        cmocka_unit_test(a_mistake_in_a_variable_names_the_variable),
        cmocka_unit_test(a_switch_has_four_words_each_way),
        cmocka_unit_test(a_listing_call_is_known),
        cmocka_unit_test(a_test_run_is_no_listing),
        cmocka_unit_test(a_pattern_fits_a_whole_name),
        cmocka_unit_test(secrets_are_redacted_unasked),
        cmocka_unit_test(patterns_have_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
