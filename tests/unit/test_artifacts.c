/* The names of folders: a test is called what its author likes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "run/artifacts.h"

#define ROOM 128

static void a_name_becomes_one_that_every_system_takes(void **state)
{
    static const struct {
        const char *name;
        const char *safe;
    } table[] = {
        { "parser.unit", "parser.unit" },
        { "A-z_0+9@x=1,2", "A-z_0+9@x=1,2" },
        { "//sums:sums_test", "__sums_sums_test" },
        { "sums::adds two", "sums__adds_two" },
        { "C:\\x", "C__x" },
        { "a<b>|c?*\"", "a_b__c___" },
        { "tab\there\n", "tab_here_" },
        { "\x01\x7f", "__" },
        { "Gr\xc3\xbc\xc3\x9f"
          "e",
          "Gr\xc3\xbc\xc3\x9f"
          "e" },
        { "\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac" },
        /* No name of its own, a hidden one, a way up. */
        { "", "_" },
        { ".", "_" },
        { "..", "__" },
        { "...", "_._" },
        { ".x", "_x" },
        { "x.", "x_" },
        { "../../etc", "_._.._etc" },
        /* Devices of Windows, with any ending, in any case. */
        { "con", "_con" },
        { "NUL", "_NUL" },
        { "Aux.txt", "_Aux.txt" },
        { "prn.", "_prn_" },
        { "com1", "_com1" },
        { "LPT9.a.b", "_LPT9.a.b" },
        { "com\xc2\xb9", "_com\xc2\xb9" },
        { "LPT\xc2\xb3.x", "_LPT\xc2\xb3.x" },
        { "com0", "com0" },
        { "com10", "com10" },
        { "console", "console" },
        { "con_", "con_" },
        /* No UTF-8: a lone byte, a cut character, an overlong slash. */
        { "a\xff"
          "b",
          "a_b" },
        { "a\xc3", "a_" },
        { "\xc0\xaf", "__" },
        { "\xed\xa0\x80", "___" },
    };
    char safe[ROOM];

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        hb_artifacts_safe_name(table[i].name, safe, sizeof(safe));
        assert_string_equal(safe, table[i].safe);
    }
}

/* `head` and so many letters more, as it stands and as a folder. */
static size_t length_of(const char *head, size_t more, char *safe)
{
    char name[4 * ROOM];
    size_t size = strlen(head);

    memcpy(name, head, size);
    memset(name + size, 'x', more);
    name[size + more] = '\0';
    hb_artifacts_safe_name(name, safe, ROOM);
    return strlen(safe);
}

static void a_long_name_is_cut_at_100_bytes(void **state)
{
    char safe[ROOM];

    (void)state;
    assert_int_equal(length_of("", 99, safe), 99);
    assert_int_equal(length_of("", 100, safe), 100);
    assert_int_equal(length_of("", 300, safe), 100);
    /* The sign that makes it no device is within them. */
    assert_int_equal(length_of("con.", 96, safe), 100);
    assert_memory_equal(safe, "_con.xx", 7);
}

static void a_long_name_is_not_cut_inside_a_character(void **state)
{
    char name[ROOM];
    char safe[ROOM];

    (void)state;
    memset(name, 'x', sizeof(name));
    memcpy(name + 99, "\xc3\xbc", 3); /* the 100th byte and the next */
    hb_artifacts_safe_name(name, safe, sizeof(safe));
    assert_int_equal(strlen(safe), 99);
    memcpy(name + 98, "\xc3\xbc", 3);
    hb_artifacts_safe_name(name, safe, sizeof(safe));
    assert_int_equal(strlen(safe), 100);
}

static void a_cut_that_ends_in_a_dot_does_not(void **state)
{
    static const char device[] = { 'n', 'u', 'l', '.' };
    char name[ROOM];
    char safe[ROOM];

    (void)state;
    memset(name, 'x', sizeof(name));
    memcpy(name + 99, ".tail", 6);
    hb_artifacts_safe_name(name, safe, sizeof(safe));
    assert_int_equal(strlen(safe), 100);
    assert_int_equal(safe[99], '_');
    memcpy(name, device, sizeof(device));
    memcpy(name + 98, ".x", 3);
    hb_artifacts_safe_name(name, safe, sizeof(safe));
    assert_int_equal(strlen(safe), 100);
    assert_int_equal(safe[99], '_');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_becomes_one_that_every_system_takes),
        cmocka_unit_test(a_long_name_is_cut_at_100_bytes),
        cmocka_unit_test(a_long_name_is_not_cut_inside_a_character),
        cmocka_unit_test(a_cut_that_ends_in_a_dot_does_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
