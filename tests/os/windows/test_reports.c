/*
 * LocalDumps are asked for and given back, in a registry of our own. Who dies
 * in between is this same program, started once more.
 */
#include "os/windows/reports.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "registry_desk.h"

#define DUMPS                                                                  \
    L"SOFTWARE\\Microsoft\\Windows\\Windows Error Reporting\\LocalDumps"

const wchar_t *const registry_here = L"Software\\hbtest-test-reports";

static bool has(const wchar_t *key)
{
    bool found = false;

    assert_int_equal(registry.has_key(registry.context, key, &found), 0);
    return found;
}

static DWORD number_of(const wchar_t *program, const wchar_t *name)
{
    wchar_t key[HB_REGISTRY_KEY_MAX];
    struct hb_registry_value value;
    DWORD number = 0;

    (void)swprintf(key, HB_REGISTRY_KEY_MAX, DUMPS L"\\%ls", program);
    assert_int_equal(registry.read(registry.context, key, name, &value), 0);
    memcpy(&number, value.data, sizeof(number));
    return value.exists ? number : 0;
}

static void dumps_are_asked_for_and_all_is_given_back(void **state)
{
    static const char *const names[] = { "C:\\some\\where/my test.exe",
                                         "my test" };
    struct hb_reports reports;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        hb_reports_ask(&reports, &registry, names[i], false);
        assert_true(reports.lent);
        assert_int_equal(number_of(L"my test.exe", L"DumpType"), 1);
        assert_int_not_equal(
            GetFileAttributesW(reports.folder) & FILE_ATTRIBUTE_DIRECTORY, 0);
        hb_reports_end(&reports);
        hb_reports_end(&reports);
        assert_false(has(L"SOFTWARE\\Microsoft\\Windows"));
        assert_false(has(L"SOFTWARE\\hbtest"));
        assert_true(has(L"SOFTWARE\\Microsoft"));
    }
}

static void only_the_dump_of_this_process_is_ours(void **state)
{
    struct hb_reports reports;
    wchar_t path[HB_REGISTRY_NAME_MAX * 2];

    (void)state;
    hb_reports_ask(&reports, &registry, "t.exe", false);
    (void)swprintf(path, HB_REGISTRY_NAME_MAX * 2, L"%ls\\t.exe.4294967290.dmp",
                   reports.folder);
    HANDLE file =
        CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);

    assert_true(file != INVALID_HANDLE_VALUE);
    (void)CloseHandle(file);
    assert_true(hb_reports_have(&reports, 4294967290u));
    assert_false(hb_reports_have(&reports, 294967290u));
    assert_true(DeleteFileW(path));
    assert_false(hb_reports_have(&reports, 4294967290u));
    hb_reports_end(&reports);
}

#define VERSION L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\"
#define OPTIONS VERSION L"Image File Execution Options\\t.exe"
#define MONITOR VERSION L"SilentProcessExit\\t.exe"

static DWORD number_at(const wchar_t *key, const wchar_t *name)
{
    struct hb_registry_value value;
    DWORD number = 0;

    assert_int_equal(registry.read(registry.context, key, name, &value), 0);
    memcpy(&number, value.data, sizeof(number));
    return value.exists ? number : 0;
}

/* Other tools have their flags in the same number. */
static void the_exit_monitor_is_asked_for_and_given_back(void **state)
{
    struct hb_registry_value heap = hb_registry_number(0x70);
    struct hb_reports reports;

    (void)state;
    assert_int_equal(
        registry.write(registry.context, OPTIONS, L"GlobalFlag", &heap), 0);
    hb_reports_ask(&reports, &registry, "t.exe", true);
    assert_true(reports.exit_lent);
    assert_int_equal(number_at(OPTIONS, L"GlobalFlag"), 0x270);
    assert_int_equal(number_at(MONITOR, L"ReportingMode"), 2);
    assert_int_equal(number_at(MONITOR, L"IgnoreSelfExits"), 1);
    hb_reports_end(&reports);
    assert_int_equal(number_at(OPTIONS, L"GlobalFlag"), 0x70);
    assert_false(has(MONITOR));
    assert_false(has(L"SOFTWARE\\hbtest"));
}

