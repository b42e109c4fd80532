#include "postmortem/windows/snapshot.h"

/* Of PSS_CAPTURE_FLAGS; the headers of the compiler have none. */
enum {
    MEMORY = 0x1,
    HANDLES = 0x4,
    HANDLE_NAMES = 0x8,
    HANDLE_BASICS = 0x10,
    HANDLE_KINDS = 0x20,
    THREADS = 0x80,
    THREAD_CONTEXTS = 0x100,
    LEAVE_JOB_IF_IT_MAY = 0x04000000, /* else the copy counts as the test's */
};

const struct hb_dump_tools *hb_dump_tools(void)
{
    static struct hb_dump_tools tools;
    HMODULE system = GetModuleHandleW(L"kernel32.dll");

    tools.write = hb_dump_writer();
    tools.capture = (hb_capture *)(void (*)(void))GetProcAddress(
        system, "PssCaptureSnapshot");
    tools.uncapture = (hb_uncapture *)(void (*)(void))GetProcAddress(
        system, "PssFreeSnapshot");
    if (tools.uncapture == NULL) {
        tools.capture = NULL;
    }
    return &tools;
}

HANDLE hb_snapshot_take(const struct hb_dump_tools *tools, HANDLE process,
                        bool with_handles)
{
    DWORD what = MEMORY | THREADS | THREAD_CONTEXTS | LEAVE_JOB_IF_IT_MAY;
    HANDLE snapshot = NULL;

    if (tools->capture == NULL) {
        return NULL;
    }
    if (with_handles) {
        what |= HANDLES | HANDLE_NAMES | HANDLE_BASICS | HANDLE_KINDS;
    }
    return tools->capture(process, what, CONTEXT_ALL, &snapshot) ==
                   ERROR_SUCCESS
               ? snapshot
               : NULL;
}

void hb_snapshot_free(const struct hb_dump_tools *tools, HANDLE snapshot)
{
    if (snapshot != NULL) {
        (void)tools->uncapture(GetCurrentProcess(), snapshot);
    }
}
