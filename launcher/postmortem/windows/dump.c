#include "postmortem/windows/dump.h"

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>

#include "core/minidump.h"
#include "os/clock.h"
#include "os/windows/private.h"
#include "os/windows/widen.h"
#include "postmortem/windows/dbghelp.h"
#include "postmortem/windows/secrets.h"

struct writing {
    const struct hb_opened *opened;
    const struct hb_dump_wish *wish;
    const struct hb_dump_tools *tools;
    HANDLE snapshot; /* NULL: the process is dumped in place */
    HANDLE file;
    bool too_large;
};

static uint64_t size_of(HANDLE file)
{
    LARGE_INTEGER size = { 0 };

    return GetFileSizeEx(file, &size) ? (uint64_t)size.QuadPart : 0;
}

static bool may_go_on(void *context)
{
    const struct writing *writing = context;

    return hb_clock_ms() < writing->wish->until_ms;
}

/* Of MINIDUMP_CALLBACK_TYPE, by which the writer asks; older headers end before
 * the second. */
enum { MEMORY_FAILED = 14, IS_SNAPSHOT = 16 };

/* Called between the parts of a dump; handles are one part without an end to
 * wait for, which is why this program can be killed. */
static BOOL CALLBACK ask(void *context, MINIDUMP_CALLBACK_INPUT *const input,
                         MINIDUMP_CALLBACK_OUTPUT *output)
{
    struct writing *writing = context;
    uint64_t most = writing->wish->size_max;

    if (input->CallbackType == CancelCallback) {
        writing->too_large = most > 0 && size_of(writing->file) > most;
        output->CheckCancel = TRUE;
        output->Cancel = writing->too_large || !may_go_on(writing);
    } else if ((int)input->CallbackType == IS_SNAPSHOT) {
        output->Status = writing->snapshot != NULL ? S_FALSE : S_OK;
    } else if ((int)input->CallbackType == MEMORY_FAILED) {
        output->Status = S_OK; /* goes on without it */
    }
    return TRUE;
}

/* The writer's last error is an HRESULT; Wine's is a plain number, and after a
 * failure that it has no word for, none. */
static uint32_t last_result(const struct writing *writing)
{
    DWORD result = GetLastError();

    if (writing->too_large) {
        return HB_DUMP_CANCELLED;
    }
    if (result == 0) {
        return 0x80004005u; /* E_FAIL */
    }
    return result < 0x10000u ? 0x80070000u | result : result;
}

static uint32_t write_once(void *context, uint32_t flags)
{
    struct writing *writing = context;
    MINIDUMP_CALLBACK_INFORMATION callback = { ask, writing };
    LARGE_INTEGER start = { .QuadPart = 0 };
    MINIDUMP_EXCEPTION_INFORMATION exception = {
        .ThreadId = writing->wish->crashed,
        .ExceptionPointers =
            (EXCEPTION_POINTERS *)(uintptr_t)writing->wish->pointers,
        .ClientPointers = TRUE,
    };

    if (!SetFilePointerEx(writing->file, start, NULL, FILE_BEGIN) ||
        !SetEndOfFile(writing->file)) {
        return last_result(writing);
    }
    SetLastError(0);
    HANDLE of = writing->snapshot != NULL ? writing->snapshot
                                          : writing->opened->process;
    if (!writing->tools->write(
            of, writing->opened->pid, writing->file, (MINIDUMP_TYPE)flags,
            exception.ExceptionPointers != NULL ? &exception : NULL, NULL,
            &callback)) {
        return last_result(writing);
    }
    return 0;
}

static bool read_part(void *context, uint64_t at, void *bytes, size_t size)
{
    struct writing *writing = context;
    OVERLAPPED place = { .Offset = (DWORD)at, .OffsetHigh = (DWORD)(at >> 32) };
    DWORD got = 0;

    return ReadFile(writing->file, bytes, (DWORD)size, &got, &place) &&
           got == size;
}

static bool check_part(void *context, struct hb_error *err)
{
    struct writing *writing = context;
    struct hb_minidump_source source = { size_of(writing->file), read_part,
                                         writing };
    struct hb_minidump dump;

    return hb_minidump_open(&source, &dump, err) &&
           hb_minidump_check(&dump, err);
}

/* Also a value that looks like a part of the format is blanked, so what is
 * left is checked again. */
static bool blank_part(struct writing *writing, struct hb_error *err)
{
    struct hb_secrets *secrets = NULL;

    if (!hb_secrets_of_process(writing->opened, writing->wish->redact,
                               writing->wish->redact_count, &secrets, err)) {
        return false;
    }
    bool ok = secrets == NULL ||
              (hb_secrets_blank_file(secrets, writing->file, err) &&
               check_part(writing, err));

    hb_secrets_free(secrets);
    return ok;
}

/* False if there is no snapshot, or nothing could be written from it. */
static bool try_snapshot(struct writing *writing,
                         const struct hb_dump_calls *calls,
                         struct hb_dump_made *made)
{
    struct hb_error ignored = { 0 };
    uint64_t from_ns = hb_clock_ns();
    bool ok = false;

    if (writing->wish->pointers != 0) {
        return false;
    }
    writing->snapshot =
        hb_snapshot_take(writing->tools, writing->opened->process,
                         writing->opened->may_duplicate);
    made->pause_us = (hb_clock_ns() - from_ns) / 1000u;
    if (writing->snapshot != NULL) {
        ok = hb_dump_try(calls, writing->wish->depth, &made->tried, &ignored);
    }
    hb_snapshot_free(writing->tools, writing->snapshot);
    writing->snapshot = NULL;
    return ok;
}

