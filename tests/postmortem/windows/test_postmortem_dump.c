#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/minidump.h"
#include "os/file.h"
#include "os/reader.h"
#include "postmortem/windows/dump.h"
#include "postmortem/windows/look_desk.h"

#define FOLDER "dumps"
#define DUMP FOLDER "/dump.dmp"
#define PART DUMP ".part"

static struct desk desk;

static int make_folder(void **state)
{
    struct hb_error err = { 0 };

    (void)state;
    return hb_folder_make(FOLDER, &err) ? 0 : -1;
}

static int end_desk(void **state)
{
    (void)state;
    desk_end(&desk);
    hb_file_remove(DUMP);
    hb_file_remove(PART);
    hb_folder_remove(FOLDER);
    return 0;
}

static struct hb_request request_for(uint32_t pid, enum hb_dump_depth depth)
{
    return (struct hb_request){ .pids = { pid },
                                .pid_count = 1,
                                .dump = depth,
                                .folder = FOLDER,
                                .limit_ms = 60000 };
}

static bool read_reader(void *context, uint64_t at, void *bytes, size_t size)
{
    return hb_reader_read(context, at, bytes, size);
}

/* Checks the dump, and that it is of the process; returns its threads. */
static uint32_t expect_good_dump(uint64_t *out_size)
{
    struct hb_error err = { 0 };
    struct hb_reader *reader = NULL;
    struct hb_minidump dump;
    uint32_t pid = 0;

    assert_true(hb_reader_open(DUMP, &reader, &err));
    struct hb_minidump_source source = { hb_reader_size(reader), read_reader,
                                         reader };

    assert_true(hb_minidump_open(&source, &dump, &err));
    assert_true(hb_minidump_check(&dump, &err));
    assert_true(hb_minidump_pid(&dump, &pid));
    assert_int_equal(pid, desk.child.pid);
    *out_size = source.size;
    uint32_t count = hb_minidump_thread_count(&dump);

    hb_reader_close(reader);
    return count;
}

static void a_small_dump_has_every_thread(void **state)
{
    (void)state;
    uint64_t size = 0;

    desk_start(&desk, HUNG_STRIPPED, "calm");
    struct hb_request request = request_for(desk.child.pid, HB_DUMP_SMALL);

    desk_look(&desk, &request);
    const char *line =
        desk_need(&desk, "\"what\":\"dump\"", "captured", "dump.dmp");
    uint64_t told = desk_number(line, "bytes");

    assert_int_equal(expect_good_dump(&size), 3);
    assert_int_equal(told, size);
    assert_false(hb_file_exists(PART));
    assert_true(desk_answers(&desk));
}

/* The process is gone; what a debugger would print is in the file. */
static void the_stacks_of_a_dump_are_walked(void **state)
{
    (void)state;
    desk_start(&desk, HUNG_DWARF, "calm");
    struct hb_request request = request_for(desk.child.pid, HB_DUMP_SMALL);

    desk_look(&desk, &request);
    system_kill(desk.child.pid);
    (void)system_wait(&desk.child);
    desk.child.pid = 0;
    request = (struct hb_request){ .file = DUMP, .stacks = true };
    desk_look(&desk, &request);
    (void)desk_need(&desk, "hung_take_other", "hung_first", NULL);
    (void)desk_need(&desk, "hung_take_other", "hung_second", NULL);
    (void)desk_need(&desk, "hung_answer", NULL, NULL);
    (void)desk_need(&desk, "\"what\":\"stacks\"", "captured", NULL);
}

/* How often the text stands in the dump, in both of its forms. */
static size_t count_in_dump(const char *text)
{
    struct hb_error err = { 0 };
    char wide[256] = "";
    char *bytes = NULL;
    size_t length = strlen(text);
    size_t size = 0;
    size_t found = 0;

    for (size_t i = 0; i < length; i++) {
        wide[2 * i] = text[i];
        wide[2 * i + 1] = '\0';
    }
    assert_true(hb_file_read(DUMP, (size_t)1 << 30, &bytes, &size, &err));
    for (size_t i = 0; i + 2 * length <= size; i++) {
        found += memcmp(bytes + i, text, length) == 0;
        found += memcmp(bytes + i, wide, 2 * length) == 0;
    }
    free(bytes);
    return found;
}

/* The value is in the program's environment, as its C runtime keeps it and as
 * the system does. Without the pattern it is found, so the search can fail. */
