#include "system.h"

#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

const bool system_is_windows = true;

#define PATH_ROOM 32768

static void must(bool fine, const char *what)
{
    if (!fine) {
        (void)fprintf(stderr, "tests/os: %s: error %lu\n", what,
                      GetLastError());
        abort();
    }
}

static wchar_t *widen(const char *text)
{
    int units = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    wchar_t *wide = malloc((size_t)units * sizeof(*wide));

    must(wide != NULL, "memory");
    (void)MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, units);
    return wide;
}

static void narrow(const wchar_t *wide, char *target, size_t size)
{
    must(WideCharToMultiByte(CP_UTF8, 0, wide, -1, target, (int)size, NULL,
                             NULL) > 0,
         "narrow");
}

/* Words of tests hold no quotes; only the program's own line does. */
static wchar_t *make_line(const char *const *command)
{
    wchar_t *line = calloc(PATH_ROOM, sizeof(*line));
    size_t used = 0;

    must(line != NULL, "memory");
    for (size_t i = 0; command[i] != NULL; i++) {
        wchar_t *word = widen(command[i]);
        int length = _snwprintf(line + used, PATH_ROOM - used, L"%ls\"%ls\"",
                                i == 0 ? L"" : L" ", word);

        must(length > 0, "line");
        used += (size_t)length;
        free(word);
    }
    return line;
}

static void inherit(HANDLE handle, bool inherited)
{
    must(SetHandleInformation(handle, HANDLE_FLAG_INHERIT,
                              inherited ? HANDLE_FLAG_INHERIT : 0),
         "inherit");
}

static void make_pipe(HANDLE *test_end, HANDLE *ours, bool test_reads)
{
    HANDLE reader = NULL;
    HANDLE writer = NULL;

    /* As much as a pipe on Linux holds; the default is a page. */
    must(CreatePipe(&reader, &writer, NULL, 65536), "pipe");
    *test_end = test_reads ? reader : writer;
    *ours = test_reads ? writer : reader;
    inherit(*test_end, true);
}

static PROCESS_INFORMATION start(const char *const *command,
                                 const HANDLE *streams, DWORD flags)
{
    STARTUPINFOW info = { .cb = sizeof(info),
                          .dwFlags = STARTF_USESTDHANDLES,
                          .hStdInput = streams[0],
                          .hStdOutput = streams[1],
                          .hStdError = streams[2] };
    PROCESS_INFORMATION made = { 0 };
    wchar_t *line = make_line(command);

    must(CreateProcessW(NULL, line, NULL, NULL, TRUE, flags, NULL, NULL, &info,
                        &made),
         command[0]);
    free(line);
    (void)CloseHandle(made.hThread);
    return made;
}

void system_start(const char *const *command, int how,
                  struct system_child *out_child)
{
    static const int closed[] = { SYSTEM_NO_STDIN, SYSTEM_NO_STDOUT,
                                  SYSTEM_NO_STDERR };
    HANDLE theirs[3];
    HANDLE given[3];
    HANDLE ours[3];

    for (int i = 0; i < 3; i++) {
        make_pipe(&theirs[i], &ours[i], i == 0);
        given[i] = how & closed[i] ? NULL : theirs[i];
    }
    PROCESS_INFORMATION made = start(command, given, 0);
    for (int i = 0; i < 3; i++) {
        (void)CloseHandle(theirs[i]);
    }
    *out_child = (struct system_child){
        .process = (intptr_t)made.hProcess,
        .pid = made.dwProcessId,
        .in = (intptr_t)ours[0],
        .out = (intptr_t)ours[1],
        .err = (intptr_t)ours[2],
    };
}

size_t system_read(intptr_t stream, void *bytes, size_t size)
{
    DWORD got = 0;

    if (!ReadFile((HANDLE)stream, bytes, (DWORD)size, &got, NULL)) {
        must(GetLastError() == ERROR_BROKEN_PIPE, "read");
    }
    return got;
}

void system_write(intptr_t stream, const void *bytes, size_t size)
{
    DWORD written = 0;

    must(WriteFile((HANDLE)stream, bytes, (DWORD)size, &written, NULL) &&
             written == size,
         "write");
}

void system_close(intptr_t *stream)
{
    if (*stream != -1) {
        (void)CloseHandle((HANDLE)*stream);
        *stream = -1;
    }
}

static uint32_t wait_for(HANDLE process)
{
    DWORD status = 0;

    must(WaitForSingleObject(process, INFINITE) == WAIT_OBJECT_0, "wait");
    must(GetExitCodeProcess(process, &status), "status");
    (void)CloseHandle(process);
    return status;
}

uint32_t system_wait(struct system_child *child)
{
    system_close(&child->in);
    uint32_t status = wait_for((HANDLE)child->process);
    system_close(&child->out);
    system_close(&child->err);
    return status;
}

static bool await(uint32_t pid, DWORD limit_ms)
{
    HANDLE process = OpenProcess(SYNCHRONIZE, FALSE, pid);

    if (process == NULL) {
        return true;
    }
    bool ended = WaitForSingleObject(process, limit_ms) == WAIT_OBJECT_0;
    (void)CloseHandle(process);
    return ended;
}

bool system_is_alive(uint32_t pid)
{
    return !await(pid, 0);
}

bool system_await_end(uint32_t pid)
{
    return await(pid, 10000);
}

