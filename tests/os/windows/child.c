#include "child.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <tlhelp32.h>

#include <hbtest/protocol.h>

#include "base/text.h"
#include "system.h"

/*
 * Windows has these words besides:
 *
 *   line           prints its command line, as UTF-8
 *   status N       ends with any 32 bits
 *   fail-fast      ends by the processor's own instruction for that
 *   box TEXT       says "ready" and shows a message box
 *   suspended      says "ready"; a second thread never runs
 *   suspend PID    suspends the threads of that process, says "ready"
 *   handles        prints which of the standard streams it has
 *   error-mode     prints its error mode
 */

static void say_ready(void)
{
    (void)printf("ready\n");
    (void)fflush(stdout);
}

const char *child_environment(const char *name)
{
    static wchar_t wide[32767];
    static char value[3 * 32767];
    wchar_t wide_name[256];

    (void)MultiByteToWideChar(CP_UTF8, 0, name, -1, wide_name, 256);
    if (GetEnvironmentVariableW(wide_name, wide, 32767) == 0) {
        return NULL;
    }
    (void)WideCharToMultiByte(CP_UTF8, 0, wide, -1, value, sizeof(value), NULL,
                              NULL);
    return value;
}

static int spin(const char *self, const char *word)
{
    (void)self;
    (void)word;
    say_ready();
    for (volatile unsigned turns = 1; turns != 0;) {
        turns = turns | 1u;
    }
    return 9;
}

static int read_input(const char *self, const char *word)
{
    char byte = 0;
    DWORD got = 0;

    (void)self;
    (void)word;
    say_ready();
    return ReadFile(GetStdHandle(STD_INPUT_HANDLE), &byte, 1, &got, NULL) &&
                   got == 1
               ? 0
               : 1;
}

static CRITICAL_SECTION locks[2];
static HANDLE have_one[2];

static DWORD WINAPI take_other(void *context)
{
    size_t mine = (size_t)(context != NULL);

    EnterCriticalSection(&locks[mine]);
    (void)SetEvent(have_one[mine]);
    (void)WaitForSingleObject(have_one[1 - mine], INFINITE);
    EnterCriticalSection(&locks[1 - mine]);
    return 0;
}

static int deadlock(const char *self, const char *word)
{
    (void)self;
    (void)word;
    for (size_t i = 0; i < 2; i++) {
        InitializeCriticalSection(&locks[i]);
        have_one[i] = CreateEventW(NULL, TRUE, FALSE, NULL);
    }
    if (CreateThread(NULL, 0, take_other, &locks, 0, NULL) == NULL) {
        return 1;
    }
    say_ready();
    return (int)take_other(NULL);
}

static int crash(const char *self, const char *word)
{
    volatile int *volatile nowhere = NULL;

    (void)self;
    (void)word;
    *nowhere = 1;
    return 1;
}

static int fail_fast(const char *self, const char *word)
{
    (void)self;
    (void)word;
#if defined(__GNUC__) && defined(__x86_64__)
    __asm__ volatile("int $0x29" : : "c"(7));
#endif
    return 1;
}

static BOOL WINAPI ignore_request(DWORD kind)
{
    (void)kind;
    return TRUE;
}

static int be_stubborn(const char *self, const char *word)
{
    (void)self;
    (void)word;
    (void)SetConsoleCtrlHandler(ignore_request, TRUE);
    say_ready();
    system_sleep_ms(60000);
    return 9;
}

/* Ten runners; each starts the next one and ends. */
static int storm(const char *self, const char *word)
{
    const char *const command[] = { self, "storm", "on", NULL };
    size_t runners = strcmp(word, "on") == 0 ? 1 : 10;

    for (size_t i = 0; i < runners; i++) {
        (void)system_spawn(command, true);
    }
    if (runners == 1) {
        return 0;
    }
    say_ready();
    system_sleep_ms(60000);
    return 9;
}

static int write_recorder(const char *self, const char *text)
{
    const char *value = child_environment(HBTEST_RECORDER_ENV);
    unsigned long long handle = 0;
    unsigned size = 0;

    (void)self;
    if (value == NULL || sscanf(value, "1:%llu:%u:", &handle, &size) != 2) {
        return 3;
    }
    char *memory = MapViewOfFile((HANDLE)(uintptr_t)handle,
                                 FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, size);
    if (memory == NULL) {
        return 4;
    }
    memcpy(memory + size - strlen(text) - 1, text, strlen(text) + 1);
    return 0;
}