static void a_full_dump_has_the_memory_but_for_secrets(void **state)
{
    (void)state;
    static const char value[] = "hunter2-but-longer";
    uint64_t size = 0;

    (void)SetEnvironmentVariableA("HUNG_API_TOKEN", value);
    desk_start(&desk, HUNG_STRIPPED, "calm");
    (void)SetEnvironmentVariableA("HUNG_API_TOKEN", NULL);
    struct hb_request request = request_for(desk.child.pid, HB_DUMP_WHOLE);

    desk_look(&desk, &request);
    assert_int_equal(expect_good_dump(&size), 3);
    assert_true(size > 4u << 20);
    assert_true(count_in_dump(value) > 0);
    request.redact[request.redact_count++] = "*token*";
    desk_look(&desk, &request);
    assert_int_equal(count_in_dump(value), 0);
    assert_int_equal(expect_good_dump(&size), 3);
    assert_true(desk_answers(&desk));
}

static void a_dump_that_would_be_too_large_is_none(void **state)
{
    (void)state;
    desk_start(&desk, HUNG_STRIPPED, "calm");
    struct hb_request request = request_for(desk.child.pid, HB_DUMP_SMALL);

    request.dump_max = 1000;
    desk_look(&desk, &request);
    (void)desk_need(&desk, "\"what\":\"dump\"", "failed", "larger");
    assert_false(hb_file_exists(DUMP) || hb_file_exists(PART));
}

static void a_folder_that_is_gone_is_named(void **state)
{
    (void)state;
    desk_start(&desk, HUNG_STRIPPED, "calm");
    struct hb_request request = request_for(desk.child.pid, HB_DUMP_SMALL);

    request.folder = FOLDER "/gone";
    desk_look(&desk, &request);
    (void)desk_need(&desk, "\"what\":\"dump\"", "failed", "gone/dump.dmp.part");
    assert_true(desk_answers(&desk));
}

static void a_process_that_has_ended_has_no_dump(void **state)
{
    (void)state;
    desk_start(&desk, HUNG_STRIPPED, "calm");
    struct hb_request request = request_for(desk.child.pid, HB_DUMP_SMALL);

    system_kill(desk.child.pid);
    (void)system_wait(&desk.child);
    desk.child.pid = 0;
    desk_look(&desk, &request);
    (void)desk_need(&desk, "\"what\":\"dump\"", "skipped", "has ended");
    assert_false(hb_file_exists(DUMP) || hb_file_exists(PART));
}

/* Asked of the folder, where a file stands that nobody may open. */
static bool has_bytes(const char *path)
{
    WIN32_FIND_DATAA found;
    HANDLE search = FindFirstFileA(path, &found);

    if (search == INVALID_HANDLE_VALUE) {
        return false;
    }
    (void)FindClose(search);
    return found.nFileSizeLow > 0;
}

/* The helper is killed as soon as its file has bytes. Who ends it lets go of
 * the threads that it held: the launcher does, this test does not. */
static void a_helper_that_is_killed_leaves_nothing(void **state)
{
    (void)state;
    char pid[16];

    desk_start(&desk, HUNG_STRIPPED, "calm");
    (void)hb_text_format(pid, sizeof(pid), "%u", desk.child.pid);
    const char *const command[] = { HELPER_PATH, "--pid",    pid,
                                    "--dump",    "full",     "--folder",
                                    FOLDER,      "--stacks", NULL };
    struct system_child helper;
    char byte = 0;

    system_start(command, 0, &helper);
    assert_int_equal(system_read(helper.out, &byte, 1), 1);
    while (!has_bytes(PART) && !has_bytes(DUMP)) {
        assert_true(system_is_alive(helper.pid));
    }
    system_kill(helper.pid);
    (void)system_wait(&helper);
    assert_false(hb_file_exists(PART));
}

/* Wine makes no snapshots: one is pretended. The real writer gets the process
 * in its place. */
#define SNAPSHOT ((HANDLE)(uintptr_t)0x5a5a0)

static struct {
    uint32_t captures;
    uint32_t frees;
    uint32_t from_snapshot; /* dumps that were written from it */
    uint32_t in_place;
    bool is_of_use;
    HANDLE process;
} pretended;

static DWORD WINAPI capture(HANDLE process, DWORD what, DWORD contexts,
                            HANDLE *out_snapshot)
{
    assert_ptr_equal(process, pretended.process);
    assert_int_equal(what & 0x181u, 0x181u); /* memory, threads, contexts */
    assert_int_equal(contexts, CONTEXT_ALL);
    pretended.captures++;
    *out_snapshot = SNAPSHOT;
    return ERROR_SUCCESS;
}

