#include "os/windows/system.h"

#include <stddef.h>

static struct hb_system found;
static bool looked;

typedef void any_function(void);

static any_function *find(const wchar_t *module, const char *name)
{
    HMODULE loaded = GetModuleHandleW(module);

    return loaded == NULL ? NULL : (any_function *)GetProcAddress(loaded, name);
}

const struct hb_system *hb_system(void)
{
    const wchar_t *nt = L"ntdll.dll";

    if (looked) {
        return &found;
    }
    looked = true;
    found.query_system =
        (hb_query_system *)find(nt, "NtQuerySystemInformation");
    found.query_process = (hb_query *)find(nt, "NtQueryInformationProcess");
    found.query_thread = (hb_query *)find(nt, "NtQueryInformationThread");
    found.query_object = (hb_query *)find(nt, "NtQueryObject");
    found.query_file = (hb_query_file *)find(nt, "NtQueryInformationFile");
    found.set_process = (hb_set *)find(nt, "NtSetInformationProcess");
    found.version = (hb_read_version *)find(nt, "RtlGetVersion");
    found.wine_version = (hb_wine_version *)find(nt, "wine_get_version");
    found.thread_description =
        (hb_read_description *)find(L"kernel32.dll", "GetThreadDescription");
    found.interrupt_time =
        (hb_read_time *)find(L"kernelbase.dll", "QueryInterruptTime");
    found.unbiased_precise = (hb_read_time *)find(
        L"kernelbase.dll", "QueryUnbiasedInterruptTimePrecise");
    return &found;
}

const char *hb_system_wine(void)
{
    const struct hb_system *system = hb_system();

    return system->wine_version == NULL ? NULL : system->wine_version();
}
