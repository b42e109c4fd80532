#include "postmortem/windows/exit_dump.h"

#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

#include "os/windows/widen.h"

/* The name before "-(PID-", and the number behind it; false: no such form. */
static bool split(const wchar_t *file, wchar_t name[128], uint32_t *out_pid)
{
    static const wchar_t mark[] = L"-(PID-";
    const wchar_t *at = wcsstr(file, mark);
    uint32_t pid = 0;

    if (at == NULL || (size_t)(at - file) >= 128) {
        return false;
    }
    (void)_snwprintf(name, 128, L"%.*ls", (int)(at - file), file);
    for (at += wcslen(mark); *at >= L'0' && *at <= L'9'; at++) {
        pid = 10 * pid + (uint32_t)(*at - L'0');
    }
    *out_pid = pid;
    return *at == L')';
}

static void take_file(struct hb_exit_dump *dump, const wchar_t *file,
                      uint32_t pid)
{
    wchar_t name[128];
    uint32_t owner;

    if (!split(file, name, &owner)) {
        return;
    }
    if (owner == pid) {
        (void)_snwprintf(dump->victim, HB_EXIT_DUMP_PATH, L"%ls\\%ls",
                         dump->folder, file);
    } else if (dump->killer_pid == 0) {
        (void)_snwprintf(dump->killer, HB_EXIT_DUMP_PATH, L"%ls\\%ls",
                         dump->folder, file);
        (void)_snwprintf(dump->killer_name, 128, L"%ls", name);
        dump->killer_pid = owner;
    }
}

/* The first match of "FOLDER\PATTERN" of a process. */
static HANDLE search_for(const wchar_t *folder, const wchar_t *pattern,
                         WIN32_FIND_DATAW *out_data)
{
    wchar_t path[HB_EXIT_DUMP_PATH];

    if (wcslen(folder) + MAX_PATH + 2 >= HB_EXIT_DUMP_PATH) {
        return INVALID_HANDLE_VALUE;
    }
    (void)_snwprintf(path, HB_EXIT_DUMP_PATH, L"%ls\\%ls", folder, pattern);
    return FindFirstFileW(path, out_data);
}

static bool find_folder(const char *folder, uint32_t pid,
                        struct hb_exit_dump *dump)
{
    wchar_t *wide = hb_widen(folder);
    wchar_t pattern[64];
    WIN32_FIND_DATAW data;
    HANDLE search = INVALID_HANDLE_VALUE;

    (void)_snwprintf(pattern, 64, L"*-(PID-%lu)-*", (unsigned long)pid);
    if (wide != NULL) {
        search = search_for(wide, pattern, &data);
    }
    if (search != INVALID_HANDLE_VALUE) {
        (void)FindClose(search);
        (void)_snwprintf(dump->folder, HB_EXIT_DUMP_PATH, L"%ls\\%ls", wide,
                         data.cFileName);
    }
    free(wide);
    return search != INVALID_HANDLE_VALUE;
}

bool hb_exit_dump_find(const char *folder, uint32_t pid,
                       struct hb_exit_dump *out_dump)
{
    WIN32_FIND_DATAW data;

    *out_dump = (struct hb_exit_dump){ .killer_pid = 0 };
    if (!find_folder(folder, pid, out_dump)) {
        return false;
    }
    HANDLE search = search_for(out_dump->folder, L"*.dmp", &data);

    if (search == INVALID_HANDLE_VALUE) {
        return true;
    }
    do {
        take_file(out_dump, data.cFileName, pid);
    } while (FindNextFileW(search, &data));
    (void)FindClose(search);
    return true;
}

void hb_exit_dump_remove(const struct hb_exit_dump *dump)
{
    if (dump->victim[0] != L'\0') {
        (void)DeleteFileW(dump->victim);
    }
    if (dump->killer[0] != L'\0') {
        (void)DeleteFileW(dump->killer);
    }
    (void)RemoveDirectoryW(dump->folder);
}
