#include "postmortem/bounds.h"

#include <windows.h>

#include "postmortem/windows/taken.h"

#define MEMORY_MAX ((SIZE_T)2 << 30)

static DWORD WINAPI end_later(void *argument)
{
    const uint64_t *limit_ms = argument;

    Sleep(*limit_ms < INFINITE ? (DWORD)*limit_ms : INFINITE);
    hb_taken_let_go();
    (void)TerminateProcess(GetCurrentProcess(), HB_STATUS_LIMIT);
    return 0;
}

/* A job of our own: the job that the launcher put us in stays around it. */
static void bound_memory(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits;
    HANDLE job = CreateJobObjectW(NULL, NULL);

    if (job == NULL) {
        return;
    }
    ZeroMemory(&limits, sizeof(limits));
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_PROCESS_MEMORY;
    limits.ProcessMemoryLimit = MEMORY_MAX;
    if (SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits,
                                sizeof(limits))) {
        (void)AssignProcessToJobObject(job, GetCurrentProcess());
    }
    (void)CloseHandle(job); /* it lives as long as who is in it */
}

void hb_bounds_set(uint64_t limit_ms)
{
    static uint64_t limit; /* the thread reads it when we are long gone */

    (void)SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX |
                       SEM_NOOPENFILEERRORBOX);
    (void)SetEnvironmentVariableW(L"_NT_SYMBOL_PATH", NULL);
    (void)SetEnvironmentVariableW(L"_NT_ALT_SYMBOL_PATH", NULL);
    bound_memory();
    if (limit_ms > 0) {
        limit = limit_ms;
        HANDLE thread = CreateThread(NULL, 0, end_later, &limit, 0, NULL);
        if (thread != NULL) {
            (void)CloseHandle(thread);
        }
    }
}
