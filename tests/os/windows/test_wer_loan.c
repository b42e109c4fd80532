/*
 * The value that lets error reporting load our module is lent and given back,
 * in a registry of our own. Who dies in between is this same program, started
 * once more.
 */
#include "os/windows/wer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "os/cores.h"
#include "os/windows/process_type.h"
#include "registry_desk.h"

#define MODULES                                                                \
    L"SOFTWARE\\Microsoft\\Windows\\Windows Error "                            \
    L"Reporting\\RuntimeExceptionHelperModules"
#define ONE L"C:\\Program Files\\hbtest\\hbtest-wer.dll"
#define OTHER L"D:\\hbtest-wer.dll"

const wchar_t *const registry_here = L"Software\\hbtest-test-wer";

static bool is_lent(const wchar_t *path)
{
    struct hb_registry_value value;
    DWORD number = 1;

    assert_int_equal(registry.read(registry.context, MODULES, path, &value), 0);
    if (value.exists) {
        assert_int_equal(value.type, REG_DWORD);
        memcpy(&number, value.data, sizeof(number));
        assert_int_equal(number, 0);
    }
    return value.exists;
}

/* There is what was there before, and nothing else. */
static void expect_clean(void)
{
    static const wchar_t *const ours[] = { L"SOFTWARE\\Microsoft\\Windows",
                                           L"SOFTWARE\\hbtest" };
    bool found = true;

    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(registry.has_key(registry.context, ours[i], &found),
                         0);
        assert_false(found);
    }
    assert_int_equal(
        registry.has_key(registry.context, L"SOFTWARE\\Microsoft", &found), 0);
    assert_true(found);
}

static void the_value_is_lent_and_all_is_given_back(void **state)
{
    struct hb_wer wer;

    (void)state;
    hb_wer_ask(&wer, &registry, ONE);
    assert_true(wer.lent);
    assert_string_equal(wer.why_not, "");
    assert_true(is_lent(ONE));
    hb_wer_end(&wer);
    hb_wer_end(&wer);
    expect_clean();
}

static void two_modules_are_two_loans(void **state)
{
    struct hb_wer one;
    struct hb_wer other;

    (void)state;
    hb_wer_ask(&one, &registry, ONE);
    hb_wer_ask(&other, &registry, OTHER);
    assert_true(one.lent && other.lent);
    hb_wer_end(&one);
    assert_false(is_lent(ONE));
    assert_true(is_lent(OTHER));
    hb_wer_end(&other);
    expect_clean();
}

/* One that somebody set for good, an installer for one. */
static void a_value_that_was_there_stays(void **state)
{
    struct hb_registry_value zero = hb_registry_number(0);
    struct hb_wer wer;

    (void)state;
    assert_int_equal(registry.write(registry.context, MODULES, ONE, &zero), 0);
    hb_wer_ask(&wer, &registry, ONE);
    assert_true(wer.lent);
    hb_wer_end(&wer);
    assert_true(is_lent(ONE));
}

static void a_module_that_is_missing_is_named(void **state)
{
    struct hb_wer wer;

    (void)state;
    hb_wer_ask(&wer, &registry, NULL);
    assert_false(wer.lent);
    assert_string_equal(wer.why_not, "hbtest-wer.dll is missing");
    hb_wer_end(&wer);
    expect_clean();
}

static LSTATUS may_not(void *context, const wchar_t *key, const wchar_t *name,
                       const struct hb_registry_value *value)
{
    (void)context;
    (void)key;
    (void)name;
    (void)value;
    return ERROR_ACCESS_DENIED;
}

static void who_may_not_is_told_what_it_takes(void **state)
{
    struct hb_registry closed = registry;
    struct hb_wer wer;

    (void)state;
    closed.write = may_not;
    hb_wer_ask(&wer, &closed, ONE);
    assert_false(wer.lent);
    assert_string_equal(wer.why_not,
                        "hbtest-wer.dll takes a registry of the user's");
}

static const char *why_no_dump(const char *dumps, const char *module)
{
    struct hb_member first = { .has_status = true, .status = 0xC0000409u };
    static struct hb_process process;
    struct hb_core_trace trace;

    memset(&process, 0, sizeof(process));
    process.tree.members = &first;
    (void)hb_text_copy(process.reports.why_not, HB_LOAN_WHY_SIZE, dumps);
    (void)hb_text_copy(process.wer.why_not, HB_LOAN_WHY_SIZE, module);
    hb_process_cores(&process, &trace);
    return trace.died ? trace.why_not : "nobody asked";
}

static void why_there_is_no_dump_is_said_of_both(void **state)
{
    (void)state;
    assert_string_equal(why_no_dump("no rights", ""), "no rights");
    assert_string_equal(why_no_dump("no rights", "no module"),
                        "no rights; no module");
    assert_string_equal(why_no_dump("", "no module"), "nobody asked");
}

/* In a process of its own: asks, and is gone. */
static int ask_and_die(void)
{
    struct hb_wer wer;

    if (!registry_open()) {
        return 2;
    }
    hb_wer_ask(&wer, &registry, ONE);
    (void)TerminateProcess(GetCurrentProcess(), wer.lent ? 0 : 1);
    return 3;
}

static void the_next_launcher_gives_back_what_a_killed_one_left(void **state)
{
    struct hb_wer wer;

    (void)state;
    assert_int_equal(registry_run_killed(), 0);
    assert_true(is_lent(ONE));
    hb_wer_ask(&wer, &registry, OTHER);
    assert_true(wer.lent);
    assert_false(is_lent(ONE));
    hb_wer_end(&wer);
    expect_clean();
}

#define CASE(name)                                                             \
    cmocka_unit_test_setup_teardown(name, registry_set_up, registry_tear_down)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(the_value_is_lent_and_all_is_given_back),
        CASE(two_modules_are_two_loans),
        CASE(a_value_that_was_there_stays),
        CASE(a_module_that_is_missing_is_named),
        CASE(who_may_not_is_told_what_it_takes),
        CASE(why_there_is_no_dump_is_said_of_both),
        CASE(the_next_launcher_gives_back_what_a_killed_one_left),
    };

    if (argc == 2 && strcmp(argv[1], "die") == 0) {
        return ask_and_die();
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
