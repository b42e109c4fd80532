#include "os/windows/member.h"

#include <stddef.h>
#include <wchar.h>

#include "os/windows/system.h"
#include "os/windows/widen.h"

/* What the system itself puts into a job: the other half of a console, and
 * those who come when a program crashes. */
static const wchar_t *const of_the_system[] = { L"conhost.exe", L"WerFault.exe",
                                                L"winedbg.exe" };

static bool is_of_the_system(const wchar_t *path, const wchar_t *name)
{
    wchar_t folder[MAX_PATH];
    UINT length = GetSystemDirectoryW(folder, MAX_PATH);

    /* A program of that name elsewhere is the test's own. */
    if (length == 0 || length >= MAX_PATH ||
        _wcsnicmp(path, folder, length) != 0 || path + length + 1 != name) {
        return false;
    }
    for (size_t i = 0; i < sizeof(of_the_system) / sizeof(wchar_t *); i++) {
        if (_wcsicmp(name, of_the_system[i]) == 0) {
            return true;
        }
    }
    return false;
}

static const wchar_t *base_name(const wchar_t *path)
{
    const wchar_t *slash = wcsrchr(path, L'\\');

    return slash == NULL ? path : slash + 1;
}

/* The result of NtQueryInformationProcess, class 0. */
struct basic_information {
    LONG status;
    void *environment;
    ULONG_PTR affinity;
    LONG priority;
    ULONG_PTR pid;
    ULONG_PTR parent;
};

static uint32_t read_parent(HANDLE handle)
{
    struct basic_information basic = { 0 };
    hb_query *query = hb_system()->query_process;

    if (query == NULL || query(handle, 0, &basic, sizeof(basic), NULL) < 0) {
        return 0;
    }
    return (uint32_t)basic.parent;
}

bool hb_member_describe(struct hb_member *member)
{
    wchar_t path[1024] = L"";
    DWORD units = sizeof(path) / sizeof(path[0]);

    member->about.pid = member->pid;
    member->about.ppid = read_parent(member->handle);
    if (!QueryFullProcessImageNameW(member->handle, 0, path, &units) ||
        path[0] == L'\0') {
        return false;
    }
    const wchar_t *name = base_name(path);
    hb_narrow_into(member->about.image, sizeof(member->about.image), name);
    member->ours = is_of_the_system(path, name);
    return true;
}

static void CALLBACK post_end(void *context, BOOLEAN timed_out)
{
    struct hb_member *member = context;

    (void)timed_out;
    (void)PostQueuedCompletionStatus(member->port, 0, member->key,
                                     (OVERLAPPED *)(void *)member);
}

static void unwatch(struct hb_member *member)
{
    if (member->wait != NULL) {
        (void)UnregisterWaitEx(member->wait, INVALID_HANDLE_VALUE);
        member->wait = NULL;
    }
}

bool hb_member_watch(struct hb_member *member)
{
    unwatch(member);
    if (!RegisterWaitForSingleObject(
            &member->wait, member->handle, post_end, member, INFINITE,
            WT_EXECUTEONLYONCE | WT_EXECUTEINWAITTHREAD)) {
        member->wait = NULL;
    }
    return member->wait != NULL;
}

static uint64_t time_of(FILETIME time)
{
    return (uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime;
}

/* The handle alone does not say it: under Wine a process whose first thread is
 * still to come looks ended too. */
bool hb_member_has_ended(const struct hb_member *member)
{
    FILETIME made;
    FILETIME ended;
    FILETIME in_kernel;
    FILETIME in_user;

    return WaitForSingleObject(member->handle, 0) == WAIT_OBJECT_0 &&
           (!GetProcessTimes(member->handle, &made, &ended, &in_kernel,
                             &in_user) ||
            time_of(ended) != 0);
}

void hb_member_time(const struct hb_member *member, uint64_t *user,
                    uint64_t *kernel)
{
    FILETIME made;
    FILETIME ended;
    FILETIME in_kernel;
    FILETIME in_user;

    if (GetProcessTimes(member->handle, &made, &ended, &in_kernel, &in_user)) {
        *user += time_of(in_user);
        *kernel += time_of(in_kernel);
    }
}

void hb_member_close(struct hb_member *member)
{
    unwatch(member);
    if (member->handle != NULL) {
        (void)CloseHandle(member->handle);
        member->handle = NULL;
    }
}
