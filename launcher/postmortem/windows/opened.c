#include "postmortem/windows/opened.h"

#define MACHINE_SELF IMAGE_FILE_MACHINE_AMD64
#define PAGE 4096u
#define PROTECTION_INFO 7u /* ProcessProtectionLevelInfo */
#define PROTECTION_NONE 0xFFFFFFFEu

typedef BOOL WINAPI ask_machine(HANDLE process, USHORT *machine,
                                USHORT *native);
typedef BOOL WINAPI ask_process(HANDLE process, ULONG what, void *into,
                                DWORD size);

typedef void any_function(void);

static any_function *find(const char *name)
{
    HMODULE kernel = GetModuleHandleW(L"kernel32.dll");

    return kernel == NULL ? NULL : (any_function *)GetProcAddress(kernel, name);
}

/* The last part of a token's integrity level; 0 if it cannot be had. */
static DWORD integrity_of(HANDLE process)
{
    union {
        TOKEN_MANDATORY_LABEL label;
        unsigned char
            bytes[sizeof(TOKEN_MANDATORY_LABEL) + SECURITY_MAX_SID_SIZE];
    } buffer;
    HANDLE token = NULL;
    DWORD size = 0;
    DWORD level = 0;

    if (!OpenProcessToken(process, TOKEN_QUERY, &token)) {
        return 0;
    }
    if (GetTokenInformation(token, TokenIntegrityLevel, &buffer, sizeof(buffer),
                            &size)) {
        PSID sid = buffer.label.Label.Sid;
        UCHAR count = *GetSidSubAuthorityCount(sid);

        level = count == 0 ? 0 : *GetSidSubAuthority(sid, count - 1u);
    }
    (void)CloseHandle(token);
    return level;
}

static bool is_protected(HANDLE process)
{
    ask_process *ask = (ask_process *)find("GetProcessInformation");
    DWORD level = PROTECTION_NONE;

    return ask != NULL &&
           ask(process, PROTECTION_INFO, &level, sizeof(level)) &&
           level != PROTECTION_NONE;
}

/* Why this process may not be read, as far as it lets itself be asked. */
static bool fail_denied(uint32_t pid, DWORD why, struct hb_error *err)
{
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, pid);
    const char *reason = "the system refuses it";

    if (process != NULL && is_protected(process)) {
        reason = "it is a protected process";
    } else if (process != NULL &&
               integrity_of(process) > integrity_of(GetCurrentProcess())) {
        reason = "it runs at a higher integrity level than the launcher";
    } else if (process == NULL) {
        reason = "it belongs to another user";
    }
    if (process != NULL) {
        (void)CloseHandle(process);
    }
    return hb_fail(err, HB_ERR_READ, (long)why,
                   "process %lu may not be read: %s", (unsigned long)pid,
                   reason);
}

static bool fail_ended(uint32_t pid, struct hb_error *err)
{
    return hb_fail(err, HB_ERR_NOT_FOUND, 0, "process %lu has ended",
                   (unsigned long)pid);
}

/* 0: like ours. */
static USHORT other_machine(HANDLE process)
{
    ask_machine *ask = (ask_machine *)find("IsWow64Process2");
    USHORT machine = 0;
    USHORT native = 0;
    BOOL is_32_bit = FALSE;

    if (ask != NULL && ask(process, &machine, &native)) {
        return machine; /* unknown is 0: it runs natively */
    }
    return IsWow64Process(process, &is_32_bit) && is_32_bit
               ? IMAGE_FILE_MACHINE_I386
               : 0;
}

static bool copy(const struct hb_opened *opened, uint64_t address, void *bytes,
                 size_t size)
{
    SIZE_T got = 0;

    return ReadProcessMemory(opened->process, (void *)(uintptr_t)address, bytes,
                             size, &got) &&
           got == size;
}

/* The call copies all or nothing; up to a hole it takes page by page. */
static size_t read_process(void *context, uint64_t address, void *bytes,
                           size_t size)
{
    char *to = bytes;
    size_t done = 0;

    if (copy(context, address, bytes, size)) {
        return size;
    }
    while (done < size) {
        size_t left = PAGE - (size_t)((address + done) % PAGE);
        size_t part = left < size - done ? left : size - done;

        if (!copy(context, address + done, to + done, part)) {
            break;
        }
        done += part;
    }
    return done;
}

static HANDLE open_for(uint32_t pid, DWORD more)
{
    return OpenProcess(PROCESS_QUERY_INFORMATION | PROCESS_VM_READ |
                           SYNCHRONIZE | more,
                       FALSE, pid);
}

bool hb_opened_open(uint32_t pid, struct hb_opened *out_opened,
                    struct hb_error *err)
{
    HANDLE process = open_for(pid, PROCESS_DUP_HANDLE);
    bool may_duplicate = process != NULL;

    if (process == NULL && GetLastError() == ERROR_ACCESS_DENIED) {
        process = open_for(pid, 0);
    }
    if (process == NULL) {
        DWORD why = GetLastError();

        return why == ERROR_ACCESS_DENIED ? fail_denied(pid, why, err)
                                          : fail_ended(pid, err);
    }
    *out_opened = (struct hb_opened){ .process = process,
                                      .pid = pid,
                                      .may_duplicate = may_duplicate };
    out_opened->memory = (struct hb_memory){ read_process, out_opened };
    if (!hb_opened_lives(out_opened)) {
        hb_opened_close(out_opened);
        return fail_ended(pid, err);
    }
    USHORT machine = other_machine(process);

    if (machine != 0 && machine != MACHINE_SELF) {
        hb_opened_close(out_opened);
        return hb_fail(err, HB_ERR_READ, 0,
                       "process %lu is a 32-bit program; this launcher reads "
                       "64-bit ones",
                       (unsigned long)pid);
    }
    return true;
}

void hb_opened_close(struct hb_opened *opened)
{
    if (opened->process != NULL) {
        (void)CloseHandle(opened->process);
        opened->process = NULL;
    }
}

bool hb_opened_lives(const struct hb_opened *opened)
{
    return WaitForSingleObject(opened->process, 0) == WAIT_TIMEOUT;
}
