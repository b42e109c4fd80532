#include "run/door.h"

#include "core/leaving.h"
#include "run/watch.h"

/* A flood of output from elsewhere in the tree does not hold it for ever. */
#define EVENTS_MOST 1000u

void hb_door_ask(struct hb_watch *watch)
{
    watch->door = (struct hb_door){ .asked = true };
}

static bool is_early(const struct hb_watch *watch)
{
    const struct hb_funnel *funnel = &watch->funnel;

    return hb_leaving_is_early(&funnel->result, &funnel->supervisor,
                               &funnel->result.leaving) ||
           hb_file_exists(watch->premature_file);
}

void hb_door_check(struct hb_watch *watch, enum hb_event_kind kind)
{
    struct hb_door *door = &watch->door;

    if (!door->asked ||
        (kind != HB_EVENT_NONE && ++door->events < EVENTS_MOST)) {
        return;
    }
    door->asked = false;
    if (watch->funnel.supervisor.state != HB_STATE_WITNESS) {
        return; /* it ended, or we are to stop */
    }
    hb_watch_catch_up(watch);
    if (is_early(watch)) {
        hb_watch_machine(watch);
        hb_look_start(watch);
    } else {
        hb_watch_tell(watch, HB_OBS_EVIDENCE_DONE);
    }
}
