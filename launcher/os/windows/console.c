#include "os/console.h"

#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "os/process.h"
#include "os/windows/bytes.h"
#include "os/windows/widen.h"

/* STATUS_CONTROL_C_EXIT, as programs end that are interrupted. */
#define INTERRUPTED_STATUS 0xC000013Au

static bool is_console(HANDLE handle)
{
    DWORD mode = 0;

    return GetConsoleMode(handle, &mode) != FALSE;
}

/* A console shows bytes in some code page of its own, wide text as it is. */
static bool write_wide(HANDLE handle, const char *bytes, size_t size)
{
    char *text = malloc(size + 1);
    wchar_t *wide = NULL;
    DWORD written = 0;
    bool ok = false;

    if (text != NULL) {
        memcpy(text, bytes, size);
        text[size] = '\0';
        wide = hb_widen(text);
    }
    if (wide != NULL) {
        ok = WriteConsoleW(handle, wide, (DWORD)wcslen(wide), &written, NULL);
    }
    free(wide);
    free(text);
    return ok;
}

bool hb_console_print(const char *bytes, size_t size, struct hb_error *err)
{
    HANDLE handle = GetStdHandle(STD_OUTPUT_HANDLE);

    return (is_console(handle) && write_wide(handle, bytes, size)) ||
           hb_write_all(handle, bytes, size) ||
           hb_fail(err, HB_ERR_WRITE, (long)GetLastError(),
                   "cannot write to stdout");
}

void hb_console_error(const char *bytes, size_t size)
{
    HANDLE handle = GetStdHandle(STD_ERROR_HANDLE);

    if (handle == NULL || handle == INVALID_HANDLE_VALUE) {
        return;
    }
    if (!is_console(handle) || !write_wide(handle, bytes, size)) {
        (void)hb_write_all(handle, bytes, size);
    }
}

bool hb_console_has_color(void)
{
    HANDLE handle = GetStdHandle(STD_ERROR_HANDLE);
    DWORD mode = 0;

    /* Escape sequences are something that a console can be asked to read. */
    return GetConsoleMode(handle, &mode) &&
           SetConsoleMode(handle, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

_Noreturn void hb_console_exit(uint32_t status)
{
    (void)TerminateProcess(GetCurrentProcess(), status);
    ExitProcess(status); /* not reached unless that failed */
}

_Noreturn void hb_console_die(uint32_t signal)
{
    hb_console_exit(signal);
}

bool hb_guard_start(struct hb_error *err)
{
    (void)err;
    return true; /* the job object is the guard */
}

/* Waits for the end of the program; an interruption ends it. */
static bool wait_for_end(struct hb_process *process, uint32_t *out_status,
                         struct hb_error *err)
{
    struct hb_event event = { 0 };
    struct hb_error ignored;
    bool interrupted = false;

    while (event.kind != HB_EVENT_EXIT) {
        if (!hb_process_next(process, UINT64_MAX, &event, err)) {
            return false;
        }
        if (event.kind == HB_EVENT_STOP_REQUEST) {
            interrupted = true;
            (void)hb_process_kill(process, &ignored); /* free() tries again */
        }
    }
    *out_status = interrupted ? INTERRUPTED_STATUS : event.exit.value;
    return true;
}

bool hb_console_become(const char *const *command, size_t count,
                       struct hb_error *err)
{
    struct hb_process_spec spec = { .command = command,
                                    .count = count,
                                    .plain = true };
    struct hb_process *process = NULL;
    uint32_t status = 0;
    uint32_t pid = 0;
    bool ok = hb_process_prepare(&spec, &process, err) &&
              hb_process_start(process, &pid, err) &&
              wait_for_end(process, &status, err);

    hb_process_free(process);
    if (ok) {
        hb_console_exit(status);
    }
    return false;
}
