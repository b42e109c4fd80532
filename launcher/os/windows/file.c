#include "os/file.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

#include "os/windows/bytes.h"
#include "os/windows/private.h"
#include "os/windows/widen.h"

/* Virus scanners and indexers hold a fresh file for some milliseconds. */
#define RENAME_TRIES 20
#define RENAME_PAUSE_MS 10

bool hb_write_all(HANDLE file, const void *bytes, size_t size)
{
    const char *from = bytes;

    while (size > 0) {
        DWORD part = size < 0x4000000u ? (DWORD)size : 0x4000000u;
        DWORD written = 0;

        if (!WriteFile(file, from, part, &written, NULL)) {
            return false;
        }
        from += written;
        size -= written;
    }
    return true;
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
                       "cannot create '%s' under a temporary name", path);
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
    wchar_t *wide = NULL;
    wchar_t *temp = NULL;
    bool ok = false;

    if (!hb_widen_path(path, &wide, err)) {
        goto out;
    }
    temp = beside(wide);
    if (temp == NULL) {
        (void)hb_fail_memory(err);
        goto out;
    }
    if (!write_new(temp, bytes, size, path, err)) {
        goto out;
    }
    if (!rename_over(temp, wide)) {
        (void)hb_fail(err, HB_ERR_WRITE, (long)GetLastError(),
                      "cannot replace '%s'", path);
        (void)DeleteFileW(temp);
        goto out;
    }
    ok = true;

out:
    free(temp);
    free(wide);
    return ok;
}

/* Grows by doubling up to one byte beyond the cap, which tells a file that
 * just fits from one that does not. */
static bool make_room(char **bytes, size_t size, size_t *room, size_t cap)
{
    if (*bytes != NULL && size < *room) {
        return true;
    }
    size_t wanted = *room == 0 ? 4096 : *room * 2;
    if (wanted > cap + 1) {
        wanted = cap + 1;
    }
    char *bigger = realloc(*bytes, wanted + 1); /* and the NUL */
    if (bigger == NULL) {
        return false;
    }
    *bytes = bigger;
    *room = wanted;
    return true;
}

static bool read_all(HANDLE file, const char *path, size_t cap, char **bytes,
                     size_t *out_size, struct hb_error *err)
{
    size_t room = 0;
    size_t size = 0;

    for (;;) {
        DWORD got = 0;

        if (!make_room(bytes, size, &room, cap)) {
            return hb_fail_memory(err);
        }
        size_t part = room - size < 0x4000000u ? room - size : 0x4000000u;
        if (!ReadFile(file, *bytes + size, (DWORD)part, &got, NULL) &&
            GetLastError() != ERROR_BROKEN_PIPE) { /* a pipe that ended */
            return hb_fail(err, HB_ERR_READ, (long)GetLastError(),
                           "cannot read '%s'", path);
        }
        if (got == 0) {
            break;
        }
        size += got;
        if (size > cap) {
            return hb_fail(err, HB_ERR_READ, ERROR_FILE_TOO_LARGE,
                           "'%s' is longer than %zu bytes", path, cap);
        }
    }
    (*bytes)[size] = '\0';
    *out_size = size;
    return true;
}

bool hb_file_read(const char *path, size_t cap, char **out_bytes,
                  size_t *out_size, struct hb_error *err)
{
    wchar_t *wide = NULL;
    char *bytes = NULL;
    HANDLE file = INVALID_HANDLE_VALUE;
    bool ok = false;

    if (!hb_widen_path(path, &wide, err)) {
        goto out;
    }
    file = CreateFileW(wide, GENERIC_READ,
                       FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                       NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        (void)hb_fail(err, HB_ERR_READ, (long)GetLastError(),
                      "cannot open '%s'", path);
        goto out;
    }
    if (!read_all(file, path, cap, &bytes, out_size, err)) {
        goto out;
    }
    *out_bytes = bytes;
    bytes = NULL;
    ok = true;

out:
    free(bytes);
    if (file != INVALID_HANDLE_VALUE) {
        (void)CloseHandle(file);
    }
    free(wide);
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
