/* Where the kernel puts a core, by what core_pattern says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/core_pattern.h"

static const struct hb_core_facts facts = {
    .pid = 4711,
    .signal = 11,
    .host = "build/host",
    .image = "parser_test",
};
static const struct hb_core_facts nothing;
static struct hb_core_pattern pattern;
static char folder[256];

static void read_pattern(const char *text)
{
    hb_core_pattern_read(text, strlen(text), false, &pattern);
}

static void a_pattern_says_which_way_a_core_goes(void **state)
{
    static const struct {
        const char *text;
        enum hb_core_way way;
        const char *rest;
    } rows[] = {
        { "core\n", HB_CORE_FILE, "core" },
        { "", HB_CORE_NOWHERE, "" },
        { "\n", HB_CORE_NOWHERE, "" },
        { "|/usr/lib/systemd/systemd-coredump %P %u\n", HB_CORE_PIPE,
          "/usr/lib/systemd/systemd-coredump %P %u" },
        { "@/run/core.socket", HB_CORE_SOCKET, "/run/core.socket" },
        { "@@/run/core.socket", HB_CORE_SOCKET, "/run/core.socket" },
        { "@core", HB_CORE_FILE, "@core" }, /* a name, also in new kernels */
        { "|", HB_CORE_PIPE, "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        read_pattern(rows[i].text);
        assert_int_equal(pattern.way, rows[i].way);
        assert_string_equal(pattern.text, rows[i].rest);
    }
}

static void the_pid_is_added_where_the_kernel_adds_it(void **state)
{
    (void)state;
    hb_core_pattern_read("core", 4, true, &pattern);
    assert_string_equal(pattern.text, "core.%p");
    hb_core_pattern_read("core.%p", 7, true, &pattern);
    assert_string_equal(pattern.text, "core.%p");
    hb_core_pattern_read("|/bin/x", 7, true, &pattern);
    assert_string_equal(pattern.text, "/bin/x");
    hb_core_pattern_read("", 0, true, &pattern);
    assert_int_equal(pattern.way, HB_CORE_FILE);
    assert_true(hb_core_pattern_fits(&pattern, &facts, ".4711"));
}

/* A pattern, a name, whether it fits a known and an unknown process. */
static const struct {
    const char *pattern;
    const char *name;
    bool fits;
    bool fits_any;
} names[] = {
    { "core", "core", true, true },
    { "core", "core.1", false, false },
    { "core.%p", "core.4711", true, true },
    { "core.%p", "core.4712", false, true },
    { "core.%p", "core.", false, false },
    { "core.%p", "core.47x", false, false },
    { "/var/cores/%e.%p", "parser.4711", true, true },
    { "%e-%s", "a-b-11", true, true },
    { "%e-%s", "a-b-6", false, true },
    { "%f.core", "parser_test.core", true, true },
    { "%f.core", "other.core", false, true },
    { "%h.%P", "build!host.99", true, true },
    { "%h.%P", "elsewhere.99", false, true },
    { "%E", "!build!parser_test", true, true },
    { "%i.%I.%u.%g.%d.%t.%c.%C.%F", "1.2.3.4.5.6.7.8.9", true, true },
    { "%i.%I.%u", "1..3", false, false },
    { "100%%.%p", "100%.4711", true, true },
    { "a%qb", "ab", true, true }, /* a letter that nobody knows */
    { "core%", "core", true, true },
    { "%p%s", "471111", true, true },
    { "%e", "", false, false },
    { "", "core", false, false },
    { "|/bin/cat", "cat", false, false },
};

static void names_fit_as_the_kernel_makes_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        read_pattern(names[i].pattern);
        if (hb_core_pattern_fits(&pattern, &facts, names[i].name) !=
                names[i].fits ||
            hb_core_pattern_fits(&pattern, &nothing, names[i].name) !=
                names[i].fits_any) {
            fail_msg("'%s' and '%s'", names[i].pattern, names[i].name);
        }
    }
}

