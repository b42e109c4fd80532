#include <stdlib.h>
#include <string.h>

#include "os/windows/spawn.h"
#include "os/windows/widen.h"

static bool is_file(const wchar_t *path)
{
    DWORD attributes = GetFileAttributesW(path);

    return attributes != INVALID_FILE_ATTRIBUTES &&
           (attributes & FILE_ATTRIBUTE_DIRECTORY) == 0;
}

static bool ends_with(const wchar_t *text, const wchar_t *end)
{
    size_t length = wcslen(text);
    size_t size = wcslen(end);

    return length > size && _wcsicmp(text + length - size, end) == 0;
}

bool hb_program_is_batch(const wchar_t *file)
{
    return ends_with(file, L".bat") || ends_with(file, L".cmd");
}

/* "folder\name.end" if that is a file. The caller owns it. */
static wchar_t *try_one(const wchar_t *folder, size_t length,
                        const wchar_t *name, const wchar_t *end)
{
    size_t room = length + wcslen(name) + wcslen(end) + 2;
    wchar_t *path = malloc(room * sizeof(*path));

    if (path == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    (void)_snwprintf(path, room, L"%.*ls%ls%ls%ls", (int)length, folder,
                     length == 0 ? L"" : L"\\", name, end);
    if (is_file(path)) {
        return path;
    }
    free(path);
    return NULL;
}

/* The name as it is comes first, so that a program without ".exe" is found
 * where its full path is given. */
static wchar_t *try_ends(const wchar_t *folder, size_t length,
                         const wchar_t *name)
{
    static const wchar_t *const ends[] = { L"", L".exe", L".com" };
    wchar_t *path = NULL;

    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends) && path == NULL; i++) {
        path = try_one(folder, length, name, ends[i]);
    }
    return path;
}

static wchar_t *read_path(void)
{
    DWORD room = GetEnvironmentVariableW(L"PATH", NULL, 0);
    wchar_t *path = room == 0 ? NULL : malloc(room * sizeof(*path));

    if (path != NULL && GetEnvironmentVariableW(L"PATH", path, room) >= room) {
        path[0] = L'\0';
    }
    return path;
}

/* Entries may stand in quotes, which then may hold a semicolon. */
static const wchar_t *next_entry(const wchar_t *at, const wchar_t **out_begin,
                                 size_t *out_length)
{
    wchar_t stop = L';';

    if (*at == L'"') {
        at++;
        stop = L'"';
    }
    *out_begin = at;
    while (*at != L'\0' && *at != stop) {
        at++;
    }
    *out_length = (size_t)(at - *out_begin);
    while (*at != L'\0' && *at != L';') {
        at++;
    }
    return *at == L';' ? at + 1 : at;
}

static wchar_t *search_path(const wchar_t *name)
{
    wchar_t *path = read_path();
    wchar_t *found = NULL;

    for (const wchar_t *at = path; at != NULL && *at != L'\0' && !found;) {
        const wchar_t *entry = NULL;
        size_t length = 0;

        at = next_entry(at, &entry, &length);
        if (length > 0 && length < 32768) {
            found = try_ends(entry, length, name);
        }
    }
    free(path);
    return found;
}

static wchar_t *copy(const wchar_t *text)
{
    size_t size = (wcslen(text) + 1) * sizeof(*text);
    wchar_t *twin = malloc(size);

    if (twin != NULL) {
        memcpy(twin, text, size);
    }
    return twin;
}

static bool exists(const wchar_t *path)
{
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

/* Why there is no file at a path. Some reasons are worth more to people than
 * that it was not found. */
static DWORD path_trouble(const wchar_t *path)
{
    if (exists(path)) {
        return ERROR_FILE_NOT_FOUND;
    }
    DWORD why = GetLastError();

    return why == ERROR_ACCESS_DENIED || why == ERROR_FILENAME_EXCED_RANGE ||
                   why == ERROR_CANT_RESOLVE_FILENAME
               ? why
               : ERROR_FILE_NOT_FOUND;
}

wchar_t *hb_program_find(const char *name)
{
    wchar_t *wide = hb_widen(name);
    wchar_t *found = NULL;
    DWORD why = ERROR_FILE_NOT_FOUND;

    if (wide == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    if (wcspbrk(wide, L"\\/:") == NULL) {
        found = search_path(wide);
    } else {
        found = try_ends(L"", 0, wide);
        if (found == NULL && exists(wide)) {
            found = copy(wide); /* a folder, which the start will say */
        }
        why = found == NULL ? path_trouble(wide) : why;
    }
    free(wide);
    if (found == NULL) {
        SetLastError(why);
    }
    return found;
}
