/* Values that are found by the names of variables, and blanked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/secrets.h"

static struct hb_secrets *secrets;

static int begin(void **state)
{
    (void)state;
    secrets = hb_secrets_new();
    return secrets == NULL;
}

static int end(void **state)
{
    (void)state;
    hb_secrets_free(secrets);
    return 0;
}

static void add(const char *value)
{
    assert_true(hb_secrets_add(secrets, value, strlen(value)));
}

static void check(const char *text, const char *wanted, size_t count)
{
    char bytes[256];
    size_t size = strlen(text) + 1;

    assert_int_equal(size, strlen(wanted) + 1);
    memcpy(bytes, text, size);
    assert_int_equal(hb_secrets_blank(secrets, bytes, size), count);
    assert_string_equal(bytes, wanted);
}

static void a_value_is_blanked_wherever_it_stands(void **state)
{
    (void)state;
    add("hunter22");
    check("hunter22", "********", 1);
    check("xhunter22", "x********", 1);
    check("hunterhunter22hunter22", "hunter****************", 2);
    check("hunter2", "hunter2", 0);
    check("", "", 0);
}

static void several_values_are_found_at_once(void **state)
{
    (void)state;
    add("abcd");
    add("abcdefgh");
    add("0123456789012345678901234567890123456789");
    check("abcdefg abcdefgh", "****efg ********", 2);
    check("0123456789012345678901234567890123456789012",
          "****************************************012", 1);
    add("fghij");
    check("abcdefghij", "**********", 2);
}

static void a_short_value_is_left_where_it_may_be_a_word(void **state)
{
    (void)state;
    add("yes");
    assert_true(hb_secrets_is_empty(secrets));
    check("yes or no", "yes or no", 0);
}

static void utf16_has_the_same_length_and_stays_text(void **state)
{
    (void)state;
    /* "Käse\U0001F600!", as Windows programs and Java keep it. */
    char bytes[] = "..K\0\xe4\0s\0e\0\x3d\xd8\0\xde!\0..";
    const char wanted[] = "..*\0*\0*\0*\0*\0*\0*\0..";

    add("K\xc3\xa4se\xf0\x9f\x98\x80!");
    assert_int_equal(hb_secrets_blank(secrets, bytes, sizeof(bytes)), 1);
    assert_memory_equal(bytes, wanted, sizeof(wanted));
}

static void values_of_any_bytes_are_found(void **state)
{
    (void)state;
    char bytes[] = "--\xff\xfe\x80\xc3--";

    assert_true(hb_secrets_add(secrets, "\xff\xfe\x80\xc3", 4));
    assert_int_equal(hb_secrets_blank(secrets, bytes, sizeof(bytes)), 1);
    assert_string_equal(bytes, "--****--");
}

/* A private key has thousands of bytes. */
static void a_long_value_is_blanked_to_its_last_byte(void **state)
{
    (void)state;
    for (size_t size = 500; size < 6000; size += 137) {
        char *text = malloc(size + 2);
        assert_non_null(text);
        for (size_t i = 0; i < size; i++) {
            text[i] = (char)('a' + (i * 7 + i / 26) % 26);
        }
        assert_true(hb_secrets_add(secrets, text, size));
        memmove(text + 1, text, size);
        text[0] = '<';
        text[size + 1] = '>';
        assert_true(hb_secrets_blank(secrets, text, size + 2) > 0);
        for (size_t i = 1; i <= size; i++) {
            assert_int_equal(text[i], '*');
        }
        assert_true(text[0] == '<' && text[size + 1] == '>');
        free(text);
    }
}

/* The search jumps: every length of the window and every place in it. */
static void no_place_is_jumped_over(void **state)
{
    (void)state;
    static const char value[] = "qrstuvwxyzqrqrstqqqrrr0123456789";

    for (size_t size = 4; size < sizeof(value); size++) {
        hb_secrets_free(secrets);
        secrets = hb_secrets_new();
        assert_true(hb_secrets_add(secrets, value, size));
        for (size_t at = 0; at < 100; at++) {
            char bytes[160];

            memset(bytes, 'q', sizeof(bytes));
            memcpy(bytes + at, value, size);
            assert_int_equal(hb_secrets_blank(secrets, bytes, sizeof(bytes)),
                             1);
            for (size_t i = 0; i < sizeof(bytes); i++) {
                bool inside = i >= at && i < at + size;

                assert_int_equal(bytes[i], inside ? '*' : 'q');
            }
        }
    }
}