static DWORD WINAPI uncapture(HANDLE owner, HANDLE snapshot)
{
    assert_ptr_equal(owner, GetCurrentProcess());
    assert_ptr_equal(snapshot, SNAPSHOT);
    pretended.frees++;
    return ERROR_SUCCESS;
}

/* What the callback says to the question whether it is a snapshot. */
static HRESULT asked(MINIDUMP_CALLBACK_INFORMATION *callback)
{
    MINIDUMP_CALLBACK_INPUT input = { .CallbackType = 16 };
    MINIDUMP_CALLBACK_OUTPUT output = { 0 };

    assert_true(
        callback->CallbackRoutine(callback->CallbackParam, &input, &output));
    return output.Status;
}

static BOOL WINAPI write_dump(HANDLE process, DWORD pid, HANDLE file,
                              MINIDUMP_TYPE kind,
                              MINIDUMP_EXCEPTION_INFORMATION *exception,
                              MINIDUMP_USER_STREAM_INFORMATION *streams,
                              MINIDUMP_CALLBACK_INFORMATION *callback)
{
    (void)exception;
    if (process == SNAPSHOT) {
        assert_int_equal(asked(callback), S_FALSE);
        if (!pretended.is_of_use) {
            SetLastError(ERROR_INVALID_HANDLE);
            return FALSE;
        }
        pretended.from_snapshot++;
    } else {
        assert_int_equal(asked(callback), S_OK);
        pretended.in_place++;
    }
    return hb_dump_writer()(pretended.process, pid, file, kind, NULL, streams,
                            callback);
}

static void dump_with_snapshots(bool is_of_use, uint64_t pointers)
{
    static const struct hb_dump_tools tools = { write_dump, capture,
                                                uncapture };
    struct hb_dump_wish wish = { .depth = HB_DUMP_SMALL,
                                 .path = DUMP,
                                 .pointers = pointers,
                                 .until_ms = UINT64_MAX,
                                 .tools = &tools };
    struct hb_opened opened;
    struct hb_dump_made made = { 0 };
    struct hb_error err = { 0 };
    uint64_t size = 0;

    desk_start(&desk, HUNG_STRIPPED, "calm");
    assert_true(hb_opened_open(desk.child.pid, &opened, &err));
    memset(&pretended, 0, sizeof(pretended));
    pretended.is_of_use = is_of_use;
    pretended.process = opened.process;
    assert_true(hb_dump_write(&opened, &wish, &made, &err));
    assert_int_equal(expect_good_dump(&size), 3);
    assert_int_equal(pretended.frees, pretended.captures);
    hb_opened_close(&opened);
}

static void a_snapshot_is_dumped_where_there_is_one(void **state)
{
    (void)state;
    dump_with_snapshots(true, 0);
    assert_int_equal(pretended.captures, 1);
    assert_int_equal(pretended.from_snapshot, 1);
    assert_int_equal(pretended.in_place, 0);
}

static void a_snapshot_of_no_use_costs_no_dump(void **state)
{
    (void)state;
    dump_with_snapshots(false, 0);
    assert_int_equal(pretended.captures, 1);
    assert_int_equal(pretended.in_place, 1);
}

static void a_crash_is_dumped_in_place(void **state)
{
    (void)state;
    dump_with_snapshots(true, 0x1000);
    assert_int_equal(pretended.captures, 0);
    assert_int_equal(pretended.in_place, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_small_dump_has_every_thread,
                                        make_folder, end_desk),
        cmocka_unit_test_setup_teardown(the_stacks_of_a_dump_are_walked,
                                        make_folder, end_desk),
        cmocka_unit_test_setup_teardown(
            a_full_dump_has_the_memory_but_for_secrets, make_folder, end_desk),
        cmocka_unit_test_setup_teardown(a_dump_that_would_be_too_large_is_none,
                                        make_folder, end_desk),
        cmocka_unit_test_setup_teardown(a_folder_that_is_gone_is_named,
                                        make_folder, end_desk),
        cmocka_unit_test_setup_teardown(a_process_that_has_ended_has_no_dump,
                                        make_folder, end_desk),
        cmocka_unit_test_setup_teardown(a_helper_that_is_killed_leaves_nothing,
                                        make_folder, end_desk),
        cmocka_unit_test_setup_teardown(a_snapshot_is_dumped_where_there_is_one,
                                        make_folder, end_desk),
        cmocka_unit_test_setup_teardown(a_snapshot_of_no_use_costs_no_dump,
                                        make_folder, end_desk),
        cmocka_unit_test_setup_teardown(a_crash_is_dumped_in_place, make_folder,
                                        end_desk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
