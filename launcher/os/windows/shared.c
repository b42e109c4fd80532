#include "os/shared.h"

#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "base/text.h"
#include "os/clock.h"
#include "os/windows/private.h"
#include "os/windows/widen.h"

/* Nothing tells when another process closes a file. */
#define TRY_EVERY_MS 5u

static void tell_found(const WIN32_FIND_DATAW *found, hb_tell_entry *tell,
                       void *context, bool *more)
{
    char name[1024];
    DWORD attributes = found->dwFileAttributes;
    bool is_link = (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
    bool is_folder = (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
    const struct hb_entry entry = {
        .name = name,
        .is_folder = is_folder && !is_link,
        .is_file = !is_folder && !is_link,
        .size = (uint64_t)found->nFileSizeHigh << 32 | found->nFileSizeLow,
    };

    hb_narrow_into(name, sizeof(name), found->cFileName);
    if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
        *more = tell(context, &entry);
    }
}

void hb_folder_list(const char *path, hb_tell_entry *tell, void *context)
{
    char pattern[4096];
    wchar_t *wide = NULL;
    struct hb_error ignored;
    WIN32_FIND_DATAW found;
    HANDLE search;
    bool more = true;

    if (!hb_text_format(pattern, sizeof(pattern), "%s/*", path) ||
        !hb_widen_path(pattern, &wide, &ignored)) {
        return;
    }
    search = FindFirstFileW(wide, &found);
    free(wide);
    if (search == INVALID_HANDLE_VALUE) {
        return;
    }
    do {
        tell_found(&found, tell, context, &more);
    } while (more && FindNextFileW(search, &found));
    (void)FindClose(search);
}

bool hb_folder_room(const char *path, uint64_t *out_free, uint64_t *out_total)
{
    wchar_t *wide = hb_widen(path);
    ULARGE_INTEGER free_bytes;
    ULARGE_INTEGER total;
    bool ok =
        wide != NULL && GetDiskFreeSpaceExW(wide, &free_bytes, &total, NULL);

    free(wide);
    if (ok) {
        *out_free = free_bytes.QuadPart;
        *out_total = total.QuadPart;
    }
    return ok;
}

bool hb_file_rename(const char *from, const char *to, struct hb_error *err)
{
    wchar_t *wide_from = NULL;
    wchar_t *wide_to = NULL;
    bool ok = hb_widen_path(from, &wide_from, err) &&
              hb_widen_path(to, &wide_to, err) &&
              (MoveFileExW(wide_from, wide_to, MOVEFILE_REPLACE_EXISTING) ||
               hb_fail(err, HB_ERR_WRITE, (long)GetLastError(),
                       "cannot make '%s'", to));

    free(wide_from);
    free(wide_to);
    return ok;
}

/* Ticks of 100 ns from 1601 to 1970. */
#define TICKS_TO_1970 UINT64_C(116444736000000000)

int64_t hb_file_time_ms(const char *path)
{
    WIN32_FILE_ATTRIBUTE_DATA about;
    wchar_t *wide = NULL;
    struct hb_error ignored;
    uint64_t ticks = 0;

    if (hb_widen_path(path, &wide, &ignored) &&
        GetFileAttributesExW(wide, GetFileExInfoStandard, &about)) {
        ticks = (uint64_t)about.ftLastWriteTime.dwHighDateTime << 32 |
                about.ftLastWriteTime.dwLowDateTime;
    }
    free(wide);
    return ticks > TICKS_TO_1970 ? (int64_t)((ticks - TICKS_TO_1970) / 10000)
                                 : 0;
}

struct hb_lock {
    HANDLE file;
    wchar_t *path;
};

static HANDLE open_alone(const wchar_t *path, DWORD how)
{
    return CreateFileW(path, GENERIC_READ | GENERIC_WRITE | DELETE,
                       FILE_SHARE_DELETE, hb_private_attributes(), how,
                       FILE_ATTRIBUTE_NORMAL, NULL);
}

bool hb_lock_take(const char *path, uint32_t wait_ms, struct hb_lock **out_lock,
                  struct hb_error *err)
{
    uint64_t until_ms = hb_clock_ms() + wait_ms;
    struct hb_lock *lock = calloc(1, sizeof(*lock));

    if (lock == NULL) {
        return hb_fail_memory(err);
    }
    if (!hb_widen_path(path, &lock->path, err)) {
        free(lock);
        return false;
    }
    while ((lock->file = open_alone(lock->path, OPEN_ALWAYS)) ==
           INVALID_HANDLE_VALUE) {
        DWORD why = GetLastError();

        if ((why != ERROR_SHARING_VIOLATION && why != ERROR_ACCESS_DENIED) ||
            hb_clock_ms() >= until_ms) {
            free(lock->path);
            free(lock);
            return hb_fail(err, HB_ERR_WRITE, (long)why, "cannot lock '%s'",
                           path);
        }
        (void)SleepEx(TRY_EVERY_MS, FALSE);
    }
    *out_lock = lock;
    return true;
}

void hb_lock_free(struct hb_lock *lock, bool remove)
{
    if (lock == NULL) {
        return;
    }
    if (remove) {
        (void)DeleteFileW(lock->path); /* goes when it is closed */
    }
    (void)CloseHandle(lock->file);
    free(lock->path);
    free(lock);
}

bool hb_lock_is_held(const char *path)
{
    struct hb_error ignored;
    wchar_t *wide = NULL;
    HANDLE file = INVALID_HANDLE_VALUE;
    bool held = false;

    if (!hb_widen_path(path, &wide, &ignored)) {
        return false;
    }
    file = open_alone(wide, OPEN_EXISTING);
    held = file == INVALID_HANDLE_VALUE &&
           GetLastError() == ERROR_SHARING_VIOLATION;
    if (file != INVALID_HANDLE_VALUE) {
        (void)CloseHandle(file);
    }
    free(wide);
    return held;
}
