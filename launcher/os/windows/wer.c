#include "os/windows/wer.h"

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include "base/text.h"
#include "os/host.h"
#include "os/windows/widen.h"

#define REPORTING L"SOFTWARE\\Microsoft\\Windows\\Windows Error Reporting"
#define MODULES REPORTING L"\\RuntimeExceptionHelperModules"
#define FOLDER_SIZE 4096u

/* The system takes what the registry and the process say for one module only if
 * it is spelled the same, so there is one spelling. */
static bool spell(const char *folder, const char *place,
                  wchar_t path[HB_REGISTRY_NAME_MAX])
{
    char whole[FOLDER_SIZE + 64];
    wchar_t *wide = NULL;
    DWORD length = 0;

    if (hb_text_format(whole, sizeof(whole), "%s\\%s", folder, place)) {
        wide = hb_widen(whole);
    }
    if (wide != NULL) {
        length = GetFullPathNameW(wide, HB_REGISTRY_NAME_MAX, path, NULL);
    }
    free(wide);
    return length > 0 && length < HB_REGISTRY_NAME_MAX &&
           (GetFileAttributesW(path) & FILE_ATTRIBUTE_DIRECTORY) == 0;
}

bool hb_wer_find(wchar_t path[HB_REGISTRY_NAME_MAX])
{
    static const char *const places[] = {
        "hbtest-wer.dll", "..\\libexec\\hbtest\\hbtest-wer.dll"
    };
    char folder[FOLDER_SIZE];
    struct hb_error ignored;

    if (!hb_host_folder(folder, sizeof(folder), &ignored)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (spell(folder, places[i], path)) {
            return true;
        }
    }
    return false;
}

/* Two modules are two loans: a name may hold no path, so it has a number made
 * of it (FNV-1a). */
static void name_loan(struct hb_wer *wer)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (const wchar_t *c = wer->path; *c != L'\0'; c++) {
        hash = (hash ^ (uint64_t)towlower(*c)) * UINT64_C(1099511628211);
    }
    (void)_snwprintf(wer->loan, sizeof(wer->loan) / sizeof(wer->loan[0]),
                     L"WerModule-%016llx", (unsigned long long)hash);
}

static void say_why(struct hb_wer *wer, long os_code)
{
    hb_loan_say_why(wer->why_not, "hbtest-wer.dll", "a registry of the user's",
                    os_code);
}

static void borrow(struct hb_wer *wer)
{
    struct hb_loan_item item = { .key = MODULES,
                                 .name = wer->path,
                                 .value = hb_registry_number(0) };
    struct hb_error err = { 0 };

    (void)hb_loans_sweep(&wer->registry, hb_loan_owner_lives, NULL, &err);
    wer->lent = hb_loan_take(&wer->registry, wer->loan, &item, 1,
                             hb_loan_owner_self(), &err);
    if (!wer->lent) {
        say_why(wer, err.os_code);
    }
}

void hb_wer_ask(struct hb_wer *wer, const struct hb_registry *registry,
                const wchar_t *path)
{
    *wer = (struct hb_wer){ .registry = *registry };
    if (path == NULL) {
        (void)hb_text_copy(wer->why_not, sizeof(wer->why_not),
                           "hbtest-wer.dll is missing");
        return;
    }
    (void)_snwprintf(wer->path, HB_REGISTRY_NAME_MAX, L"%ls", path);
    name_loan(wer);
    HANDLE lock = hb_loan_lock(HB_LOAN_OF_USER);

    if (lock == NULL) {
        say_why(wer, (long)GetLastError());
        return;
    }
    borrow(wer);
    hb_loan_unlock(lock);
}

void hb_wer_end(struct hb_wer *wer)
{
    struct hb_error ignored = { 0 };

    if (!wer->lent) {
        return;
    }
    wer->lent = false;
    HANDLE lock = hb_loan_lock(HB_LOAN_OF_USER);

    if (lock == NULL) {
        return; /* the next start of a launcher does it */
    }
    (void)hb_loan_return(&wer->registry, wer->loan, hb_loan_owner_self(),
                         &ignored);
    hb_loan_unlock(lock);
}

bool hb_wer_may_ask(void)
{
    HKEY key = NULL;

    if (RegOpenKeyExW(HKEY_CURRENT_USER, L"SOFTWARE", 0,
                      KEY_CREATE_SUB_KEY | KEY_WOW64_64KEY,
                      &key) != ERROR_SUCCESS) {
        return false;
    }
    (void)RegCloseKey(key);
    return true;
}
