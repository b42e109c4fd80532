#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <cmocka.h>

#include "collect.h"
#include "os/file.h"
#include "os/windows/process_type.h"
#include "os/windows/spawn.h"
#include "os/windows/system.h"
#include "os/windows/threads.h"
#include "system.h"

#define ROOM 64

static struct collect run;
static struct hb_thread_sample samples[ROOM];
static struct hb_dialog dialog;

static int end_run(void **state)
{
    (void)state;
    collect_free(&run);
    return 0;
}

static void all_32_bits_of_a_status_come_through(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        const char *number;
        uint32_t status;
    } table[] = {
        { "status", "259", 259 },
        { "status", "256", 256 },
        { "status", "0xFFFFFFFF", 0xFFFFFFFFu },
        { "status", "0xC0000374", 0xC0000374u },
        { "fail-fast", "", 0xC0000409u },
        { "crash", "", 0xC0000005u },
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        collect_run(&run, WORDS(table[i].word, table[i].number));
        assert_int_equal(run.exit.kind, HB_EXIT_CODE);
        assert_int_equal(run.exit.value, table[i].status);
        collect_free(&run);
    }
}

static void what_we_kill_ends_with_our_own_status(void **state)
{
    (void)state;
    struct hb_error err = { 0 };

    collect_start(&run, WORDS("children", "1"));
    collect_until_line(&run, "ready");
    assert_int_equal(hb_process_tree(run.process, NULL, 0), 2);
    assert_true(hb_process_kill(run.process, &err));
    collect_all(&run);
    while (run.end_count < 1) {
        collect_until(&run, HB_EVENT_CHILD_EXIT);
    }
    assert_int_equal(run.exit.value, 0xC0DE0137u);
    assert_int_equal(run.ends[0].exit.value, 0xC0DE0137u);
}

/* Windows 8.1 and older have no job list. */
static void a_late_entry_into_the_job_holds_the_tree_too(void **state)
{
    (void)state;
    const char *const command[] = { collect_child_path(), "children", "2" };
    struct hb_process_spec spec = { .command = command, .count = 3 };
    struct hb_error err = { 0 };

    memset(&run, 0, sizeof(run));
    assert_true(hb_process_prepare(&spec, &run.process, &err));
    run.process->late = true;
    assert_true(hb_process_start(run.process, &run.pid, &err));
    collect_until_line(&run, "ready");
    assert_int_equal(hb_process_tree(run.process, NULL, 0), 3);
    assert_true(hb_process_kill(run.process, &err));
    assert_int_equal(hb_process_tree(run.process, NULL, 0), 0);
}

/* CTest's mode would switch WER off; the default one opens a box for a missing
 * DLL. Wine shows the first alone: there no mode is inherited, and none can be
 * set from outside. */
static void the_error_mode_leaves_reporting_on_and_boxes_off(void **state)
{
    (void)state;
    (void)SetErrorMode(SEM_NOGPFAULTERRORBOX);
    collect_run(&run, WORDS("error-mode"));
    assert_string_equal(run.output[HB_STDOUT],
                        hb_system_wine() == NULL ? "1\n" : "0\n");
    assert_int_equal(GetErrorMode(), SEM_FAILCRITICALERRORS);
}

static void a_stream_that_we_lack_the_program_lacks_too(void **state)
{
    (void)state;
    HANDLE input = GetStdHandle(STD_INPUT_HANDLE);

    (void)SetStdHandle(STD_INPUT_HANDLE, NULL);
    collect_run(&run, WORDS("handles"));
    (void)SetStdHandle(STD_INPUT_HANDLE, input);
    assert_string_equal(run.output[HB_STDOUT], "0 1 1\n");
}

/* A start that must fail, and what its error must say. */
static void expect_bad_start(const char *name, const void *bytes, size_t size,
                             const char *part)
{
    char folder[256];
    char path[300];
    const char *const command[] = { path };
    struct hb_process_spec spec = { .command = command, .count = 1 };
    struct hb_error err = { 0 };
    uint32_t pid = 0;

    system_make_folder(folder, sizeof(folder));
    (void)snprintf(path, sizeof(path), "%s\\%s", folder, name);
    system_write_file(path, bytes, size, true);
    assert_true(hb_process_prepare(&spec, &run.process, &err));
    assert_false(hb_process_start(run.process, &pid, &err));
    hb_file_remove(path);
    hb_folder_remove(folder);
    if (err.code != HB_ERR_NOT_EXECUTABLE || strstr(err.text, part) == NULL) {
        fail_msg("%d: %s", (int)err.code, err.text);
    }
    collect_free(&run);
}

static void a_batch_file_is_refused_with_the_way_out(void **state)
{
    (void)state;
    expect_bad_start("a.bat", "exit 0\r\n", 8, "batch file");
    expect_bad_start("a.CMD", "exit 0\r\n", 8, "cmd.exe /d /c");
}

static void a_program_for_another_machine_names_it(void **state)
{
    (void)state;
    unsigned char image[512] = { 'M', 'Z' };

    image[0x3c] = 0x80;
    memcpy(image + 0x80, "PE\0\0\x64\xaa", 6);
    expect_bad_start("arm.exe", image, sizeof(image), "ARM64 (0xaa64)");
    image[0x80 + 23] = 0x20; /* IMAGE_FILE_DLL */
    expect_bad_start("dll.exe", image, sizeof(image), "a library");
    image[0x3c] = 0xff; /* beyond what is there */
    image[0x3d] = 0xff;
    expect_bad_start("old.exe", image, sizeof(image), "DOS");
}

