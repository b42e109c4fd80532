#include "postmortem/windows/dead_dump.h"

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>

#include "base/text.h"
#include "core/minidump.h"
#include "os/windows/widen.h"
#include "postmortem/dump_file.h"
#include "postmortem/evidence.h"
#include "postmortem/windows/exit_dump.h"
#include "postmortem/windows/secrets.h"
#include "postmortem/windows/walk_dump.h"

#define PATH_ROOM 1024

/* The first file of the process in a folder. */
static bool find_in(const char *folder, uint32_t pid, wchar_t found[PATH_ROOM])
{
    wchar_t *wide = hb_widen(folder);
    wchar_t pattern[PATH_ROOM];
    WIN32_FIND_DATAW data;
    HANDLE search = INVALID_HANDLE_VALUE;

    if (wide != NULL && wcslen(wide) + MAX_PATH + 2 < PATH_ROOM) {
        (void)_snwprintf(pattern, PATH_ROOM, L"%ls\\*.%lu.dmp", wide,
                         (unsigned long)pid);
        search = FindFirstFileW(pattern, &data);
    }
    if (search != INVALID_HANDLE_VALUE) {
        (void)FindClose(search);
        (void)_snwprintf(found, PATH_ROOM, L"%ls\\%ls", wide, data.cFileName);
    }
    free(wide);
    return search != INVALID_HANDLE_VALUE;
}

static bool find_dump(const struct hb_request_dead *dead,
                      wchar_t found[PATH_ROOM])
{
    for (size_t i = 0; i < dead->folder_count; i++) {
        if (find_in(dead->folders[i], dead->pid, found)) {
            return true;
        }
    }
    return false;
}

static uint64_t size_of(HANDLE file)
{
    LARGE_INTEGER size = { .QuadPart = 0 };

    return GetFileSizeEx(file, &size) ? (uint64_t)size.QuadPart : 0;
}

static bool read_part(void *context, uint64_t at, void *bytes, size_t size)
{
    OVERLAPPED place = { .Offset = (DWORD)at, .OffsetHigh = (DWORD)(at >> 32) };
    DWORD got = 0;

    return ReadFile(context, bytes, (DWORD)size, &got, &place) && got == size;
}

static bool check(const struct hb_request *request, HANDLE file,
                  struct hb_error *err)
{
    struct hb_minidump_source source = { size_of(file), read_part, file };
    struct hb_minidump dump;

    if (request->dump_max > 0 && source.size > request->dump_max) {
        return hb_fail(err, HB_ERR_WRITE, 0,
                       "the dump of %llu bytes is larger than it may be",
                       (unsigned long long)source.size);
    }
    return hb_minidump_open(&source, &dump, err) &&
           hb_minidump_check(&dump, err);
}

/* Where it lies nobody else can read it; it leaves without its secrets. */
static bool blank(const struct hb_request *request, HANDLE file,
                  struct hb_error *err)
{
    struct hb_secrets *secrets = NULL;

    if (!hb_secrets_of_own(request->redact, request->redact_count, &secrets,
                           err)) {
        return false;
    }
    bool ok = secrets == NULL || (hb_secrets_blank_file(secrets, file, err) &&
                                  check(request, file, err));

    hb_secrets_free(secrets);
    return ok;
}

static bool make_good(const struct hb_request *request, const wchar_t *path,
                      uint64_t *out_bytes, struct hb_error *err)
{
    HANDLE file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE,
                              FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);

    if (file == INVALID_HANDLE_VALUE) {
        return hb_fail(err, HB_ERR_READ, (long)GetLastError(),
                       "the dump of error reporting cannot be opened");
    }
    bool ok = check(request, file, err) && blank(request, file, err);

    *out_bytes = size_of(file);
    (void)CloseHandle(file);
    return ok;
}

static bool move(const wchar_t *from, const char *to, struct hb_error *err)
{
    wchar_t *wide = NULL;

    if (!hb_widen_path(to, &wide, err)) {
        return false;
    }
    bool ok = MoveFileExW(from, wide,
                          MOVEFILE_REPLACE_EXISTING | MOVEFILE_COPY_ALLOWED);
    DWORD why = GetLastError();

    free(wide);
    return ok || hb_fail(err, HB_ERR_WRITE, (long)why,
                         "the dump of error reporting cannot be moved");
}

/* What was written and cannot be used is no evidence, and does not stay. */
static bool keep(const struct hb_request *request, const char *what,
                 uint32_t pid, const wchar_t *found, const char *path,
                 struct hb_teller *teller)
{
    struct hb_found_evidence evidence = { .pid = pid,
                                          .what = what,
                                          .status = HB_EVIDENCE_CAPTURED };
    struct hb_error err = { 0 };
    bool ok = make_good(request, found, &evidence.bytes, &err) &&
              move(found, path, &err);

    evidence.path = ok ? path : NULL;
    hb_evidence_tell(teller, &evidence, ok ? NULL : &err);
    if (!ok) {
        (void)DeleteFileW(found);
    }
    return ok;
}

/* The dump of the process itself, and its stacks. */
static void take(const struct hb_request *request, const wchar_t *found,
                 struct hb_teller *teller)
{
    struct hb_request of_file = *request;
    char path[HB_PATH_SIZE * 2];

    if (request->dump == HB_DUMP_NOTHING || request->folder == NULL) {
        (void)DeleteFileW(found);
        return;
    }
    (void)hb_text_format(path, sizeof(path), "%s/dump.dmp", request->folder);
    of_file.file = path;
    if (keep(request, "dump", request->dead.pid, found, path, teller) &&
        request->stacks) {
        hb_look_minidump(&of_file, hb_windows_dump_walker(), teller);
    }
}

/* Who ended it, by name and number. */
static void take_killer(const struct hb_request *request,
                        const struct hb_exit_dump *dump,
                        struct hb_teller *teller)
{
    char path[HB_PATH_SIZE * 2];
    char name[128 * 3];

    if (dump->killer_pid == 0 || request->dump == HB_DUMP_NOTHING ||
        request->folder == NULL) {
        return;
    }
    hb_narrow_into(name, sizeof(name), dump->killer_name);
    (void)hb_text_format(path, sizeof(path), "%s/dump.killer.%s.%u.dmp",
                         request->folder, name, (unsigned)dump->killer_pid);
    (void)keep(request, "killer-dump", dump->killer_pid, dump->killer, path,
               teller);
}

static void take_exit(const struct hb_request *request,
                      struct hb_teller *teller)
{
    static struct hb_exit_dump dump;

    for (size_t i = 0; i < request->dead.folder_count; i++) {
        if (!hb_exit_dump_find(request->dead.folders[i], request->dead.pid,
                               &dump)) {
            continue;
        }
        if (dump.victim[0] != L'\0') {
            take(request, dump.victim, teller);
        }
        take_killer(request, &dump, teller);
        hb_exit_dump_remove(&dump);
        return;
    }
}

void hb_look_dead(const struct hb_request *request, struct hb_teller *teller)
{
    wchar_t found[PATH_ROOM];

    if (find_dump(&request->dead, found)) {
        take(request, found, teller);
    } else {
        take_exit(request, teller);
    }
}
