#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "os/file.h"
#include "run/config.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* The file system of these tests: one file, which may be unreadable. */
static const char *file_text;
static size_t file_cap;

bool hb_file_read(const char *path, size_t cap, char **out_bytes,
                  size_t *out_size, struct hb_error *err)
{
    file_cap = cap;
    if (file_text == NULL) {
        return hb_fail(err, HB_ERR_READ, 2, "cannot open '%s'", path);
    }
    *out_size = strlen(file_text);
    *out_bytes = malloc(*out_size + 1);
    assert_non_null(*out_bytes);
    memcpy(*out_bytes, file_text, *out_size + 1);
    return true;
}

static bool parse(const char *text, struct hb_options *options,
                  struct hb_config **out_config, struct hb_error *err)
{
    hb_options_default(options);
    return hb_config_parse("ci.json", text, strlen(text), options, out_config,
                           err);
}

static void values_may_be_texts_numbers_switches_and_arrays(void **state)
{
    (void)state;
    struct hb_options options;
    struct hb_config *config = NULL;
    struct hb_error err = { 0 };

    assert_true(parse("\xef\xbb\xbf{\"timeout\": \"5m\", \"hang-after\": 1.5,"
                      "\"dump-budget\": 9007199254740992, \"quiet\": true,"
                      "\"allow-empty\": false, \"verbose\": \"no\","
                      "\"deadline\": 1769860800, \"name\": \"sm\\u00f8r\","
                      "\"redact\": [\"none\", \"A*\", \"B*\"]}\n",
                      &options, &config, &err));
    assert_int_equal(options.policy.timeout_ms, 300000);
    assert_int_equal(options.policy.hang_after_ms, 1500);
    assert_true(options.dump_budget == UINT64_C(9007199254740992));
    assert_true(options.quiet);
    assert_false(options.policy.allow_empty);
    assert_string_equal(options.deadline_text, "1769860800");
    assert_string_equal(options.name, "sm\xc3\xb8r");
    assert_int_equal(options.redact_count, 2);
    assert_string_equal(options.redact[1], "B*");
    hb_config_free(config);
}

static void a_file_is_read_up_to_the_cap(void **state)
{
    (void)state;
    struct hb_options options;
    struct hb_config *config = NULL;
    struct hb_error err = { 0 };

    file_text = "{\"name\": \"n\"}";
    hb_options_default(&options);
    assert_true(hb_config_read("ci.json", &options, &config, &err));
    assert_int_equal(file_cap, HB_CONFIG_CAP);
    assert_string_equal(options.name, "n"); /* the bytes are gone by now */
    hb_config_free(config);
}

static void a_file_that_cannot_be_read_says_so(void **state)
{
    (void)state;
    struct hb_options options;
    struct hb_config *config = NULL;
    struct hb_error err = { 0 };

    file_text = NULL;
    hb_options_default(&options);
    assert_false(hb_config_read("ci.json", &options, &config, &err));
    assert_int_equal(err.code, HB_ERR_READ);
    assert_string_equal(err.text, "cannot open 'ci.json'");
    assert_null(config);
}

struct refusal {
    const char *text;
    const char *message;
};

static void refuse_all(const struct refusal *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct hb_options options;
        struct hb_options before;
        struct hb_config *config = NULL;
        struct hb_error err = { 0 };

        hb_options_default(&before);
        assert_false(parse(rows[i].text, &options, &config, &err));
        assert_int_equal(err.code, HB_ERR_USAGE);
        assert_string_equal(err.text, rows[i].message);
        assert_null(config);
        assert_null(options.name);
        assert_int_equal(options.quiet, before.quiet);
    }
}

static void what_is_not_json_has_a_place(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        { "", "config file 'ci.json', 1:1: not JSON, here or just before" },
        { "  \n ",
          "config file 'ci.json', 2:1: not JSON, here or just before" },
        { "timeout: 5m",
          "config file 'ci.json', 1:1: not JSON, here or just before" },
        { "{\"quiet\": true,\n \"name\": n}",
          "config file 'ci.json', 2:10: not JSON, here or just before" },
        { "{\"name\": \"\xe2\x82\xac\", x}",
          "config file 'ci.json', 1:16: not JSON, here or just before" },
        { "{} {}",
          "config file 'ci.json', 1:4: something stands behind the object" },
        { "[1]", "config file 'ci.json', 1:1: this is no object "
                 "({\"timeout\": \"5m\"})" },
        { "\"x\"", "config file 'ci.json', 1:1: this is no object "
                   "({\"timeout\": \"5m\"})" },
        { "{\"name\": \"\xff\"}",
          "config file 'ci.json', 1:11: not UTF-8 text" },
        { "{\"name\": \"a\\u0000b\"}",
          "config file 'ci.json', 1:12: a value may not hold a NUL" },
    };

    refuse_all(rows, COUNT(rows));
}

