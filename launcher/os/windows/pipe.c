#include "os/windows/pipe.h"

#include <stddef.h>
#include <stdio.h>
#include <wchar.h>

#include "os/host.h"
#include "os/windows/private.h"
#include "os/windows/system.h"

/* NtQueryInformationFile(): what it tells of a pipe, and the state of one
 * whose other end is closed. */
#define PIPE_LOCAL_INFORMATION 24
#define STATE_CLOSING 4

/* Anonymous pipes cannot be read while waiting for something else, so this one
 * has a name: one that nobody can guess, for one opening. */
static HANDLE make_pipe(wchar_t *name, size_t room, DWORD size)
{
    (void)_snwprintf(name, room, L"\\\\.\\pipe\\hbtest-%lu-%016llx",
                     GetCurrentProcessId(),
                     (unsigned long long)hb_host_random());
    return CreateNamedPipeW(name,
                            PIPE_ACCESS_INBOUND | FILE_FLAG_OVERLAPPED |
                                FILE_FLAG_FIRST_PIPE_INSTANCE,
                            PIPE_TYPE_BYTE | PIPE_WAIT |
                                PIPE_REJECT_REMOTE_CLIENTS,
                            1, 0, size, 0, hb_private_attributes());
}

/* The other end is an ordinary one: synchronous, and only for writing. */
static HANDLE open_other_end(const wchar_t *name)
{
    SECURITY_ATTRIBUTES inherited = { .nLength = sizeof(inherited),
                                      .bInheritHandle = TRUE };
    HANDLE end =
        CreateFileW(name, GENERIC_WRITE | FILE_READ_ATTRIBUTES, 0, &inherited,
                    OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);

    return end == INVALID_HANDLE_VALUE ? NULL : end;
}

bool hb_pipe_open(DWORD size, HANDLE *out_ours, HANDLE *out_theirs)
{
    wchar_t name[80];
    HANDLE ours = make_pipe(name, sizeof(name) / sizeof(name[0]), size);
    HANDLE theirs = NULL;

    if (ours == INVALID_HANDLE_VALUE) {
        return false;
    }
    theirs = open_other_end(name);
    if (theirs == NULL) {
        DWORD why = GetLastError();

        (void)CloseHandle(ours);
        SetLastError(why);
        return false;
    }
    *out_ours = ours;
    *out_theirs = theirs;
    return true;
}

bool hb_pipe_has_writer(HANDLE ours)
{
    struct {
        ULONG type, configuration, most, now, inbound, readable, outbound, room,
            state, end;
    } about = { 0 };
    ULONG_PTR block[2] = { 0 }; /* IO_STATUS_BLOCK */
    hb_query_file *query = hb_system()->query_file;

    return query == NULL ||
           query(ours, block, &about, sizeof(about), PIPE_LOCAL_INFORMATION) <
               0 ||
           about.state != STATE_CLOSING;
}
