#include "os/file.h"

#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "os/windows/private.h"
#include "os/windows/widen.h"

static bool is_folder(const wchar_t *path)
{
    DWORD attributes = GetFileAttributesW(path);

    return attributes != INVALID_FILE_ATTRIBUTES &&
           (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

static bool make_one(const wchar_t *path, struct hb_error *err)
{
    char name[256];

    if (CreateDirectoryW(path, hb_private_attributes())) {
        return true;
    }
    DWORD why = GetLastError();
    if (is_folder(path)) { /* whatever was said: it exists, or is a drive */
        return true;
    }
    /* Without the "\\?\" that nobody typed. */
    hb_narrow_into(name, sizeof(name),
                   wcsncmp(path, L"\\\\?\\", 4) == 0 ? path + 4 : path);
    if (why == ERROR_ALREADY_EXISTS) {
        return hb_fail(err, HB_ERR_WRITE, 0,
                       "cannot make a folder of '%s': it is a file", name);
    }
    return hb_fail(err, HB_ERR_WRITE, (long)why, "cannot make the folder '%s'",
                   name);
}

/* Where the names of folders begin: behind "\\?\C:\" or
 * "\\?\UNC\server\share\". */
static wchar_t *first_name(wchar_t *path)
{
    size_t skip = 7;

    if (wcsncmp(path, L"\\\\?\\UNC\\", 8) == 0) {
        wchar_t *share = wcschr(path + 8, L'\\');
        wchar_t *end = share == NULL ? NULL : wcschr(share + 1, L'\\');

        return end == NULL ? path + wcslen(path) : end + 1;
    }
    return wcslen(path) < skip ? path + wcslen(path) : path + skip;
}

/* From the top down: a file in the way is met before anything below it. */
static bool make_all(wchar_t *path, struct hb_error *err)
{
    for (wchar_t *at = first_name(path); *at != L'\0'; at++) {
        if (*at != L'\\' || at[-1] == L'\\') {
            continue;
        }
        *at = L'\0';
        bool ok = make_one(path, err);
        *at = L'\\';
        if (!ok) {
            return false;
        }
    }
    return make_one(path, err);
}

bool hb_folder_make(const char *path, struct hb_error *err)
{
    wchar_t *wide = NULL;

    if (path[0] == '\0') {
        return hb_fail(err, HB_ERR_WRITE, ERROR_PATH_NOT_FOUND,
                       "cannot make the folder ''");
    }
    if (!hb_widen_path(path, &wide, err)) {
        return false;
    }
    /* Mostly only the last one is missing. */
    bool ok =
        CreateDirectoryW(wide, hb_private_attributes()) || make_all(wide, err);
    free(wide);
    return ok;
}

static bool copy_out(const char *path, char *target, size_t size,
                     struct hb_error *err)
{
    size_t length = strlen(path);

    if (length >= size) {
        return hb_fail(err, HB_ERR_READ, 0, "path too long: '%.80s...'", path);
    }
    memcpy(target, path, length + 1);
    return true;
}

bool hb_path_current(char *target, size_t size, struct hb_error *err)
{
    return hb_path_absolute(".", target, size, err);
}

bool hb_path_absolute(const char *path, char *target, size_t size,
                      struct hb_error *err)
{
    wchar_t *wide = hb_widen(path);
    wchar_t *full = NULL;
    char *narrow = NULL;
    bool ok = false;

    if (wide == NULL) {
        return hb_fail_memory(err);
    }
    DWORD room = GetFullPathNameW(wide, 0, NULL, NULL);
    full = malloc(((size_t)room + 1) * sizeof(*full));
    if (full == NULL) {
        (void)hb_fail_memory(err);
        goto out;
    }
    DWORD length = GetFullPathNameW(wide, room, full, NULL);
    if (length == 0 || length >= room) {
        (void)hb_fail(err, HB_ERR_READ, (long)GetLastError(), "'%s' is no path",
                      path);
        goto out;
    }
    narrow = hb_narrow(full);
    ok = narrow == NULL ? hb_fail_memory(err)
                        : copy_out(narrow, target, size, err);

out:
    free(narrow);
    free(full);
    free(wide);
    return ok;
}