static void a_wrong_key_or_value_is_named(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        { "{\"quiet\": true, \"hang-afer\": 1}",
          "'hang-afer' in 'ci.json': no option is called so (did you mean "
          "'hang-after'?)" },
        { "{\"\": 1}",
          "'' in 'ci.json': no option is called so (--help lists them)" },
        { "{\"timeout\": \"10x\"}",
          "'timeout' in 'ci.json': '10x' is no duration (250ms, 2s, 5m, 1h, "
          "a bare number is seconds, at least 1ms, 0 is off)" },
        { "{\"timeout\": -1}",
          "'timeout' in 'ci.json': '-1' is no duration (250ms, 2s, 5m, 1h, "
          "a bare number is seconds, at least 1ms, 0 is off)" },
        { "{\"timeout\": null}",
          "'timeout' in 'ci.json' takes no null, but a string" },
        { "{\"timeout\": {\"a\": [1]}}",
          "'timeout' in 'ci.json' takes no object, but a string" },
        { "{\"timeout\": [\"1s\"]}",
          "'timeout' in 'ci.json' takes no array, but a string" },
        { "{\"name\": true}",
          "'name' in 'ci.json' takes no true, but a string" },
        { "{\"quiet\": []}",
          "'quiet' in 'ci.json' takes no array, but true or false" },
        { "{\"quiet\": 2}",
          "'quiet' in 'ci.json': '2' is no setting of a switch (1, true, "
          "yes, on; 0, false, no, off)" },
        { "{\"redact\": [\"A\", 5]}",
          "'redact' in 'ci.json': an array may hold strings here, no number" },
        { "{\"redact\": [\"A\", \"B=C\"]}",
          "'redact' in 'ci.json': 'B=C' is no pattern of environment names "
          "(*TOKEN*, 'none' for no pattern)" },
        { "{\"0123456789012345678901234567890123456789012345678901234567890123"
          "\": 1}",
          "'012345678901234567890123456789012345678901234567890123456789...' "
          "in 'ci.json': no option is called so (--help lists them)" },
        { "{\"timeout\": \"1s\", \"quiet\": true, \"timeout\": \"9s\"}",
          "'timeout' in 'ci.json' stands there twice (each option may once)" },
        { "{\"redact\": \"A\", \"redact\": \"B\"}",
          "'redact' in 'ci.json' stands there twice (each option may once)" },
        { "{\"config\": \"b.json\"}",
          "'config' in 'ci.json': this option has no place in a config file" },
        { "{\"replay\": \"t\"}",
          "'replay' in 'ci.json': this option has no place in a config file" },
    };

    refuse_all(rows, COUNT(rows));
}

static void a_text_in_a_text_is_no_structure(void **state)
{
    (void)state;
    struct hb_options options;
    struct hb_config *config = NULL;
    struct hb_error err = { 0 };

    assert_true(parse("{\"name\": \"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[ "
                      "\\\" \\\\u0000 \\\\\"}",
                      &options, &config, &err));
    assert_non_null(strstr(options.name, "[ \" \\u0000 \\"));
    hb_config_free(config);
}

static void ten_thousand_levels_are_refused_by_name(void **state)
{
    (void)state;
    char text[10001];
    struct hb_options options;
    struct hb_config *config = NULL;
    struct hb_error err = { 0 };

    memset(text, '[', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_false(parse(text, &options, &config, &err));
    assert_int_equal(err.code, HB_ERR_USAGE);
    assert_string_equal(err.text, "config file 'ci.json', 1:33: nests too "
                                  "deep (options are one flat object)");
}

static void a_long_path_is_shown_by_its_end(void **state)
{
    (void)state;
    char path[2000];
    struct hb_options options;
    struct hb_config *config = NULL;
    struct hb_error err = { 0 };

    memset(path, 'd', sizeof(path));
    (void)hb_text_copy(path + sizeof(path) - 9, 9, "/ci.json");
    hb_options_default(&options);
    assert_false(
        hb_config_parse(path, "{\"x\": 1}", 8, &options, &config, &err));
    assert_non_null(strstr(err.text, "'x' in '...ddd"));
    assert_non_null(strstr(err.text, "ddd/ci.json': no option is called so"));
    for (size_t i = 0; i < sizeof(path) - 9; i++) { /* not a character cut */
        path[i] = i % 2 == 0 ? '\xc3' : '\xa9';
    }
    assert_false(
        hb_config_parse(path, "{\"x\": 1}", 8, &options, &config, &err));
    assert_non_null(strstr(err.text, "'x' in '...\xc3\xa9"));
}

static void no_config_is_freed_in_peace(void **state)
{
    (void)state;
    hb_config_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_may_be_texts_numbers_switches_and_arrays),
        cmocka_unit_test(a_file_is_read_up_to_the_cap),
        cmocka_unit_test(a_file_that_cannot_be_read_says_so),
        cmocka_unit_test(what_is_not_json_has_a_place),
        cmocka_unit_test(a_wrong_key_or_value_is_named),
        cmocka_unit_test(a_text_in_a_text_is_no_structure),
        cmocka_unit_test(ten_thousand_levels_are_refused_by_name),
        cmocka_unit_test(a_long_path_is_shown_by_its_end),
        cmocka_unit_test(no_config_is_freed_in_peace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