/* As a process does that did not inherit the handle. */
static int bring_recorder(const char *self, const char *text)
{
    const char *value = child_environment(HBTEST_RECORDER_ENV);
    unsigned long long handle = 0;
    unsigned size = 0;
    unsigned long pid = 0;
    HANDLE section = NULL;

    (void)self;
    if (value == NULL ||
        sscanf(value, "1:%*u:%u:%*x:%lu:%llu", &size, &pid, &handle) != 3) {
        return 3;
    }
    HANDLE launcher = OpenProcess(PROCESS_DUP_HANDLE, FALSE, pid);
    if (!DuplicateHandle(launcher, (HANDLE)(uintptr_t)handle,
                         GetCurrentProcess(), &section, 0, FALSE,
                         DUPLICATE_SAME_ACCESS)) {
        return 5;
    }
    char *memory =
        MapViewOfFile(section, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, size);
    if (memory == NULL) {
        return 4;
    }
    memcpy(memory + size - strlen(text) - 1, text, strlen(text) + 1);
    return 0;
}

static int print_line(const char *self, const char *word)
{
    char line[4096];

    (void)self;
    (void)word;
    (void)WideCharToMultiByte(CP_UTF8, 0, GetCommandLineW(), -1, line,
                              sizeof(line), NULL, NULL);
    (void)printf("%s", line);
    return 0;
}

static int end_with(const char *self, const char *word)
{
    uint64_t status = 0;

    (void)self;
    (void)hb_parse_u64(word, &status);
    ExitProcess((UINT)status);
}

typedef int WINAPI message_box(HWND owner, const wchar_t *text,
                               const wchar_t *title, UINT how);

/* The library is loaded for this alone: with it, every other word would look
 * as if it might show windows. */
static int show_box(const char *self, const char *text)
{
    wchar_t wide[256];
    HMODULE library = LoadLibraryW(L"user32.dll");
    message_box *box =
        (message_box *)(void (*)(void))GetProcAddress(library, "MessageBoxW");

    (void)self;
    (void)MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, 256);
    say_ready();
    return box(NULL, wide, L"A t\u00eftle", MB_OK | MB_ICONERROR);
}

static DWORD WINAPI never_run(void *context)
{
    (void)context;
    return 0;
}

static int be_suspended(const char *self, const char *word)
{
    (void)self;
    (void)word;
    if (CreateThread(NULL, 0, never_run, NULL, CREATE_SUSPENDED, NULL) ==
        NULL) {
        return 1;
    }
    say_ready();
    system_sleep_ms(60000);
    return 9;
}

static int suspend(const char *self, const char *word)
{
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    THREADENTRY32 entry = { .dwSize = sizeof(entry) };
    uint64_t pid = 0;

    (void)self;
    (void)hb_parse_u64(word, &pid);
    for (BOOL ok = Thread32First(snapshot, &entry); ok;
         ok = Thread32Next(snapshot, &entry)) {
        if (entry.th32OwnerProcessID == pid) {
            (void)SuspendThread(
                OpenThread(THREAD_SUSPEND_RESUME, FALSE, entry.th32ThreadID));
        }
    }
    say_ready();
    system_sleep_ms(60000);
    return 9;
}

static int print_handles(const char *self, const char *word)
{
    (void)self;
    (void)word;
    (void)printf("%d %d %d\n", GetStdHandle(STD_INPUT_HANDLE) != NULL,
                 GetStdHandle(STD_OUTPUT_HANDLE) != NULL,
                 GetStdHandle(STD_ERROR_HANDLE) != NULL);
    return 0;
}

static int print_error_mode(const char *self, const char *word)
{
    (void)self;
    (void)word;
    (void)printf("%x\n", GetErrorMode());
    return 0;
}

static const struct {
    const char *word;
    int (*run)(const char *self, const char *word);
} own[] = {
    { "spin", spin },
    { "read", read_input },
    { "mutex", deadlock },
    { "crash", crash },
    { "stubborn", be_stubborn },
    { "storm", storm },
    { "recorder", write_recorder },
    { "recorder-again", bring_recorder },
    { "line", print_line },
    { "status", end_with },
    { "fail-fast", fail_fast },
    { "box", show_box },
    { "suspended", be_suspended },
    { "suspend", suspend },
    { "handles", print_handles },
    { "error-mode", print_error_mode },
};

int child_run_own(const char *self, int count, char **words, bool *out_known)
{
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (strcmp(own[i].word, words[0]) == 0) {
            *out_known = true;
            return own[i].run(self, count > 1 ? words[1] : "");
        }
    }
    *out_known = false;
    return 0;
}