static void diagnose_as(DWORD error, enum hb_error_code code, const char *part)
{
    struct hb_spawn spawn = { .name = "x.exe",
                              .error = error,
                              .attempt = "start" };
    struct hb_error err = { 0 };

    assert_false(hb_spawn_diagnose(&spawn, &err));
    assert_int_equal(err.code, code);
    assert_int_equal(err.os_code, error);
    assert_non_null(strstr(err.text, part));
}

static void causes_that_cannot_be_made_here_have_their_words(void **state)
{
    (void)state;
    diagnose_as(740, HB_ERR_NOT_EXECUTABLE, "administrator");
    diagnose_as(225, HB_ERR_NOT_EXECUTABLE, "virus");
    diagnose_as(ERROR_ACCESS_DISABLED_BY_POLICY, HB_ERR_NOT_EXECUTABLE,
                "policy");
    diagnose_as(ERROR_PATH_NOT_FOUND, HB_ERR_NOT_FOUND, "x.exe");
    diagnose_as(ERROR_FILENAME_EXCED_RANGE, HB_ERR_NOT_FOUND, "too long");
    diagnose_as(ERROR_CANT_RESOLVE_FILENAME, HB_ERR_NOT_EXECUTABLE, "circle");
    diagnose_as(ERROR_ACCESS_DENIED, HB_ERR_NOT_EXECUTABLE, "a folder above");
    diagnose_as(ERROR_NO_SYSTEM_RESOURCES, HB_ERR_START, "start");
}

/* Looks until a message box shows; it takes a moment to come up. */
static bool look_for_dialog(void)
{
    for (int i = 0; i < 2000; i++) {
        (void)hb_process_sample(run.process, samples, ROOM, &dialog);
        if (dialog.shown) {
            return true;
        }
        system_sleep_ms(5);
    }
    return false;
}

static void a_message_box_is_found_with_title_and_text(void **state)
{
    (void)state;
    collect_start(&run, WORDS("box", "Assertion failed: \xe2\x82\xac > 0"));
    collect_until_line(&run, "ready");
    assert_true(look_for_dialog());
    assert_int_equal(dialog.pid, run.pid);
    assert_string_equal(dialog.title, "A t\xc3\xaftle");
    assert_string_equal(dialog.text, "Assertion failed: \xe2\x82\xac > 0");
}

static size_t count_stopped(void)
{
    size_t stopped = 0;
    size_t count = hb_process_sample(run.process, samples, ROOM, &dialog);

    for (size_t i = 0; i < count; i++) {
        stopped += samples[i].state == HB_THREAD_STOPPED;
    }
    return stopped;
}

static void a_suspended_thread_is_seen_as_stopped(void **state)
{
    (void)state;
    collect_start(&run, WORDS("suspended"));
    collect_until_line(&run, "ready");
    assert_int_equal(count_stopped(), 1);
}

/* ... and what the test itself had suspended stays so. */
static void what_an_ended_helper_had_suspended_goes_on(void **state)
{
    (void)state;
    char pid[16];

    collect_start(&run, WORDS("suspended"));
    collect_until_line(&run, "ready");
    (void)hb_text_format(pid, sizeof(pid), "%u", run.pid);
    collect_start_helper(&run, WORDS("suspend", pid));
    collect_until_helper_line(&run, "ready");
    assert_true(count_stopped() >= 2);
    hb_helper_end(run.process);
    collect_until(&run, HB_EVENT_HELPER_ENDED);
    assert_int_equal(count_stopped(), 1);
}

static void the_cpu_time_of_a_thread_is_seen_to_grow(void **state)
{
    (void)state;
    collect_start(&run, WORDS("spin"));
    collect_until_line(&run, "ready");
    do {
        assert_true(hb_process_sample(run.process, samples, ROOM, &dialog) > 0);
        assert_int_equal(samples[0].pid, run.pid);
    } while (samples[0].cpu_us < 50000);
}

/* A list of two processes, as the system gives it. */
static bool reports(const wchar_t *name, uint32_t parent)
{
    struct hb_nt_process *list = calloc(2, sizeof(*list));
    wchar_t copy[32] = L"";
    bool found;

    assert_non_null(list);
    memcpy(copy, name, wcslen(name) * sizeof(*name));
    list[0].next = sizeof(*list);
    list[1].name = copy;
    list[1].name_bytes = (USHORT)(wcslen(name) * sizeof(*name));
    list[1].parent = (HANDLE)(uintptr_t)parent;
    found = hb_nt_is_reported(list, 44);
    free(list);
    return found;
}

/* Wine has no such service; what it looks like is from documentation. */
static void who_has_its_crash_reported_is_known(void **state)
{
    (void)state;
    assert_true(reports(L"WerFault.exe", 44));
    assert_true(reports(L"werfault.EXE", 44));
    assert_false(reports(L"WerFault.exe", 45));
    assert_false(reports(L"WerFaultX.exe", 44));
    assert_false(reports(L"WerFault.ex", 44));
}

#define CASE(name) cmocka_unit_test_teardown(name, end_run)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(all_32_bits_of_a_status_come_through),
        CASE(what_we_kill_ends_with_our_own_status),
        CASE(a_late_entry_into_the_job_holds_the_tree_too),
        CASE(the_error_mode_leaves_reporting_on_and_boxes_off),
        CASE(a_stream_that_we_lack_the_program_lacks_too),
        CASE(a_batch_file_is_refused_with_the_way_out),
        CASE(a_program_for_another_machine_names_it),
        CASE(causes_that_cannot_be_made_here_have_their_words),
        CASE(a_message_box_is_found_with_title_and_text),
        CASE(a_suspended_thread_is_seen_as_stopped),
        CASE(what_an_ended_helper_had_suspended_goes_on),
        CASE(the_cpu_time_of_a_thread_is_seen_to_grow),
        CASE(who_has_its_crash_reported_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
