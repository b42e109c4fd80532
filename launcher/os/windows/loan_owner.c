#include "os/windows/loan_owner.h"

#include <stdio.h>

#include "base/text.h"
#include "os/windows/private.h"

#define LOCK_WAIT_MS 2000u
#define LOCK_NAME L"Global\\hbtest-loans"

static bool name_lock(enum hb_loan_of whose, wchar_t name[300])
{
    wchar_t user[HB_PRIVATE_USER_MAX] = L"";

    if (whose == HB_LOAN_OF_USER && !hb_private_user(user)) {
        return false;
    }
    (void)_snwprintf(name, 300, whose == HB_LOAN_OF_USER ? L"%ls-%ls" : L"%ls",
                     LOCK_NAME, user);
    return true;
}

HANDLE hb_loan_lock(enum hb_loan_of whose)
{
    wchar_t name[300];
    HANDLE mutex =
        name_lock(whose, name) ? CreateMutexW(NULL, FALSE, name) : NULL;

    if (mutex == NULL) {
        return NULL;
    }
    DWORD got = WaitForSingleObject(mutex, LOCK_WAIT_MS);

    if (got != WAIT_OBJECT_0 && got != WAIT_ABANDONED) {
        (void)CloseHandle(mutex);
        SetLastError(got == WAIT_TIMEOUT ? ERROR_TIMEOUT : GetLastError());
        return NULL;
    }
    return mutex;
}

void hb_loan_unlock(HANDLE lock)
{
    (void)ReleaseMutex(lock);
    (void)CloseHandle(lock);
}

static uint64_t created_at(HANDLE process)
{
    FILETIME created = { 0, 0 };
    FILETIME other;

    if (!GetProcessTimes(process, &created, &other, &other, &other)) {
        return 0;
    }
    return (uint64_t)created.dwHighDateTime << 32 | created.dwLowDateTime;
}

struct hb_loan_owner hb_loan_owner_self(void)
{
    return (struct hb_loan_owner){ GetCurrentProcessId(),
                                   created_at(GetCurrentProcess()) };
}

bool hb_loan_owner_lives(void *context, struct hb_loan_owner owner)
{
    HANDLE process = OpenProcess(
        SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, owner.pid);

    (void)context;
    if (process == NULL) {
        return GetLastError() != ERROR_INVALID_PARAMETER;
    }
    bool alive = WaitForSingleObject(process, 0) == WAIT_TIMEOUT &&
                 created_at(process) == owner.created;

    (void)CloseHandle(process);
    return alive;
}

void hb_loan_say_why(char target[HB_LOAN_WHY_SIZE], const char *what,
                     const char *right, long os_code)
{
    if (os_code == ERROR_ACCESS_DENIED) {
        (void)hb_text_format(target, HB_LOAN_WHY_SIZE, "%s takes %s", what,
                             right);
    } else {
        (void)hb_text_format(target, HB_LOAN_WHY_SIZE,
                             "%s cannot be used (error %ld)", what, os_code);
    }
}
