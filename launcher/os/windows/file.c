#include "os/file.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

#include "os/windows/bytes.h"
#include "os/windows/private.h"
#include "os/windows/target.h"
#include "os/windows/widen.h"

/* Virus scanners and indexers hold a fresh file for some milliseconds. */
#define RENAME_TRIES 20
#define RENAME_PAUSE_MS 10

bool hb_write_counted(HANDLE file, const void *bytes, size_t size,
                      size_t *out_written)
{
    const char *from = bytes;

    *out_written = 0;
    while (*out_written < size) {
        size_t left = size - *out_written;
        DWORD part = left < 0x4000000u ? (DWORD)left : 0x4000000u;
        DWORD written = 0;

        if (!WriteFile(file, from + *out_written, part, &written, NULL)) {
            return false;
        }
        *out_written += written;
    }
    return true;
}

bool hb_write_all(HANDLE file, const void *bytes, size_t size)
{
    size_t written;

    return hb_write_counted(file, bytes, size, &written);
}

static bool in_the_way(DWORD why)
{
    return why == ERROR_SHARING_VIOLATION || why == ERROR_ACCESS_DENIED ||
           why == ERROR_LOCK_VIOLATION;
}

static bool is_folder(const wchar_t *path)
{
    DWORD attributes = GetFileAttributesW(path);

    return attributes != INVALID_FILE_ATTRIBUTES &&
           (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

static bool rename_over(const wchar_t *from, const wchar_t *to)
{
    for (int i = 0; i < RENAME_TRIES; i++) {
        if (MoveFileExW(from, to, MOVEFILE_REPLACE_EXISTING)) {
            return true;
        }
        DWORD why = GetLastError();

        if (!in_the_way(why) || is_folder(to) || i + 1 == RENAME_TRIES) {
            SetLastError(why);
            return false;
        }
        /* Nothing tells when another program closes a file. */
        (void)SleepEx(RENAME_PAUSE_MS, FALSE);
    }
    return false;
}

static wchar_t *beside(const wchar_t *path)
{
    size_t room = wcslen(path) + 32;
    wchar_t *temp = malloc(room * sizeof(*temp));

    if (temp != NULL) {
        (void)_snwprintf(temp, room, L"%ls.%lu.tmp", path,
                         GetCurrentProcessId());
    }
    return temp;
}

/* Writes a new file; on failure nothing is left of it. */
static bool write_new(const wchar_t *temp, const void *bytes, size_t size,
                      const char *path, struct hb_error *err)
{
    HANDLE file = CreateFileW(
        temp, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_DELETE,
        hb_private_attributes(), CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);

    if (file == INVALID_HANDLE_VALUE) {
        return hb_fail(err, HB_ERR_WRITE, (long)GetLastError(),
                       "cannot create '%s'", path);
    }
    bool ok = hb_write_all(file, bytes, size) ||
              hb_fail(err, HB_ERR_WRITE, (long)GetLastError(),
                      "cannot write '%s'", path);
    (void)CloseHandle(file);
    if (!ok) {
        (void)DeleteFileW(temp);
    }
    return ok;
}

bool hb_file_replace(const char *path, const void *bytes, size_t size,
                     struct hb_error *err)
{
    wchar_t *target = NULL;
    wchar_t *temp = NULL;
    bool ok = false;

    if (!hb_target_find(path, &target, err)) {
        goto out;
    }
    temp = beside(target);
    if (temp == NULL) {
        (void)hb_fail_memory(err);
        goto out;
    }
    if (!write_new(temp, bytes, size, path, err)) {
        goto out;
    }
    if (!rename_over(temp, target)) {
        (void)hb_fail(err, HB_ERR_WRITE, (long)GetLastError(),
                      "cannot replace '%s'", path);
        (void)DeleteFileW(temp);
        goto out;
    }
    ok = true;

out:
    free(temp);
    free(target);
    return ok;
}

static bool set_size(HANDLE file, uint64_t size)
{
    LARGE_INTEGER place = { .QuadPart = (LONGLONG)size };

    return SetFilePointerEx(file, place, NULL, FILE_BEGIN) &&
           SetEndOfFile(file);
}

/* A file that grows gets its room before anything is written. */
static bool write_over(HANDLE file, const void *bytes, size_t size)
{
    LARGE_INTEGER old = { 0 };
    LARGE_INTEGER start = { 0 };

    return GetFileSizeEx(file, &old) &&
           (size <= (uint64_t)old.QuadPart || set_size(file, size)) &&
           SetFilePointerEx(file, start, NULL, FILE_BEGIN) &&
           hb_write_all(file, bytes, size) && SetEndOfFile(file);
}

bool hb_file_overwrite(const char *path, const void *bytes, size_t size,
                       struct hb_error *err)
{
    wchar_t *wide = NULL;

    if (!hb_widen_path(path, &wide, err)) {
        return false;
    }
    HANDLE file =
        CreateFileW(wide, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_DELETE,
                    NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    DWORD why = GetLastError();

    free(wide);
    if (file == INVALID_HANDLE_VALUE) {
        return hb_fail(err, HB_ERR_WRITE, (long)why, "cannot open '%s'", path);
    }
    bool ok = write_over(file, bytes, size) ||
              hb_fail(err, HB_ERR_WRITE, (long)GetLastError(),
                      "cannot write '%s'", path);
    (void)CloseHandle(file);
    return ok;
}

bool hb_file_exists(const char *path)
{
    struct hb_error ignored;
    wchar_t *wide = NULL;

    if (!hb_widen_path(path, &wide, &ignored)) {
        return false;
    }
    bool exists = GetFileAttributesW(wide) != INVALID_FILE_ATTRIBUTES;
    free(wide);
    return exists;
}

void hb_file_remove(const char *path)
{
    struct hb_error ignored;
    wchar_t *wide = NULL;

    if (hb_widen_path(path, &wide, &ignored)) {
        (void)DeleteFileW(wide);
        free(wide);
    }
}

void hb_folder_remove(const char *path)
{
    struct hb_error ignored;
    wchar_t *wide = NULL;

    if (hb_widen_path(path, &wide, &ignored)) {
        (void)RemoveDirectoryW(wide);
        free(wide);
    }
}
