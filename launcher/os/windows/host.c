#include "os/host.h"

#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <ntsecapi.h>

#include "base/text.h"
#include "os/clock.h"
#include "os/windows/command_line.h"
#include "os/windows/system.h"
#include "os/windows/widen.h"

static const char *arch_name(void)
{
    SYSTEM_INFO info;

    GetNativeSystemInfo(&info);
    switch (info.wProcessorArchitecture) {
    case PROCESSOR_ARCHITECTURE_AMD64:
        return "x86_64";
    case PROCESSOR_ARCHITECTURE_ARM64:
        return "aarch64";
    case PROCESSOR_ARCHITECTURE_INTEL:
        return "i686";
    default:
        return "unknown";
    }
}

/* The version that GetVersionEx hides from programs without a manifest. */
static void read_release(char *target, size_t size)
{
    OSVERSIONINFOW version = { .dwOSVersionInfoSize = sizeof(version) };

    if (hb_system()->version != NULL) {
        (void)hb_system()->version(&version);
    }
    (void)hb_text_format(target, size, "%lu.%lu.%lu", version.dwMajorVersion,
                         version.dwMinorVersion, version.dwBuildNumber);
}

static void read_name(char *target, size_t size)
{
    wchar_t name[256] = L"";
    DWORD units = sizeof(name) / sizeof(name[0]);

    if (GetComputerNameExW(ComputerNameDnsHostname, name, &units)) {
        hb_narrow_into(target, size, name);
    }
}

void hb_host_read(struct hb_host *out_host)
{
    struct hb_host host = { .windows = true };
    const char *wine = hb_system_wine();

    if (wine == NULL) {
        (void)hb_text_copy(host.os, sizeof(host.os), "Windows");
    } else {
        (void)hb_text_format(host.os, sizeof(host.os), "Windows (Wine %s)",
                             wine);
    }
    read_release(host.release, sizeof(host.release));
    (void)hb_text_copy(host.arch, sizeof(host.arch), arch_name());
    host.cpus = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);
    read_name(host.name, sizeof(host.name));
    *out_host = host;
}

uint32_t hb_host_pid(void)
{
    return GetCurrentProcessId();
}

static wchar_t own_program[32768];

/* Into `own_program`. */
static bool find_own_program(struct hb_error *err)
{
    DWORD units = GetModuleFileNameW(NULL, own_program, 32768);

    return (units != 0 && units != 32768 &&
            wcsrchr(own_program, L'\\') != NULL) ||
           hb_fail(err, HB_ERR_INTERNAL, (long)GetLastError(),
                   "cannot tell where our own program lies");
}

bool hb_host_program(char *target, size_t size, struct hb_error *err)
{
    if (!find_own_program(err)) {
        return false;
    }
    hb_narrow_into(target, size, own_program);
    return true;
}

bool hb_host_folder(char *target, size_t size, struct hb_error *err)
{
    if (!find_own_program(err)) {
        return false;
    }
    *wcsrchr(own_program, L'\\') = L'\0';
    hb_narrow_into(target, size, own_program);
    return true;
}

uint64_t hb_host_random(void)
{
    uint64_t bits = 0;

    if (!RtlGenRandom(&bits, sizeof(bits))) {
        bits = hb_clock_ns() ^ (uint64_t)GetCurrentProcessId() << 32;
    }
    return bits;
}

bool hb_host_arguments(int argc, char **argv, int *out_argc, char ***out_argv,
                       struct hb_error *err)
{
    static char **arguments; /* until the process ends */
    static size_t count;

    (void)argc; /* what the runtime made of them in some code page */
    (void)argv;
    if (arguments == NULL &&
        !hb_command_line_split(GetCommandLineW(), &arguments, &count, err)) {
        return false;
    }
    *out_argc = (int)count;
    *out_argv = arguments;
    return true;
}
