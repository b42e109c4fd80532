#include "os/host.h"

#include <windows.h>

#include "base/text.h"
#include "os/windows/system.h"

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
    add(&list, "etw", false, "not built yet");
    return list.count;
}
