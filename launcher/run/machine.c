#include "os/machine.h"

#include "base/text.h"
#include "core/machine.h"
#include "run/watch.h"

static void tell(struct hb_watch *watch, uint32_t pid)
{
    static struct hb_machine machine;
    struct hb_observation seen = {
        .kind = HB_OBS_MACHINE,
        .source = HB_SOURCE_KERNEL,
        .machine = &machine,
    };

    hb_machine_read(watch->artifacts.folder, pid, &machine);
    if (pid == 0) {
        (void)hb_text_copy(machine.handles_missing,
                           sizeof(machine.handles_missing),
                           "the process had ended");
    }
    seen.at_ms = hb_watch_now_ms(watch);
    hb_funnel_tell(&watch->funnel, &seen);
}

void hb_watch_machine(struct hb_watch *watch)
{
    const struct hb_result *result = &watch->funnel.result;

    tell(watch, result->ended ? 0 : result->pid);
}

void hb_watch_machine_after(struct hb_watch *watch)
{
    if (hb_machine_wanted(&watch->funnel.result, &watch->funnel.supervisor)) {
        tell(watch, 0);
    }
}