/* Memory that ends, or begins, in the middle of a value. */
static void pieces_at_the_edges_are_blanked(void **state)
{
    (void)state;
    char bytes[] = { "word of mine, and pass" };
    char wide[] = { 'w', 0, 'o', 0, 'r', 0, 'd', 0, '-', '-', 'p', 0, 'a', 0 };

    add("password");
    assert_int_equal(hb_secrets_blank_edges(secrets, bytes, strlen(bytes)), 2);
    assert_string_equal(bytes, "**** of mine, and ****");
    assert_int_equal(hb_secrets_blank_edges(secrets, bytes, strlen(bytes)), 0);
    assert_int_equal(hb_secrets_blank_edges(secrets, wide, sizeof(wide)), 2);
    assert_memory_equal(wide, "*\0*\0*\0*\0--*\0*\0", sizeof(wide));
    assert_int_equal(hb_secrets_blank_edges(secrets, bytes, 0), 0);
    char few[] = { "rd of mine, and pas" };
    assert_int_equal(hb_secrets_blank_edges(secrets, few, strlen(few)), 0);
}

static void a_block_tells_which_values_are_secret(void **state)
{
    (void)state;
    const char *const patterns[] = { "*TOKEN*,*passw*", "PIN" };
    char block[] = "HOME=/root\0GH_TOKEN=t0k3n\0PIN=12\0NOTHING\0=x\0"
                   "DB_PASSWORD=a=b=c\0TOKENLESS_NOT=";
    const char wanted[] = "HOME=/root\0GH_TOKEN=*****\0PIN=**\0NOTHING\0=x\0"
                          "DB_PASSWORD=*****\0TOKENLESS_NOT=";

    assert_true(
        hb_secrets_take_block(secrets, patterns, 2, block, sizeof(block) - 1));
    assert_memory_equal(block, wanted, sizeof(wanted));
    check("t0k3n a=b=c 12 /root", "***** ***** 12 /root", 2);
}

static void a_block_that_is_cut_or_torn_is_read_all_the_same(void **state)
{
    (void)state;
    const char *const patterns[] = { "*" };
    char cut[] = { 'A', '=', 's', 'e', 'c', 'r', 'e', 't' };
    char torn[] = { 0, 0, '=', 0, 'x', 0 };

    assert_true(hb_secrets_take_block(secrets, patterns, 1, cut, sizeof(cut)));
    assert_memory_equal(cut, "A=******", 8);
    assert_true(
        hb_secrets_take_block(secrets, patterns, 1, torn, sizeof(torn)));
    assert_true(hb_secrets_take_block(secrets, patterns, 1, torn, 0));
}

static void a_name_fits_whatever_its_case(void **state)
{
    (void)state;
    const char *const patterns[] = { "*API*KEY*,A?C", "x" };

    assert_true(hb_redact_fits(patterns, 2, "my_api_key_2"));
    assert_true(hb_redact_fits(patterns, 2, "abc"));
    assert_true(hb_redact_fits(patterns, 2, "X"));
    assert_false(hb_redact_fits(patterns, 2, "AC"));
    assert_false(hb_redact_fits(patterns, 2, "KEY_API"));
    assert_false(hb_redact_fits(patterns, 0, "X"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_value_is_blanked_wherever_it_stands),
        CASE(several_values_are_found_at_once),
        CASE(a_short_value_is_left_where_it_may_be_a_word),
        CASE(utf16_has_the_same_length_and_stays_text),
        CASE(values_of_any_bytes_are_found),
        CASE(a_long_value_is_blanked_to_its_last_byte),
        CASE(no_place_is_jumped_over),
        CASE(pieces_at_the_edges_are_blanked),
        CASE(a_block_tells_which_values_are_secret),
        CASE(a_block_that_is_cut_or_torn_is_read_all_the_same),
        CASE(a_name_fits_whatever_its_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
