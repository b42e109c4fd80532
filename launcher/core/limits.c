#include "core/watch.h"

/* Between the two looks at a silent test: enough for a thread that runs to
 * show it, too short for a person to notice. */
#define SECOND_LOOK_MS 25u
/* What evidence and reports may take before the CI job's deadline. */
#define DEADLINE_MARGIN_MS 5000u
/* A process that does not end in this time after a kill will not. */
#define KILL_PATIENCE_MS 10000u
bool hb_watch_is_complete(const struct hb_supervisor *sup)
{
    for (size_t i = 0; i < HB_SOURCE_COUNT; i++) {
        if (sup->complete[i]) {
            return true;
        }
    }
    return false;
}

uint64_t hb_supervisor_hang_after_ms(const struct hb_supervisor *supervisor)
{
    const struct hb_policy *policy = supervisor->policy;

    if (policy->progress == 0) {
        return HB_NO_LIMIT;
    }
    if (!policy->hang_after_auto) {
        return policy->hang_after_ms;
    }
    if (supervisor->test_hang_after_ms != 0) {
        return supervisor->test_hang_after_ms;
    }
    return supervisor->strict ? HB_HANG_AFTER_STRICT_MS
                              : HB_HANG_AFTER_LENIENT_MS;
}

static uint64_t after(uint64_t begin_ms, uint64_t limit_ms)
{
    return limit_ms >= HB_NO_LIMIT - begin_ms ? HB_NO_LIMIT
                                              : begin_ms + limit_ms;
}

static uint64_t hang_at(const struct hb_supervisor *sup)
{
    if (sup->paused || hb_watch_is_complete(sup)) {
        return HB_NO_LIMIT;
    }
    return after(sup->progress_ms, hb_supervisor_hang_after_ms(sup));
}

static uint64_t exit_at(const struct hb_supervisor *sup)
{
    return hb_watch_is_complete(sup)
               ? after(sup->completed_ms, sup->policy->exit_within_ms)
               : HB_NO_LIMIT;
}

/* Early enough that evidence, grace and reports fit in before the deadline;
 * half way if it is nearer than all that. */
static uint64_t deadline_at(const struct hb_supervisor *sup)
{
    uint64_t deadline_ms = sup->policy->deadline_ms;
    uint64_t margin_ms = after(sup->policy->grace_ms, DEADLINE_MARGIN_MS);

    if (deadline_ms == HB_NO_LIMIT) {
        return HB_NO_LIMIT;
    }
    return deadline_ms / 2 > margin_ms ? deadline_ms - margin_ms
                                       : deadline_ms / 2;
}

struct hb_limit_time hb_watch_next_limit(const struct hb_supervisor *sup)
{
    const struct hb_limit_time limits[] = {
        { HB_LIMIT_EXIT_WITHIN, exit_at(sup) },
        { HB_LIMIT_HANG, hang_at(sup) },
        { HB_LIMIT_TIMEOUT, after(sup->started_ms, sup->policy->timeout_ms) },
        { HB_LIMIT_DEADLINE, deadline_at(sup) },
    };
    struct hb_limit_time next = { HB_LIMIT_NONE, HB_NO_LIMIT };

    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        if (limits[i].at_ms < next.at_ms) {
            next = limits[i];
        }
    }
    return next;
}

/* Grace ends early enough for the reports of a job that is to be killed. */
#define LAST_MOMENT_MS 1000u

static uint64_t grace_ends_at(const struct hb_supervisor *sup)
{
    uint64_t at_ms = after(sup->state_ms, sup->policy->grace_ms);
    uint64_t deadline_ms = sup->policy->deadline_ms;
    uint64_t spare_ms =
        deadline_ms / 4 < LAST_MOMENT_MS ? deadline_ms / 4 : LAST_MOMENT_MS;

    if (deadline_ms == HB_NO_LIMIT || at_ms <= deadline_ms - spare_ms) {
        return at_ms;
    }
    return deadline_ms - spare_ms > sup->state_ms ? deadline_ms - spare_ms
                                                  : sup->state_ms;
}

uint64_t hb_supervisor_wake_ms(const struct hb_supervisor *supervisor)
{
    switch (supervisor->state) {
    case HB_STATE_WATCHING:
        return hb_watch_next_limit(supervisor).at_ms;
    case HB_STATE_SUSPECT:
        return supervisor->state_ms + SECOND_LOOK_MS;
    case HB_STATE_STOPPING:
        return grace_ends_at(supervisor);
    case HB_STATE_KILLING:
        return supervisor->state_ms + KILL_PATIENCE_MS;
    case HB_STATE_WITNESS:
    case HB_STATE_COLLECTING:
    case HB_STATE_SETTLING:
    case HB_STATE_DONE:
    case HB_STATE_COUNT:
        break;
    }
    return HB_NO_LIMIT;
}
