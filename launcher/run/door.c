#include "run/door.h"

#include "core/leaving.h"
#include "os/door.h"
#include "run/watch.h"

/* A flood of output from elsewhere in the tree does not hold it for ever. */
#define EVENTS_MOST 1000u

void hb_door_ask(struct hb_watch *watch)
{
    watch->door.asked = true;
    watch->door.events = 0;
}

void hb_door_held(struct hb_watch *watch, const struct hb_leaving *leaving)
{
    watch->door.held = true;
    watch->door.leaving = *leaving;
    hb_door_ask(watch);
}

void hb_door_open(struct hb_watch *watch)
{
    struct hb_door *door = &watch->door;

    if (door->held && !door->asked && !watch->look.running) {
        door->held = false;
        hb_process_let_leave(watch->process);
    }
}

static bool is_early(const struct hb_watch *watch,
                     const struct hb_leaving *leaving)
{
    const struct hb_funnel *funnel = &watch->funnel;

    return hb_leaving_is_early(&funnel->result, &funnel->supervisor, leaving) ||
           hb_file_exists(watch->premature_file);
}

/* The supervisor is told only of who is too early: it then wants to look. */
static void tell_early(struct hb_watch *watch)
{
    const struct hb_leaving *leaving = &watch->door.leaving;
    struct hb_observation seen = {
        .kind = HB_OBS_LEAVING,
        .source = HB_SOURCE_KERNEL,
        .at_ms = hb_watch_now_ms(watch),
        .pid = leaving->pid,
        .leaving = leaving,
    };

    if (watch->door.held && !watch->look.was_used && is_early(watch, leaving)) {
        hb_funnel_tell(&watch->funnel, &seen);
    }
}

void hb_door_check(struct hb_watch *watch, enum hb_event_kind kind)
{
    struct hb_door *door = &watch->door;
    const struct hb_result *result = &watch->funnel.result;

    if (!door->asked ||
        (kind != HB_EVENT_NONE && ++door->events < EVENTS_MOST)) {
        return;
    }
    door->asked = false;
    hb_watch_catch_up(watch);
    if (watch->look.running) {
        return; /* at a crash: who leaves meanwhile waits for the end of it */
    }
    if (watch->funnel.supervisor.state != HB_STATE_WITNESS) {
        tell_early(watch);
    } else if (is_early(watch, &result->leaving)) {
        hb_watch_machine(watch);
        hb_look_start(watch);
    } else {
        hb_watch_tell(watch, HB_OBS_EVIDENCE_DONE);
    }
}
