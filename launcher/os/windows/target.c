#include "os/windows/target.h"

#include <stdlib.h>
#include <windows.h>

#include "os/file.h"
#include "os/windows/widen.h"

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

/* Follows links; INVALID_HANDLE_VALUE with the last error set. */
static HANDLE open_there(const wchar_t *path, DWORD access)
{
    return CreateFileW(path, access, SHARE_ALL, NULL, OPEN_EXISTING,
                       FILE_FLAG_BACKUP_SEMANTICS, NULL);
}

/* The path without links and short names; NULL with the last error set. */
static wchar_t *resolve(const wchar_t *path)
{
    HANDLE file = open_there(path, FILE_READ_ATTRIBUTES);
    wchar_t *final = NULL;
    DWORD room = 0;

    if (file == INVALID_HANDLE_VALUE) {
        return NULL;
    }
    room = GetFinalPathNameByHandleW(file, NULL, 0, VOLUME_NAME_DOS);
    final = room == 0 ? NULL : malloc(((size_t)room + 1) * sizeof(*final));
    if (final != NULL && GetFinalPathNameByHandleW(file, final, room + 1,
                                                   VOLUME_NAME_DOS) > room) {
        free(final); /* renamed in between */
        final = NULL;
    }
    (void)CloseHandle(file);
    return final;
}

static bool refuse(const char *path, const char *why, struct hb_error *err)
{
    return hb_fail(err, HB_ERR_WRITE, 0, "cannot replace '%s': %s", path, why);
}

/* Of a file that exists. */
static bool may_replace(const char *path, DWORD attributes,
                        struct hb_error *err)
{
    if ((attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
        return refuse(path, "it is no regular file", err);
    }
    return (attributes & FILE_ATTRIBUTE_READONLY) == 0 ||
           refuse(path, "it is read-only", err);
}

/* "\\.\NUL", "\\.\pipe\name": what GetFullPathName() makes of such names. */
static bool is_device(const wchar_t *path)
{
    return wcsncmp(path, L"\\\\.\\", 4) == 0;
}

bool hb_target_find(const char *path, wchar_t **out_target,
                    struct hb_error *err)
{
    wchar_t *target = NULL;
    bool ok = false;

    if (!hb_widen_path(path, &target, err)) {
        return false;
    }
    DWORD attributes = GetFileAttributesW(target);
    if (is_device(target)) {
        ok = refuse(path, "it is no regular file", err);
    } else if (attributes == INVALID_FILE_ATTRIBUTES) {
        ok = true; /* it is made, or says itself why not */
    } else if ((attributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0) {
        ok = may_replace(path, attributes, err);
    } else {
        wchar_t *linked = resolve(target);

        free(target);
        target = linked;
        ok = linked != NULL
                 ? may_replace(path, GetFileAttributesW(linked), err)
                 : hb_fail(err, HB_ERR_WRITE, (long)GetLastError(),
                           "cannot replace '%s': a link to nothing", path);
    }
    if (!ok) {
        free(target);
        return false;
    }
    *out_target = target;
    return true;
}

/* Cuts `target` before its last name, which it returns; what is left ends
 * with the separator, so that "C:\" stays a folder. */
static wchar_t *split(wchar_t *target, wchar_t **out_name)
{
    wchar_t *separator = wcsrchr(target, L'\\'); /* it is absolute */
    size_t length = (size_t)(separator - target) + 1;
    wchar_t *folder = malloc((length + 1) * sizeof(*folder));

    if (folder != NULL) {
        wmemcpy(folder, target, length);
        folder[length] = L'\0';
    }
    *out_name = separator + 1;
    return folder;
}

bool hb_file_check(const char *path, struct hb_error *err)
{
    wchar_t *target = NULL;
    wchar_t *folder = NULL;
    wchar_t *name = NULL;
    HANDLE opened = INVALID_HANDLE_VALUE;
    bool ok = false;

    if (!hb_target_find(path, &target, err)) {
        return false;
    }
    folder = split(target, &name);
    if (folder == NULL) {
        (void)hb_fail_memory(err);
        goto out;
    }
    if (name[0] == L'\0') {
        (void)hb_fail(err, HB_ERR_WRITE, 0,
                      "cannot write '%s': it is no name of a file", path);
        goto out;
    }
    opened = open_there(folder, FILE_ADD_FILE);
    if (opened == INVALID_HANDLE_VALUE) {
        DWORD why = GetLastError();

        (void)hb_fail(err, HB_ERR_WRITE, (long)why, "cannot write '%s': %s",
                      path,
                      why == ERROR_ACCESS_DENIED ? "its folder takes no files"
                                                 : "its folder is missing");
        goto out;
    }
    (void)CloseHandle(opened);
    ok = true;

out:
    free(folder);
    free(target);
    return ok;
}

/* Where a file is or would be made: the folder's identity and the name. */
struct place {
    wchar_t *target;
    wchar_t *name; /* of `target` */
    BY_HANDLE_FILE_INFORMATION folder;
};

static bool locate(const char *path, struct place *place)
{
    struct hb_error ignored;
    bool ok = false;

    if (!hb_target_find(path, &place->target, &ignored)) {
        return false;
    }
    wchar_t *resolved = resolve(place->target);
    if (resolved != NULL) { /* it exists, perhaps under a longer name */
        free(place->target);
        place->target = resolved;
    }
    wchar_t *folder = split(place->target, &place->name);
    HANDLE opened = folder == NULL ? INVALID_HANDLE_VALUE
                                   : open_there(folder, FILE_READ_ATTRIBUTES);
    if (opened != INVALID_HANDLE_VALUE) {
        ok = GetFileInformationByHandle(opened, &place->folder) != FALSE;
        (void)CloseHandle(opened);
    }
    free(folder);
    return ok;
}

static bool is_same(const struct place *one, const struct place *other)
{
    return one->folder.dwVolumeSerialNumber ==
               other->folder.dwVolumeSerialNumber &&
           one->folder.nFileIndexHigh == other->folder.nFileIndexHigh &&
           one->folder.nFileIndexLow == other->folder.nFileIndexLow &&
           CompareStringOrdinal(one->name, -1, other->name, -1, TRUE) ==
               CSTR_EQUAL;
}

bool hb_file_same(const char *one, const char *other)
{
    struct place first = { 0 };
    struct place second = { 0 };
    bool same = locate(one, &first) && locate(other, &second) &&
                is_same(&first, &second);

    free(first.target);
    free(second.target);
    return same;
}