void system_kill(uint32_t pid)
{
    HANDLE process = OpenProcess(PROCESS_TERMINATE, FALSE, pid);

    if (process != NULL) {
        (void)TerminateProcess(process, 9);
        (void)CloseHandle(process);
    }
}

uint32_t system_pid(void)
{
    return GetCurrentProcessId();
}

void system_sleep_ms(uint32_t ms)
{
    Sleep(ms);
}

/* Handles are kept for system_join(): without one the status is lost. */
static HANDLE spawned[64];
static uint32_t spawned_pids[64];
static size_t spawned_count;

static void keep_from_heirs(DWORD stream)
{
    HANDLE handle = GetStdHandle(stream);

    if (handle != NULL) { /* a quiet program has none itself */
        inherit(handle, false);
    }
}

uint32_t system_spawn(const char *const *command, bool quiet)
{
    HANDLE streams[3] = { GetStdHandle(STD_INPUT_HANDLE),
                          GetStdHandle(STD_OUTPUT_HANDLE),
                          GetStdHandle(STD_ERROR_HANDLE) };

    if (quiet) {
        streams[1] = NULL;
        streams[2] = NULL;
        /* Whatever is inheritable would be inherited, and hold the pipes. */
        keep_from_heirs(STD_OUTPUT_HANDLE);
        keep_from_heirs(STD_ERROR_HANDLE);
    }
    PROCESS_INFORMATION made = start(command, streams, 0);
    if (spawned_count < 64) {
        spawned[spawned_count] = made.hProcess;
        spawned_pids[spawned_count++] = made.dwProcessId;
    }
    return made.dwProcessId;
}

uint32_t system_join(uint32_t pid)
{
    for (size_t i = 0; i < spawned_count; i++) {
        if (spawned_pids[i] == pid) {
            return wait_for(spawned[i]);
        }
    }
    must(false, "join");
    return 0;
}

const char *system_self(const char *argv0)
{
    static wchar_t wide[PATH_ROOM];
    static char path[PATH_ROOM];

    if (GetModuleFileNameW(NULL, wide, PATH_ROOM) == 0) {
        return argv0;
    }
    narrow(wide, path, sizeof(path));
    return path;
}

void system_make_folder(char *target, size_t size)
{
    static unsigned count;
    wchar_t base[MAX_PATH];
    wchar_t path[MAX_PATH + 64];

    must(GetTempPathW(MAX_PATH, base) > 0, "temporary folder");
    (void)_snwprintf(path, MAX_PATH + 64, L"%lshbtest-os-%lu-%llu-%u", base,
                     GetCurrentProcessId(),
                     (unsigned long long)GetTickCount64(), count++);
    must(CreateDirectoryW(path, NULL), "temporary folder");
    narrow(path, target, size);
}

/* Wine says that it made one, and did not. */
bool system_make_link(const char *target, const char *path)
{
    wchar_t *wide_target = widen(target);
    wchar_t *wide = widen(path);
    bool made =
        CreateSymbolicLinkW(wide, wide_target,
                            SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE) &&
        GetFileAttributesW(wide) != INVALID_FILE_ATTRIBUTES;

    free(wide);
    free(wide_target);
    return made;
}

void system_write_file(const char *path, const void *bytes, size_t size,
                       bool executable)
{
    wchar_t *wide = widen(path);
    HANDLE file = CreateFileW(wide, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS,
                              FILE_ATTRIBUTE_NORMAL, NULL);

    (void)executable; /* the name decides */
    must(file != INVALID_HANDLE_VALUE, path);
    system_write((intptr_t)file, bytes, size);
    (void)CloseHandle(file);
    free(wide);
}

typedef int CDECL take_apart(int *out_count, wchar_t ***out_words,
                             wchar_t ***out_environment, int wildcards,
                             int *mode);

/* By the system's own C runtime: what launcher/os makes of the line is under
 * test. Not by shell32, which brings user32 and with it the looks of a program
 * that has windows. */
char **system_arguments(int *argc, char **argv)
{
    HMODULE library = LoadLibraryW(L"msvcrt.dll");
    take_apart *take =
        (take_apart *)(void (*)(void))GetProcAddress(library, "__wgetmainargs");
    wchar_t **wide = NULL;
    wchar_t **environment = NULL;
    int mode = 0;

    (void)argv;
    must(take != NULL && take(argc, &wide, &environment, 0, &mode) == 0,
         "arguments");
    char **arguments = calloc((size_t)*argc + 1, sizeof(*arguments));
    must(arguments != NULL, "memory");
    for (int i = 0; i < *argc; i++) {
        size_t room = wcslen(wide[i]) * 3 + 1;

        arguments[i] = malloc(room);
        must(arguments[i] != NULL, "memory");
        narrow(wide[i], arguments[i], room);
    }
    return arguments;
}

void system_use_binary(void)
{
    (void)_setmode(_fileno(stdin), _O_BINARY);
    (void)_setmode(_fileno(stdout), _O_BINARY);
    (void)_setmode(_fileno(stderr), _O_BINARY);
}

void system_silence_input(void)
{
    HANDLE reader = NULL;
    HANDLE writer = NULL; /* stays open, and silent, until we end */

    must(CreatePipe(&reader, &writer, NULL, 0), "pipe");
    must(SetStdHandle(STD_INPUT_HANDLE, reader), "stdin");
}
