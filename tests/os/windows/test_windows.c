#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <aclapi.h>

#include <cmocka.h>

#include "collect.h"
#include "os/file.h"
#include "os/windows/command_line.h"
#include "os/windows/process_type.h"
#include "os/windows/spawn.h"
#include "os/windows/widen.h"
#include "system.h"

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })
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

/* What cannot be typed, and what quoting gets wrong most easily. */
static const char *const hard[] = {
    "",
    "a",
    "a b",
    "\t",
    "\n",
    "\"",
    "\"\"",
    "\\",
    "\\\\",
    "a\\",
    "a\\\\",
    "a b\\",
    "a b\\\\",
    "a\\\"b",
    "a\\\\\"b",
    "a\\b",
    "a\\\\b c",
    "\" \"",
    "\\\" \\\"",
    "a\"b\" c",
    "%PATH%",
    "^&|<>",
    "*?",
    "'x y'",
    "--",
    "\xc3\xbc",
    "\xf0\x9f\x90\x9b",
    "\xed\xa0\x80x",
    "a=b",
    "\v",
};
#define HARD_COUNT (sizeof(hard) / sizeof(hard[0]))

static void expect_round_trip(const char *const *command, size_t count)
{
    struct hb_error err = { 0 };
    wchar_t *line = NULL;
    char **again = NULL;
    size_t again_count = 0;

    assert_true(hb_command_line_join(command, count, &line, &err));
    assert_true(hb_command_line_split(line, &again, &again_count, &err));
    assert_int_equal(again_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(again[i], command[i]);
    }
    assert_null(again[count]);
    free(again);
    free(line);
}

static void every_two_arguments_survive_joining_and_splitting(void **state)
{
    (void)state;
    for (size_t i = 0; i < HARD_COUNT; i++) {
        for (size_t j = 0; j < HARD_COUNT; j++) {
            const char *const command[] = { "C:\\a b\\c\\", hard[i], hard[j] };

            expect_round_trip(command, 3);
        }
    }
    expect_round_trip(hard, 1); /* an empty name */
}

static void lines_are_split_as_microsoft_documents_it(void **state)
{
    (void)state;
    static const struct {
        const wchar_t *line;
        const char *arguments[4];
    } table[] = {
        { L"p \"a b c\" d e", { "a b c", "d", "e" } },
        { L"p \"ab\\\"c\" \"\\\\\" d", { "ab\"c", "\\", "d" } },
        { L"p a\\\\\\b d\"e f\"g h", { "a\\\\\\b", "de fg", "h" } },
        { L"p a\\\\\\\"b c d", { "a\\\"b", "c", "d" } },
        { L"p a\\\\\\\\\"b c\" d e", { "a\\\\b c", "d", "e" } },
        { L"p a\"b\"\" c d", { "ab\" c d" } },
        { L"\"p q\"  x\t y ", { "x", "y" } },
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct hb_error err = { 0 };
        char **made = NULL;
        size_t count = 0;

        assert_true(hb_command_line_split(table[i].line, &made, &count, &err));
        for (size_t j = 1; j < count; j++) {
            assert_string_equal(made[j], table[i].arguments[j - 1]);
        }
        assert_null(table[i].arguments[count - 1]);
        free(made);
    }
}

static void hard_arguments_reach_a_real_program(void **state)
{
    (void)state;
    const char *command[HARD_COUNT + 3] = { collect_child_path(), "args" };
    char expected[1024] = "";
    size_t used = 0;
    size_t count = 2;

    for (size_t i = 0; i < HARD_COUNT; i++) {
        if ((unsigned char)hard[i][0] == 0xED) {
            continue; /* the program itself prints UTF-8 only */
        }
        command[count++] = hard[i];
        used += (size_t)snprintf(expected + used, sizeof(expected) - used, "[");
        for (const char *at = hard[i]; *at != '\0'; at++) {
            used += (size_t)snprintf(expected + used, sizeof(expected) - used,
                                     "%02x", (unsigned)(unsigned char)*at);
        }
        used +=
            (size_t)snprintf(expected + used, sizeof(expected) - used, "]\n");
    }
    collect_start_command(&run, command, (struct hb_process_spec){ 0 });
    collect_all(&run);
    assert_string_equal(run.output[HB_STDOUT], expected);
}

static void nothing_is_quoted_that_needs_it_not(void **state)
{
    (void)state;
    collect_start_command(&run,
                          WORDS(collect_child_path(), "line", "a\\b", "c d"),
                          (struct hb_process_spec){ 0 });
    collect_all(&run);
    const char *tail = strstr(run.output[HB_STDOUT], " line ");
    assert_non_null(tail);
    assert_string_equal(tail, " line a\\b \"c d\"");
}