static void a_folder_is_known_by_what_is_known(void **state)
{
    (void)state;
    read_pattern("core.%p");
    assert_true(
        hb_core_pattern_folder(&pattern, &nothing, folder, sizeof(folder)));
    assert_string_equal(folder, "");
    read_pattern("/var/%h/core");
    assert_true(
        hb_core_pattern_folder(&pattern, &facts, folder, sizeof(folder)));
    assert_string_equal(folder, "/var/build!host");
    assert_false(
        hb_core_pattern_folder(&pattern, &nothing, folder, sizeof(folder)));
    read_pattern("/core");
    assert_true(
        hb_core_pattern_folder(&pattern, &facts, folder, sizeof(folder)));
    assert_string_equal(folder, "/");
    read_pattern("cores/%p/core");
    assert_true(
        hb_core_pattern_folder(&pattern, &facts, folder, sizeof(folder)));
    assert_string_equal(folder, "cores/4711");
    assert_false(hb_core_pattern_folder(&pattern, &facts, folder, 8));
}

static void a_value_leads_to_no_other_folder(void **state)
{
    static const struct hb_core_facts up = { .host = "..", .image = "." };

    (void)state;
    read_pattern("/cores/%h/%f");
    assert_true(hb_core_pattern_folder(&pattern, &up, folder, sizeof(folder)));
    assert_string_equal(folder, "/cores/!.");
    assert_true(hb_core_pattern_fits(&pattern, &up, "!"));
}

static void one_name_for_all_is_told_apart(void **state)
{
    (void)state;
    read_pattern("/tmp/core");
    assert_string_equal(hb_core_pattern_only_name(&pattern), "core");
    read_pattern("core.%p");
    assert_null(hb_core_pattern_only_name(&pattern));
    read_pattern("|/bin/cat");
    assert_null(hb_core_pattern_only_name(&pattern));
}

static void a_pipe_has_a_program(void **state)
{
    (void)state;
    read_pattern("|/usr/share/apport/apport -p%p -s%s");
    assert_true(hb_core_pattern_program(&pattern, folder, sizeof(folder)));
    assert_string_equal(folder, "/usr/share/apport/apport");
    read_pattern("|");
    assert_false(hb_core_pattern_program(&pattern, folder, sizeof(folder)));
    read_pattern("core");
    assert_false(hb_core_pattern_program(&pattern, folder, sizeof(folder)));
}

/* Every second piece may be anything: a search that tries all would not end. */
static void a_hostile_pattern_takes_no_time(void **state)
{
    char text[128];
    char name[256];

    (void)state;
    for (size_t i = 0; i + 1 < sizeof(text); i += 2) {
        memcpy(text + i, "%e", 2);
    }
    text[126] = 'x';
    text[127] = '\0';
    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    read_pattern(text);
    assert_false(hb_core_pattern_fits(&pattern, &nothing, name));
    name[sizeof(name) - 2] = 'x';
    assert_true(hb_core_pattern_fits(&pattern, &nothing, name));
}

static void what_the_kernel_does_not_keep_is_cut(void **state)
{
    char text[400];

    (void)state;
    memset(text, 'c', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    read_pattern(text);
    assert_int_equal(strlen(pattern.text), 127);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_says_which_way_a_core_goes),
        cmocka_unit_test(the_pid_is_added_where_the_kernel_adds_it),
        cmocka_unit_test(names_fit_as_the_kernel_makes_them),
        cmocka_unit_test(a_folder_is_known_by_what_is_known),
        cmocka_unit_test(a_value_leads_to_no_other_folder),
        cmocka_unit_test(one_name_for_all_is_told_apart),
        cmocka_unit_test(a_pipe_has_a_program),
        cmocka_unit_test(a_hostile_pattern_takes_no_time),
        cmocka_unit_test(what_the_kernel_does_not_keep_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
