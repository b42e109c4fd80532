#include "os/windows/spawn.h"

#include <stdlib.h>

#include "os/windows/system.h"

/* In Windows 10's SDK, not in older ones. */
#ifndef PROC_THREAD_ATTRIBUTE_JOB_LIST
#define PROC_THREAD_ATTRIBUTE_JOB_LIST 0x0002000D
#endif

#define PROCESS_DEFAULT_HARD_ERROR_MODE 12

/* What CreateProcessW takes besides its parameters; values must stay where
 * they are until it is over. */
struct attributes {
    LPPROC_THREAD_ATTRIBUTE_LIST list; /* NULL: not made */
    HANDLE handles[HB_SPAWN_HANDLES];
    size_t handle_count;
    HANDLE job;
};

static bool fail(struct hb_spawn *spawn, const char *attempt)
{
    spawn->error = GetLastError();
    spawn->attempt = attempt;
    return false;
}

static void collect_handles(const struct hb_spawn *spawn,
                            struct attributes *attributes)
{
    const HANDLE all[HB_SPAWN_HANDLES] = { spawn->standard[0],
                                           spawn->standard[1],
                                           spawn->standard[2], spawn->extra };

    for (size_t i = 0; i < HB_SPAWN_HANDLES; i++) {
        if (all[i] != NULL) {
            attributes->handles[attributes->handle_count++] = all[i];
        }
    }
}

static bool make_list(struct attributes *attributes)
{
    SIZE_T size = 0;

    (void)InitializeProcThreadAttributeList(NULL, 2, 0, &size);
    LPPROC_THREAD_ATTRIBUTE_LIST list = malloc(size);
    if (list == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return false;
    }
    if (!InitializeProcThreadAttributeList(list, 2, 0, &size)) {
        free(list);
        return false;
    }
    attributes->list = list;
    return true;
}

/* Without the job list there would be a moment in which the program is outside
 * the job, and would survive us if we died in it. */
static bool fill_list(struct hb_spawn *spawn, struct attributes *attributes)
{
    collect_handles(spawn, attributes);
    attributes->job = spawn->job;
    if (!make_list(attributes)) {
        return false;
    }
    if (attributes->handle_count > 0 &&
        !UpdateProcThreadAttribute(
            attributes->list, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
            attributes->handles,
            attributes->handle_count * sizeof(attributes->handles[0]), NULL,
            NULL)) {
        return false;
    }
    if (!spawn->late &&
        !UpdateProcThreadAttribute(
            attributes->list, 0, PROC_THREAD_ATTRIBUTE_JOB_LIST,
            &attributes->job, sizeof(attributes->job), NULL, NULL)) {
        spawn->late = true;
    }
    return true;
}

static void free_list(struct attributes *attributes)
{
    if (attributes->list != NULL) {
        DeleteProcThreadAttributeList(attributes->list);
        free(attributes->list);
        attributes->list = NULL;
    }
}

static bool create(struct hb_spawn *spawn, struct attributes *attributes,
                   PROCESS_INFORMATION *out_made)
{
    STARTUPINFOEXW info = {
        .StartupInfo = { .cb = sizeof(info),
                         .dwFlags = STARTF_USESTDHANDLES,
                         .hStdInput = spawn->standard[0],
                         .hStdOutput = spawn->standard[1],
                         .hStdError = spawn->standard[2] },
        .lpAttributeList = attributes->list,
    };
    DWORD flags = EXTENDED_STARTUPINFO_PRESENT | CREATE_UNICODE_ENVIRONMENT |
                  CREATE_SUSPENDED | CREATE_DEFAULT_ERROR_MODE;

    flags |= spawn->shares_group ? 0 : CREATE_NEW_PROCESS_GROUP;
    return CreateProcessW(spawn->file, spawn->line, NULL, NULL,
                          attributes->handle_count > 0, flags,
                          spawn->environment, NULL, &info.StartupInfo,
                          out_made) != FALSE;
}

/*
 * Nothing of CTest's error mode, which switches error reporting off along with
 * its boxes, is inherited: that is CREATE_DEFAULT_ERROR_MODE. But by default a
 * missing DLL opens a box, instead of ending the program with 0xC0000135; so
 * that one is taken off before the first instruction. In the kernel its bit
 * has the other sense than SEM_FAILCRITICALERRORS: 0 is no box. Where the call
 * fails a box is found by looking, as others are. Wine has no such boxes, and
 * would change our own mode instead.
 */
static void take_off_box(HANDLE process)
{
    ULONG mode = 0;
    hb_set *set = hb_system()->set_process;

    if (set != NULL && hb_system_wine() == NULL) {
        (void)set(process, PROCESS_DEFAULT_HARD_ERROR_MODE, &mode,
                  sizeof(mode));
    }
}

/* It sleeps before its first instruction until all is as it must be. */
static bool wake(const struct hb_spawn *spawn, PROCESS_INFORMATION *made)
{
    take_off_box(made->hProcess);
    if ((!spawn->late ||
         AssignProcessToJobObject(spawn->job, made->hProcess)) &&
        ResumeThread(made->hThread) != (DWORD)-1) {
        return true;
    }
    DWORD why = GetLastError();

    (void)TerminateProcess(made->hProcess, 1);
    SetLastError(why);
    return false;
}

static bool start(struct hb_spawn *spawn, PROCESS_INFORMATION *out_made)
{
    struct attributes attributes = { 0 };
    PROCESS_INFORMATION made = { 0 };
    bool ok = false;

    if (!fill_list(spawn, &attributes)) {
        (void)fail(spawn, "describe the start of");
        goto out;
    }
    if (!create(spawn, &attributes, &made)) {
        (void)fail(spawn, "start");
        goto out;
    }
    if (!wake(spawn, &made)) {
        (void)fail(spawn, "wake");
        (void)CloseHandle(made.hThread);
        (void)CloseHandle(made.hProcess);
        goto out;
    }
    *out_made = made;
    ok = true;

out:
    free_list(&attributes);
    return ok;
}

bool hb_spawn_start(struct hb_spawn *spawn, DWORD *out_pid, HANDLE *out_process)
{
    PROCESS_INFORMATION made = { 0 };

    spawn->file = hb_program_find(spawn->name);
    if (spawn->file == NULL) {
        return fail(spawn, "find");
    }
    if (hb_program_is_batch(spawn->file)) {
        SetLastError(ERROR_BAD_EXE_FORMAT);
        return fail(spawn, "start");
    }
    if (!start(spawn, &made)) {
        return false;
    }
    (void)CloseHandle(made.hThread);
    *out_pid = made.dwProcessId;
    *out_process = made.hProcess;
    return true;
}