static void a_line_that_is_too_long_is_no_crash(void **state)
{
    (void)state;
    static char text[40000];
    const char *const command[] = { "x", text };
    struct hb_process_spec spec = { .command = command, .count = 2 };
    struct hb_error err = { 0 };

    memset(text, 'x', sizeof(text) - 1);
    assert_false(hb_process_prepare(&spec, &run.process, &err));
    assert_int_equal(err.code, HB_ERR_START);
    assert_non_null(strstr(err.text, "32766"));
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

/* What WER would be switched off by, and what would open a box. */
static void the_error_mode_leaves_reporting_on_and_boxes_off(void **state)
{
    (void)state;
    (void)SetErrorMode(SEM_NOGPFAULTERRORBOX);
    collect_run(&run, WORDS("exit", "0"));
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

static void a_suspended_thread_is_seen_as_stopped(void **state)
{
    (void)state;
    size_t stopped = 0;

    collect_start(&run, WORDS("suspended"));
    collect_until_line(&run, "ready");
    size_t count = hb_process_sample(run.process, samples, ROOM, &dialog);
    for (size_t i = 0; i < count; i++) {
        stopped += samples[i].state == HB_THREAD_STOPPED;
    }
    assert_int_equal(stopped, 1);
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

/* One entry each for the user, SYSTEM and the administrators, none inherited,
 * nobody else's. */
static void expect_private(const char *path)
{
    wchar_t *wide = NULL;
    struct hb_error err = { 0 };
    ACL *acl = NULL;
    SECURITY_DESCRIPTOR *descriptor = NULL;
    SECURITY_DESCRIPTOR_CONTROL control = 0;
    DWORD revision = 0;

    assert_true(hb_widen_path(path, &wide, &err));
    assert_int_equal(
        GetNamedSecurityInfoW(wide, SE_FILE_OBJECT, DACL_SECURITY_INFORMATION,
                              NULL, NULL, &acl, NULL, (void **)&descriptor),
        ERROR_SUCCESS);
    assert_true(GetSecurityDescriptorControl(descriptor, &control, &revision));
    for (DWORD i = 0; i < acl->AceCount; i++) {
        ACCESS_ALLOWED_ACE *entry = NULL;

        assert_true(GetAce(acl, i, (void **)&entry));
        assert_int_equal(entry->Header.AceFlags & INHERITED_ACE, 0);
        assert_false(IsWellKnownSid(&entry->SidStart, WinWorldSid));
        assert_false(IsWellKnownSid(&entry->SidStart, WinBuiltinUsersSid));
        assert_false(IsWellKnownSid(&entry->SidStart, WinAuthenticatedUserSid));
    }
    (void)LocalFree(descriptor);
    free(wide);
}

static void files_and_folders_are_for_the_user_alone(void **state)
{
    (void)state;
    char folder[256];
    char path[300];
    struct hb_error err = { 0 };

    system_make_folder(folder, sizeof(folder));
    (void)snprintf(path, sizeof(path), "%s\\one", folder);
    assert_true(hb_file_replace(path, "x", 1, &err));
    expect_private(path);
    hb_file_remove(path);
    assert_true(hb_folder_make(path, &err));
    expect_private(path);
    hb_folder_remove(path);
    hb_folder_remove(folder);
}

static void paths_beyond_260_characters_work(void **state)
{
    (void)state;
    char folder[256];
    char path[1024];
    struct hb_error err = { 0 };
    size_t used = 0;

    system_make_folder(folder, sizeof(folder));
    used = (size_t)snprintf(path, sizeof(path), "%s", folder);
    for (int i = 0; i < 8; i++) {
        used += (size_t)snprintf(path + used, sizeof(path) - used,
                                 "\\a-folder-with-a-name-of-forty-characters");
    }
    assert_true(strlen(path) > 260);
    assert_true(hb_folder_make(path, &err));
    (void)snprintf(path + used, sizeof(path) - used, "/file");
    assert_true(hb_file_replace(path, "x", 1, &err));
    assert_true(hb_file_exists(path));
    hb_file_remove(path);
    for (path[used] = '\0'; strlen(path) >= strlen(folder);) {
        hb_folder_remove(path);
        *strrchr(path, '\\') = '\0';
    }
    assert_false(hb_file_exists(folder));
}

static void a_file_that_another_program_holds_is_replaced_later(void **state)
{
    (void)state;
    char folder[256];
    char path[300];
    struct hb_error err = { 0 };

    system_make_folder(folder, sizeof(folder));
    (void)snprintf(path, sizeof(path), "%s\\one", folder);
    assert_true(hb_file_replace(path, "x", 1, &err));
    wchar_t *wide = NULL;
    assert_true(hb_widen_path(path, &wide, &err));
    HANDLE held = CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ, NULL,
                              OPEN_EXISTING, 0, NULL);
    assert_ptr_not_equal(held, INVALID_HANDLE_VALUE);
    assert_false(hb_file_replace(path, "y", 1, &err)); /* tried for a while */
    assert_int_equal(err.code, HB_ERR_WRITE);
    (void)CloseHandle(held);
    assert_true(hb_file_replace(path, "y", 1, &err));
    free(wide);
    hb_file_remove(path);
    hb_folder_remove(folder);
}

#define CASE(name) cmocka_unit_test_teardown(name, end_run)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_two_arguments_survive_joining_and_splitting),
        CASE(lines_are_split_as_microsoft_documents_it),
        CASE(hard_arguments_reach_a_real_program),
        CASE(nothing_is_quoted_that_needs_it_not),
        CASE(a_line_that_is_too_long_is_no_crash),
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
        CASE(the_cpu_time_of_a_thread_is_seen_to_grow),
        CASE(files_and_folders_are_for_the_user_alone),
        CASE(paths_beyond_260_characters_work),
        CASE(a_file_that_another_program_holds_is_replaced_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