static void flags_that_are_no_number_are_left_alone(void **state)
{
    struct hb_registry_value text = hb_registry_path(L"0x70");
    struct hb_reports reports;

    (void)state;
    assert_int_equal(
        registry.write(registry.context, OPTIONS, L"GlobalFlag", &text), 0);
    hb_reports_ask(&reports, &registry, "t.exe", true);
    assert_true(reports.lent);
    assert_false(reports.exit_lent);
    assert_non_null(strstr(reports.why_no_exits, "the exit monitor cannot"));
    hb_reports_end(&reports);
    assert_false(has(MONITOR));
}

static void what_the_exit_monitor_wrote_is_ours_by_its_number(void **state)
{
    struct hb_reports reports;
    wchar_t path[HB_REGISTRY_NAME_MAX * 2];

    (void)state;
    hb_reports_ask(&reports, &registry, "t.exe", true);
    (void)swprintf(path, HB_REGISTRY_NAME_MAX * 2,
                   L"%ls\\t.exe-(PID-4294967290)-5", reports.folder);
    assert_true(CreateDirectoryW(path, NULL));
    assert_true(hb_reports_have(&reports, 4294967290u));
    assert_false(hb_reports_have(&reports, 429496729u));
    assert_true(RemoveDirectoryW(path));
    hb_reports_end(&reports);
}

static void names_that_cannot_be_asked_for_say_so(void **state)
{
    static const char *const names[] = { "", "C:\\folder\\", NULL };
    char much[400];

    (void)state;
    memset(much, 'n', sizeof(much));
    much[sizeof(much) - 1] = '\0';
    for (size_t i = 0; i < 3; i++) {
        struct hb_reports reports;

        hb_reports_ask(&reports, &registry, names[i] != NULL ? names[i] : much,
                       false);
        assert_false(reports.lent);
        assert_non_null(strstr(reports.why_not, "the program's name"));
        hb_reports_end(&reports);
        assert_false(has(L"SOFTWARE\\hbtest"));
    }
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
    struct hb_reports reports;

    (void)state;
    closed.write = may_not;
    hb_reports_ask(&reports, &closed, "t.exe", false);
    assert_false(reports.lent);
    assert_string_equal(reports.why_not,
                        "LocalDumps takes administrators' rights");
}

/* In a process of its own: asks, and is gone. */
static int ask_and_die(void)
{
    struct hb_reports reports;

    if (!registry_open()) {
        return 2;
    }
    hb_reports_ask(&reports, &registry, "killed.exe", false);
    (void)TerminateProcess(GetCurrentProcess(), reports.lent ? 0 : 1);
    return 3;
}

static void the_next_launcher_gives_back_what_a_killed_one_left(void **state)
{
    struct hb_reports reports;

    (void)state;
    assert_int_equal(registry_run_killed(), 0);
    assert_int_equal(number_of(L"killed.exe", L"DumpType"), 1);
    hb_reports_ask(&reports, &registry, "t.exe", false);
    assert_true(reports.lent);
    assert_int_equal(number_of(L"killed.exe", L"DumpType"), 0);
    assert_int_equal(number_of(L"t.exe", L"DumpType"), 1);
    hb_reports_end(&reports);
    assert_false(has(L"SOFTWARE\\Microsoft\\Windows"));
    assert_false(has(L"SOFTWARE\\hbtest"));
}

#define CASE(name)                                                             \
    cmocka_unit_test_setup_teardown(name, registry_set_up, registry_tear_down)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(dumps_are_asked_for_and_all_is_given_back),
        CASE(only_the_dump_of_this_process_is_ours),
        CASE(the_exit_monitor_is_asked_for_and_given_back),
        CASE(flags_that_are_no_number_are_left_alone),
        CASE(what_the_exit_monitor_wrote_is_ours_by_its_number),
        CASE(names_that_cannot_be_asked_for_say_so),
        CASE(who_may_not_is_told_what_it_takes),
        CASE(the_next_launcher_gives_back_what_a_killed_one_left),
    };

    if (argc == 2 && strcmp(argv[1], "die") == 0) {
        return ask_and_die();
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