static bool try_in_place(struct writing *writing,
                         const struct hb_dump_calls *calls,
                         struct hb_dump_made *made, struct hb_error *err)
{
    uint64_t from_ns = hb_clock_ns();
    bool ok = !writing->too_large &&
              hb_dump_try(calls, writing->wish->depth, &made->tried, err);

    made->pause_us += (hb_clock_ns() - from_ns) / 1000u;
    return ok;
}

static bool write_part(struct writing *writing, struct hb_dump_made *made,
                       struct hb_error *err)
{
    struct hb_dump_calls calls = { write_once, check_part, may_go_on, writing };

    if (!try_snapshot(writing, &calls, made) &&
        !try_in_place(writing, &calls, made, err)) {
        if (writing->too_large) {
            return hb_fail(err, HB_ERR_WRITE, 0,
                           "the dump would be larger than the %llu bytes that "
                           "it may take",
                           (unsigned long long)writing->wish->size_max);
        }
        return false;
    }
    made->bytes = size_of(writing->file);
    if (writing->wish->size_max > 0 && made->bytes > writing->wish->size_max) {
        return hb_fail(err, HB_ERR_WRITE, 0,
                       "the dump of %llu bytes is larger than it may be",
                       (unsigned long long)made->bytes);
    }
    return blank_part(writing, err);
}

/* While this is on, the end of this program is the end of the file. Nobody can
 * open it by its name meanwhile, and neither can we. (A file that is created
 * with FILE_FLAG_DELETE_ON_CLOSE could not be kept; so a kill between creation
 * and this call leaves an empty one.) */
static bool delete_at_close(HANDLE file, BOOL on)
{
    FILE_DISPOSITION_INFO info = { (BOOLEAN)on };

    return SetFileInformationByHandle(file, FileDispositionInfo, &info,
                                      sizeof(info)) != FALSE;
}

/* Somebody else may hold a fresh file for some milliseconds. */
static bool rename_part(const wchar_t *part, const wchar_t *path,
                        struct hb_error *err)
{
    enum { TRIES = 20, PAUSE_MS = 10 };

    for (int i = 0; !MoveFileExW(part, path, MOVEFILE_REPLACE_EXISTING); i++) {
        DWORD why = GetLastError();

        if (i == TRIES) {
            (void)DeleteFileW(part);
            return hb_fail(err, HB_ERR_WRITE, (long)why,
                           "the dump cannot get its name");
        }
        (void)SleepEx(PAUSE_MS, FALSE);
    }
    return true;
}

static bool open_part(struct writing *writing, const wchar_t *part,
                      struct hb_error *err)
{
    writing->file = CreateFileW(part, GENERIC_READ | GENERIC_WRITE | DELETE,
                                FILE_SHARE_READ | FILE_SHARE_DELETE,
                                hb_private_attributes(), CREATE_ALWAYS,
                                FILE_ATTRIBUTE_NORMAL, NULL);
    if (writing->file == INVALID_HANDLE_VALUE) {
        return hb_fail(err, HB_ERR_WRITE, (long)GetLastError(),
                       "cannot create '%s.part'", writing->wish->path);
    }
    if (!delete_at_close(writing->file, TRUE)) {
        (void)hb_fail(err, HB_ERR_WRITE, (long)GetLastError(),
                      "cannot mark '%s.part'", writing->wish->path);
        (void)CloseHandle(writing->file);
        (void)DeleteFileW(part);
        return false;
    }
    return true;
}

static bool write_and_name(struct writing *writing, const wchar_t *part,
                           const wchar_t *path, struct hb_dump_made *made,
                           struct hb_error *err)
{
    if (!open_part(writing, part, err)) {
        return false;
    }
    bool ok = write_part(writing, made, err);

    if (ok && !delete_at_close(writing->file, FALSE)) {
        ok = hb_fail(err, HB_ERR_WRITE, (long)GetLastError(),
                     "cannot keep '%s.part'", writing->wish->path);
    }
    (void)CloseHandle(writing->file);
    return ok && rename_part(part, path, err);
}

static wchar_t *beside(const wchar_t *path)
{
    size_t room = wcslen(path) + 6;
    wchar_t *part = malloc(room * sizeof(*part));

    if (part != NULL) {
        (void)_snwprintf(part, room, L"%ls.part", path);
    }
    return part;
}

bool hb_dump_write(const struct hb_opened *opened,
                   const struct hb_dump_wish *wish,
                   struct hb_dump_made *out_made, struct hb_error *err)
{
    struct writing writing = { .opened = opened,
                               .wish = wish,
                               .tools = wish->tools != NULL ? wish->tools
                                                            : hb_dump_tools() };
    struct hb_dump_made made = { 0 };
    wchar_t *path = NULL;

    if (writing.tools->write == NULL) {
        return hb_fail(err, HB_ERR_WRITE, 0,
                       "this system has no MiniDumpWriteDump");
    }
    if (!hb_widen_path(wish->path, &path, err)) {
        return false;
    }
    wchar_t *part = beside(path);
    bool ok = part != NULL ? write_and_name(&writing, part, path, &made, err)
                           : hb_fail_memory(err);

    free(part);
    free(path);
    if (ok) {
        *out_made = made;
    }
    return ok;
}
