#include "os/recorder_host.h"

#include <hbtest/protocol.h>

#include <stdio.h>

#include <windows.h>

#define PATH_ROOM 32768

static SECURITY_ATTRIBUTES inheritable = { .nLength = sizeof(inheritable),
                                           .bInheritHandle = TRUE };

bool host_open(struct recorder_host *host)
{
    HANDLE section =
        CreateFileMappingW(INVALID_HANDLE_VALUE, &inheritable, PAGE_READWRITE,
                           0, HBTEST_RECORDER_SIZE, NULL);

    if (section == NULL) {
        return false;
    }
    host->memory = MapViewOfFile(section, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0,
                                 HBTEST_RECORDER_SIZE);
    host->handle = (uint64_t)(uintptr_t)section;
    host->own = host->handle;
    host->pid = GetCurrentProcessId();
    return host->memory != NULL;
}

void host_close(struct recorder_host *host)
{
    (void)UnmapViewOfFile(host->memory);
    (void)CloseHandle((HANDLE)(uintptr_t)host->handle);
}

uint64_t host_clock_ms(void)
{
    ULONGLONG ticks = 0;

    (void)QueryUnbiasedInterruptTime(&ticks);
    return ticks / 10000u;
}

void host_yield(void)
{
    (void)SwitchToThread();
}

void host_offer(const char *value)
{
    (void)SetEnvironmentVariableA(HBTEST_RECORDER_ENV, value);
}

static bool command_line(const char *program, const char *role, wchar_t *line)
{
    static wchar_t self[PATH_ROOM];
    static wchar_t other[PATH_ROOM];

    if (program == NULL) {
        (void)GetModuleFileNameW(NULL, self, PATH_ROOM);
    } else if (MultiByteToWideChar(CP_UTF8, 0, program, -1, other, PATH_ROOM) ==
               0) {
        return false;
    }
    return swprintf(line, PATH_ROOM, L"\"%ls\" %hs",
                    program == NULL ? self : other,
                    role != NULL ? role : "") > 0;
}

bool host_start(const char *program, const char *role,
                struct host_child *out_child)
{
    static wchar_t line[PATH_ROOM];
    STARTUPINFOW start = { .cb = sizeof(start),
                           .dwFlags = STARTF_USESTDHANDLES };
    PROCESS_INFORMATION made;
    HANDLE reader = NULL;

    if (!command_line(program, role, line) ||
        !CreatePipe(&reader, &start.hStdOutput, &inheritable, 0)) {
        return false;
    }
    (void)SetHandleInformation(reader, HANDLE_FLAG_INHERIT, 0);
    start.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    start.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    BOOL ok = CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL,
                             &start, &made);

    (void)CloseHandle(start.hStdOutput);
    if (!ok) {
        (void)CloseHandle(reader);
        return false;
    }
    (void)CloseHandle(made.hThread);
    *out_child =
        (struct host_child){ .pid = made.dwProcessId,
                             .process = (uint64_t)(uintptr_t)made.hProcess,
                             .output = (uint64_t)(uintptr_t)reader };
    return true;
}

int host_wait(struct host_child *child, char *output, size_t size)
{
    HANDLE process = (HANDLE)(uintptr_t)child->process;
    HANDLE reader = (HANDLE)(uintptr_t)child->output;
    char chunk[4096];
    size_t used = 0;
    DWORD got = 0;
    DWORD code = 0;

    while (ReadFile(reader, chunk, sizeof(chunk), &got, NULL) && got > 0) {
        for (DWORD i = 0; output != NULL && i < got && used + 1 < size; i++) {
            output[used++] = chunk[i];
        }
    }
    if (output != NULL && size > 0) {
        output[used] = '\0';
    }
    (void)CloseHandle(reader);
    (void)WaitForSingleObject(process, INFINITE);
    (void)GetExitCodeProcess(process, &code);
    (void)CloseHandle(process);
    return (int)code;
}

void host_kill(struct host_child *child)
{
    (void)TerminateProcess((HANDLE)(uintptr_t)child->process, 9);
}

static DWORD WINAPI run_work(void *argument)
{
    (*(void (**)(void))argument)();
    return 0;
}

void host_threads(size_t count, void (*work)(void))
{
    HANDLE threads[16] = { NULL };
    DWORD started = 0;

    while (started < count && started < 16) {
        threads[started] = CreateThread(NULL, 0, run_work, &work, 0, NULL);
        if (threads[started] == NULL) {
            break;
        }
        started++;
    }
    (void)WaitForMultipleObjects(started, threads, TRUE, INFINITE);
    for (DWORD i = 0; i < started; i++) {
        (void)CloseHandle(threads[i]);
    }
}

void host_vanish(int status)
{
    (void)TerminateProcess(GetCurrentProcess(), (UINT)status);
}
