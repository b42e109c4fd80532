#include "os/windows/signals.h"

#include <stdbool.h>
#include <stddef.h>

/* After these the system ends us as soon as the handler returns, and after
 * five seconds in any case; the record is written before that. */
#define LAST_WORDS_MS 4500

static struct {
    bool installed;
    CRITICAL_SECTION lock;
    HANDLE port; /* NULL: nobody listens */
    ULONG_PTR key;
    DWORD waiting[8]; /* came while nobody listened */
    DWORD waiting_count;
} signals;

static const struct {
    DWORD kind;
    uint32_t number; /* of the signal on Linux that means the same */
    const char *name;
} requests[] = {
    { CTRL_C_EVENT, 2, "CTRL_C_EVENT" },
    { CTRL_BREAK_EVENT, 21, "CTRL_BREAK_EVENT" },
    { CTRL_CLOSE_EVENT, 1, "CTRL_CLOSE_EVENT" },
    { CTRL_LOGOFF_EVENT, 15, "CTRL_LOGOFF_EVENT" },
    { CTRL_SHUTDOWN_EVENT, 15, "CTRL_SHUTDOWN_EVENT" },
};

static void post(DWORD kind)
{
    EnterCriticalSection(&signals.lock);
    if (signals.port != NULL) {
        (void)PostQueuedCompletionStatus(signals.port, kind, signals.key, NULL);
    } else if (signals.waiting_count <
               sizeof(signals.waiting) / sizeof(signals.waiting[0])) {
        signals.waiting[signals.waiting_count++] = kind;
    }
    LeaveCriticalSection(&signals.lock);
}

static BOOL WINAPI take_request(DWORD kind)
{
    post(kind);
    if (kind != CTRL_C_EVENT && kind != CTRL_BREAK_EVENT) {
        /* Ends with this process, once the run has written its record. */
        (void)WaitForSingleObject(GetCurrentProcess(), LAST_WORDS_MS);
    }
    return TRUE;
}

void hb_signals_take(HANDLE port, ULONG_PTR key)
{
    if (!signals.installed) {
        InitializeCriticalSection(&signals.lock);
        signals.installed = true;
        (void)SetConsoleCtrlHandler(take_request, TRUE);
    }
    EnterCriticalSection(&signals.lock);
    signals.port = port;
    signals.key = key;
    for (DWORD i = 0; i < signals.waiting_count; i++) {
        (void)PostQueuedCompletionStatus(port, signals.waiting[i], key, NULL);
    }
    signals.waiting_count = 0;
    LeaveCriticalSection(&signals.lock);
}

void hb_signals_leave(void)
{
    if (signals.installed) {
        EnterCriticalSection(&signals.lock);
        signals.port = NULL;
        LeaveCriticalSection(&signals.lock);
    }
}

uint32_t hb_signal_read(DWORD kind, const char **out_name)
{
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        if (requests[i].kind == kind) {
            *out_name = requests[i].name;
            return requests[i].number;
        }
    }
    *out_name = "unknown";
    return kind;
}
