#include "os/host.h"

#include <windows.h>

#include "base/text.h"
#include "os/windows/system.h"
#include "os/windows/wer.h"

struct list {
    struct hb_ability *items;
    size_t room;
    size_t count;
};

static void add(struct list *list, const char *name, bool available,
                const char *detail)
{
    if (list->count < list->room) {
        struct hb_ability *item = &list->items[list->count++];

        *item = (struct hb_ability){ .available = available };
        (void)hb_text_copy(item->name, sizeof(item->name), name);
        (void)hb_text_copy(item->detail, sizeof(item->detail), detail);
    }
}

static bool can_make_job(void)
{
    HANDLE job = CreateJobObjectW(NULL, NULL);

    if (job == NULL) {
        return false;
    }
    (void)CloseHandle(job);
    return true;
}

static bool can_share_memory(void)
{
    HANDLE memory = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL,
                                       PAGE_READWRITE, 0, 4096, NULL);

    if (memory == NULL) {
        return false;
    }
    (void)CloseHandle(memory);
    return true;
}

static void add_watching(struct list *list, bool wine)
{
    bool looks = hb_system()->query_system != NULL;
    const char *waits = "thread wait reasons";

    if (!looks) {
        waits = "NtQuerySystemInformation is missing";
    } else if (wine) {
        waits = "Wine tells no wait reasons";
    }
    add(list, "thread_states", looks,
        !looks ? waits
        : wine ? "CPU times and suspension only (Wine)"
               : "states, wait reasons and CPU times");
    add(list, "wait_channels", looks && !wine, waits);
    add(list, "dialogs", true, "message boxes on the launcher's desktop");
}

#define REPORTING L"Windows\\Windows Error Reporting"

/* True if the value is there and not 0. */
static bool is_set(HKEY root, const wchar_t *key, const wchar_t *value)
{
    DWORD number = 0;
    DWORD size = sizeof(number);

    return RegGetValueW(root, key, value, RRF_RT_REG_DWORD, NULL, &number,
                        &size) == ERROR_SUCCESS &&
           number != 0;
}

/* Who switched error reporting off; NULL: nobody. */
static const char *find_reporting_off(bool wine)
{
    static const wchar_t policy[] =
        L"SOFTWARE\\Policies\\Microsoft\\" REPORTING;
    static const wchar_t own[] = L"SOFTWARE\\Microsoft\\" REPORTING;

    if (wine) {
        return "Wine reports no crashes";
    }
    if (is_set(HKEY_LOCAL_MACHINE, policy, L"Disabled") ||
        is_set(HKEY_CURRENT_USER, policy, L"Disabled")) {
        return "error reporting (WER) is switched off by policy";
    }
    if (is_set(HKEY_LOCAL_MACHINE, own, L"Disabled") ||
        is_set(HKEY_CURRENT_USER, own, L"Disabled")) {
        return "error reporting (WER) is switched off (registry: Disabled)";
    }
    return NULL;
}

static bool may_set_dumps(void)
{
    HKEY key = NULL;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\Microsoft\\" REPORTING, 0,
                      KEY_CREATE_SUB_KEY, &key) != ERROR_SUCCESS) {
        return false;
    }
    (void)RegCloseKey(key);
    return true;
}

/* Why our module is not called; NULL: nothing is known against it. */
static const char *find_module_trouble(void)
{
    wchar_t path[HB_REGISTRY_NAME_MAX];

    if (!hb_wer_find(path)) {
        return "hbtest-wer.dll is neither beside the launcher nor in "
               "../libexec/hbtest";
    }
    return hb_wer_may_ask() ? NULL : "HKCU may not be written";
}

static void add_module(struct list *list, const char *off)
{
    const char *trouble = off != NULL ? off : find_module_trouble();

    add(list, "wer_module", trouble == NULL,
        trouble != NULL ? trouble
                        : "fast fails of programs that link the fixture");
}

static void add_reporting(struct list *list, bool wine)
{
    const char *off = find_reporting_off(wine);
    bool may = off == NULL && may_set_dumps();

    add(list, "wer", off == NULL,
        off != NULL ? off : "tests get the default error mode");
    add(list, "local_dumps", may,
        off != NULL ? off
        : may       ? "HKLM may be written"
                    : "HKLM may not be written: not an administrator");
    add_module(list, off);
}

size_t hb_host_abilities(struct hb_ability *abilities, size_t room)
{
    struct list list = { abilities, room, 0 };
    bool wine = hb_system_wine() != NULL;

    add(&list, "process_tree", can_make_job(),
        can_make_job() ? "job object, killed when the launcher ends"
                       : "no job object can be made");
    add(&list, "recorder", can_share_memory(),
        can_share_memory() ? "shared memory, by inherited handle"
                           : "no shared memory can be made");
    add(&list, "notify", false, "sd_notify is for Linux");
    add_watching(&list, wine);
    add(&list, "soft_stop", !wine,
        wine ? "Wine sends no Ctrl-Break" : "Ctrl-Break to the test's group");
    add_reporting(&list, wine);
    add(&list, "etw", false, "not built yet");
    return list.count;
}
