#include "os/windows/exit_monitor.h"

#include <string.h>
#include <wchar.h>

#define VERSION L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\"
#define OPTIONS VERSION L"Image File Execution Options\\%ls"
#define MONITOR VERSION L"SilentProcessExit\\%ls"

#define MONITOR_SILENT_PROCESS_EXIT 0x200u /* of the global flags */
#define LOCAL_DUMP 2u                      /* of the reporting modes */
#define DUMPS_MOST 64u

/* The flags that hold now; other tools have theirs in the same number. */
static LSTATUS read_flags(const struct hb_registry *registry,
                          const wchar_t *key, DWORD *out_flags)
{
    struct hb_registry_value value;
    LSTATUS why = registry->read(registry->context, key, L"GlobalFlag", &value);

    *out_flags = 0;
    if (why != ERROR_SUCCESS || !value.exists) {
        return why;
    }
    if (value.type != REG_DWORD || value.size != sizeof(*out_flags)) {
        return ERROR_INVALID_DATA;
    }
    memcpy(out_flags, value.data, sizeof(*out_flags));
    return ERROR_SUCCESS;
}

bool hb_exit_monitor_items(const struct hb_registry *registry,
                           const wchar_t *program, const wchar_t *folder,
                           struct hb_loan_item items[HB_EXIT_MONITOR_ITEMS],
                           LSTATUS *out_why)
{
    const struct hb_loan_item wanted[HB_EXIT_MONITOR_ITEMS] = {
        { .name = L"GlobalFlag" },
        { .name = L"ReportingMode", .value = hb_registry_number(LOCAL_DUMP) },
        { .name = L"IgnoreSelfExits", .value = hb_registry_number(1) },
        { .name = L"LocalDumpFolder", .value = hb_registry_path(folder) },
        { .name = L"MaxNumberOfDumpFiles",
          .value = hb_registry_number(DUMPS_MOST) },
    };
    DWORD flags;

    memcpy(items, wanted, sizeof(wanted));
    for (size_t i = 0; i < HB_EXIT_MONITOR_ITEMS; i++) {
        (void)_snwprintf(items[i].key, HB_REGISTRY_KEY_MAX,
                         i == 0 ? OPTIONS : MONITOR, program);
    }
    *out_why = read_flags(registry, items[0].key, &flags);
    items[0].value = hb_registry_number(flags | MONITOR_SILENT_PROCESS_EXIT);
    return *out_why == ERROR_SUCCESS;
}
