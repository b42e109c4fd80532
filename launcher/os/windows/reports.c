#include "os/windows/reports.h"

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include "os/windows/exit_monitor.h"
#include "os/windows/private.h"
#include "os/windows/widen.h"

#define LOCAL_DUMPS                                                            \
    L"SOFTWARE\\Microsoft\\Windows\\Windows Error Reporting\\LocalDumps"
#define FOLDER L"hbtest-dumps"
#define SMALL_DUMP 1u
/* Beyond it the oldest are overwritten; each launcher takes its own away. */
#define DUMPS_MOST 64u

/* The base name, with its ending. */
static bool name_program(struct hb_reports *reports, const char *program)
{
    wchar_t *wide = hb_widen(program);
    const wchar_t *base = wide;
    int length = -1;

    for (const wchar_t *c = wide; c != NULL && *c != L'\0'; c++) {
        base = *c == L'\\' || *c == L'/' || *c == L':' ? c + 1 : base;
    }
    if (wide != NULL && *base != L'\0') {
        length = _snwprintf(reports->program, HB_REGISTRY_NAME_MAX, L"%ls%ls",
                            base, wcschr(base, L'.') == NULL ? L".exe" : L"");
        (void)_snwprintf(reports->loan, HB_REGISTRY_NAME_MAX,
                         L"LocalDumps-%.180ls", reports->program);
        (void)_snwprintf(reports->exit_loan, HB_REGISTRY_NAME_MAX,
                         L"SilentProcessExit-%.180ls", reports->program);
    }
    free(wide);
    return length > 0 && length < 180;
}

static bool make_folder(struct hb_reports *reports)
{
    wchar_t place[HB_REGISTRY_NAME_MAX];
    DWORD length = GetTempPathW(HB_REGISTRY_NAME_MAX, place);

    if (length == 0 || length + 32 > HB_REGISTRY_NAME_MAX) {
        return false;
    }
    (void)_snwprintf(reports->folder, HB_REGISTRY_NAME_MAX, L"%ls" FOLDER,
                     place);
    hb_narrow_into(reports->folder_text, sizeof(reports->folder_text),
                   reports->folder);
    return CreateDirectoryW(reports->folder, hb_private_attributes()) ||
           GetLastError() == ERROR_ALREADY_EXISTS;
}

static void say_why(char target[HB_LOAN_WHY_SIZE], const char *what,
                    long os_code)
{
    hb_loan_say_why(target, what, "administrators' rights", os_code);
}

static void borrow(struct hb_reports *reports)
{
    struct hb_loan_item items[3] = {
        { .name = L"DumpFolder", .value = hb_registry_path(reports->folder) },
        { .name = L"DumpType", .value = hb_registry_number(SMALL_DUMP) },
        { .name = L"DumpCount", .value = hb_registry_number(DUMPS_MOST) },
    };
    struct hb_error err = { 0 };

    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        (void)_snwprintf(items[i].key, HB_REGISTRY_KEY_MAX,
                         LOCAL_DUMPS L"\\%ls", reports->program);
    }
    (void)hb_loans_sweep(&reports->registry, hb_loan_owner_lives, NULL, &err);
    reports->lent =
        hb_loan_take(&reports->registry, reports->loan, items,
                     sizeof(items) / sizeof(items[0]), reports->owner, &err);
    if (!reports->lent) {
        say_why(reports->why_not, "LocalDumps", err.os_code);
    }
}

static void borrow_exits(struct hb_reports *reports)
{
    struct hb_loan_item items[HB_EXIT_MONITOR_ITEMS];
    struct hb_error err = { 0 };
    LSTATUS why = ERROR_SUCCESS;

    if (!hb_exit_monitor_items(&reports->registry, reports->program,
                               reports->folder, items, &why)) {
        err.os_code = why;
    } else {
        reports->exit_lent =
            hb_loan_take(&reports->registry, reports->exit_loan, items,
                         HB_EXIT_MONITOR_ITEMS, reports->owner, &err);
    }
    if (!reports->exit_lent) {
        say_why(reports->why_no_exits,
                "--windows-exit-monitor: the exit monitor", err.os_code);
    }
}

void hb_reports_ask(struct hb_reports *reports,
                    const struct hb_registry *registry, const char *program,
                    bool exits)
{
    *reports = (struct hb_reports){
        .registry = *registry,
        .owner = hb_loan_owner_self(),
    };
    if (!name_program(reports, program)) {
        say_why(reports->why_not, "the program's name", ERROR_INVALID_NAME);
        return;
    }
    if (!make_folder(reports)) {
        say_why(reports->why_not, "the folder for its dumps",
                (long)GetLastError());
        return;
    }
    HANDLE lock = hb_loan_lock(HB_LOAN_OF_MACHINE);

    if (lock == NULL) {
        say_why(reports->why_not, "the lock of LocalDumps",
                (long)GetLastError());
        return;
    }
    borrow(reports);
    if (exits) {
        borrow_exits(reports);
    }
    hb_loan_unlock(lock);
}

static bool has_any(const wchar_t *folder, const wchar_t *form, uint32_t pid)
{
    wchar_t pattern[HB_REGISTRY_NAME_MAX * 2];
    WIN32_FIND_DATAW found;
    int length = _snwprintf(pattern, HB_REGISTRY_NAME_MAX * 2, form, folder,
                            (unsigned long)pid);
    HANDLE search =
        length > 0 ? FindFirstFileW(pattern, &found) : INVALID_HANDLE_VALUE;

    if (search == INVALID_HANDLE_VALUE) {
        return false;
    }
    (void)FindClose(search);
    return true;
}

bool hb_reports_have(const struct hb_reports *reports, uint32_t pid)
{
    return reports->folder[0] != L'\0' &&
           (has_any(reports->folder, L"%ls\\*.%lu.dmp", pid) ||
            has_any(reports->folder, L"%ls\\*-(PID-%lu)-*", pid));
}

void hb_reports_end(struct hb_reports *reports)
{
    struct hb_error ignored = { 0 };

    if (!reports->lent && !reports->exit_lent) {
        return;
    }
    reports->lent = false;
    reports->exit_lent = false;
    HANDLE lock = hb_loan_lock(HB_LOAN_OF_MACHINE);

    if (lock == NULL) {
        return; /* the next start of a launcher does it */
    }
    (void)hb_loan_return(&reports->registry, reports->loan, reports->owner,
                         &ignored);
    (void)hb_loan_return(&reports->registry, reports->exit_loan, reports->owner,
                         &ignored);
    hb_loan_unlock(lock);
}
