#include "core/supervisor.h"

#include <assert.h>
#include <string.h>

#include "core/watch.h"

/* A test that is ready but gets no processor is granted at most this many
 * times its limit. */
#define STARVED_FACTOR 3u
/* The system may work so long on the report of a crash (a core of many
 * gigabytes, a slow handler), and is looked at so often meanwhile. */
#define DUMPING_MOST_MS 300000u
#define DUMPING_STEP_MS 1000u
/* What an observation means to the state machine. */
enum event {
    EVENT_NONE = 0,
    EVENT_LIMIT,     /* a limit was reached */
    EVENT_LOOK,      /* time for the second look */
    EVENT_CLEARED,   /* it moves, or it could not have moved */
    EVENT_CONFIRMED, /* both looks agree */
    EVENT_CRASHING,  /* its own handler waits for us */
    EVENT_LEAVING,   /* it stands at the door */
    EVENT_COLLECTED,
    EVENT_ASKED,       /* we are asked to stop */
    EVENT_ASKED_AGAIN, /* ... again, or by the death of the guard */
    EVENT_CANNOT_ASK,  /* the tree cannot be asked to stop */
    EVENT_TIME_UP,
    EVENT_EXIT,
    EVENT_SETTLED,
    EVENT_COUNT
};

struct rule {
    enum hb_state next; /* 0: stay, and do nothing */
    enum hb_action action;
};

/* The whole policy. An empty cell is an event that changes nothing. */
static const struct rule rules[HB_STATE_COUNT][EVENT_COUNT] = {
    [HB_STATE_WATCHING] = {
        [EVENT_LIMIT]       = { HB_STATE_SUSPECT,    HB_ACTION_SAMPLE },
        [EVENT_CRASHING]    = { HB_STATE_WITNESS,    HB_ACTION_COLLECT },
        [EVENT_LEAVING]     = { HB_STATE_WITNESS,    HB_ACTION_COLLECT },
        [EVENT_ASKED]       = { HB_STATE_STOPPING,   HB_ACTION_STOP },
        [EVENT_ASKED_AGAIN] = { HB_STATE_KILLING,    HB_ACTION_KILL },
        [EVENT_EXIT]        = { HB_STATE_SETTLING,   HB_ACTION_SETTLE },
    },
    [HB_STATE_WITNESS] = {
        [EVENT_COLLECTED]   = { HB_STATE_WATCHING,   HB_ACTION_NONE },
        [EVENT_ASKED]       = { HB_STATE_STOPPING,   HB_ACTION_STOP },
        [EVENT_ASKED_AGAIN] = { HB_STATE_KILLING,    HB_ACTION_KILL },
        [EVENT_EXIT]        = { HB_STATE_SETTLING,   HB_ACTION_SETTLE },
    },
    [HB_STATE_SUSPECT] = {
        [EVENT_LOOK]        = { HB_STATE_SUSPECT,    HB_ACTION_SAMPLE },
        [EVENT_CLEARED]     = { HB_STATE_WATCHING,   HB_ACTION_NONE },
        [EVENT_CRASHING]    = { HB_STATE_WITNESS,    HB_ACTION_COLLECT },
        [EVENT_LEAVING]     = { HB_STATE_WITNESS,    HB_ACTION_COLLECT },
        [EVENT_CONFIRMED]   = { HB_STATE_COLLECTING, HB_ACTION_COLLECT },
        [EVENT_ASKED]       = { HB_STATE_STOPPING,   HB_ACTION_STOP },
        [EVENT_ASKED_AGAIN] = { HB_STATE_KILLING,    HB_ACTION_KILL },
        [EVENT_EXIT]        = { HB_STATE_SETTLING,   HB_ACTION_SETTLE },
    },
    [HB_STATE_COLLECTING] = {
        [EVENT_COLLECTED]   = { HB_STATE_STOPPING,   HB_ACTION_STOP },
        [EVENT_ASKED]       = { HB_STATE_STOPPING,   HB_ACTION_STOP },
        [EVENT_ASKED_AGAIN] = { HB_STATE_KILLING,    HB_ACTION_KILL },
        [EVENT_EXIT]        = { HB_STATE_SETTLING,   HB_ACTION_SETTLE },
    },
    [HB_STATE_STOPPING] = {
        [EVENT_CANNOT_ASK]  = { HB_STATE_KILLING,    HB_ACTION_KILL },
        [EVENT_TIME_UP]     = { HB_STATE_KILLING,    HB_ACTION_KILL },
        [EVENT_ASKED_AGAIN] = { HB_STATE_KILLING,    HB_ACTION_KILL },
        [EVENT_EXIT]        = { HB_STATE_SETTLING,   HB_ACTION_SETTLE },
    },
    [HB_STATE_KILLING] = {
        [EVENT_TIME_UP]     = { HB_STATE_SETTLING,   HB_ACTION_SETTLE },
        [EVENT_EXIT]        = { HB_STATE_SETTLING,   HB_ACTION_SETTLE },
    },
    [HB_STATE_SETTLING] = {
        [EVENT_SETTLED]     = { HB_STATE_DONE,       HB_ACTION_FINISH },
    },
};

void hb_supervisor_init(struct hb_supervisor *supervisor,
                        const struct hb_policy *policy)
{
    memset(supervisor, 0, sizeof(*supervisor));
    supervisor->policy = policy;
    supervisor->state = HB_STATE_WATCHING;
    supervisor->pulse.first_ms = HB_UNKNOWN_MS;
    supervisor->pulse.last_ms = HB_UNKNOWN_MS;
}

static bool grant_report(struct hb_supervisor *sup, uint64_t at_ms)
{
    if (sup->dumping_ms == 0) {
        sup->dumping_ms = at_ms;
    }
    if (at_ms - sup->dumping_ms >= DUMPING_MOST_MS) {
        return false;
    }
    hb_watch_forgive(sup, DUMPING_STEP_MS, at_ms);
    return true;
}

/* A starved test is granted the time again, up to a bound; one that a
 * debugger holds as long as it is held. A deadline waits for nobody. */
static bool grant(struct hb_supervisor *sup, enum hb_hang_class class_,
                  uint64_t at_ms)
{
    uint64_t limit_ms = hb_supervisor_hang_after_ms(sup);
    uint64_t step_ms = limit_ms / 4 + 1;

    if (sup->fired == HB_LIMIT_DEADLINE) {
        return false;
    }
    if (class_ == HB_HANG_CLASS_TRACED) {
        hb_watch_forgive(sup, at_ms, at_ms);
        return true;
    }
    if (class_ == HB_HANG_CLASS_DUMPING) {
        return grant_report(sup, at_ms);
    }
    if (class_ != HB_HANG_CLASS_STARVED || sup->fired != HB_LIMIT_HANG ||
        sup->forgiven_ms >= limit_ms * STARVED_FACTOR) {
        return false;
    }
    sup->forgiven_ms += step_ms;
    hb_watch_forgive(sup, step_ms, at_ms);
    return true;
}

static enum event look_at(struct hb_supervisor *sup,
                          const struct hb_observation *seen)
{
    struct hb_hang_picture look;
    enum hb_hang_class class_;

    hb_hang_look(&look, seen->threads, seen->thread_count, seen->dialog);
    if (sup->state != HB_STATE_SUSPECT) {
        return EVENT_NONE;
    }
    if (!sup->first.taken) {
        sup->first = look;
        sup->first_at_ms = seen->at_ms;
        return EVENT_NONE;
    }
    class_ =
        hb_hang_classify(&sup->first, &look, seen->at_ms - sup->first_at_ms);
    return grant(sup, class_, seen->at_ms) ? EVENT_CLEARED : EVENT_CONFIRMED;
}

static enum event time_event(struct hb_supervisor *sup, uint64_t at_ms)
{
    struct hb_limit_time next;

    if (at_ms < hb_supervisor_wake_ms(sup)) {
        return EVENT_NONE;
    }
    switch (sup->state) {
    case HB_STATE_WATCHING:
        next = hb_watch_next_limit(sup);
        sup->fired = next.limit;
        sup->fired_ms = at_ms;
        sup->first.taken = false;
        return next.limit == HB_LIMIT_NONE ? EVENT_NONE : EVENT_LIMIT;
    case HB_STATE_SUSPECT:
        return EVENT_LOOK;
    case HB_STATE_STOPPING:
    case HB_STATE_KILLING:
        return EVENT_TIME_UP;
    default:
        return EVENT_NONE;
    }
}

static enum event asked(struct hb_supervisor *sup,
                        const struct hb_observation *seen)
{
    bool again = sup->interrupted || seen->failed;

    sup->interrupted = true;
    if (sup->state < HB_STATE_COLLECTING) {
        sup->fired = HB_LIMIT_NONE; /* no verdict stood yet */
    }
    return again ? EVENT_ASKED_AGAIN : EVENT_ASKED;
}

/* Progress saves a test that is only suspected, and only from the limit on
 * silence. */
static enum event moved(const struct hb_supervisor *sup)
{
    return sup->state == HB_STATE_SUSPECT && sup->fired == HB_LIMIT_HANG
               ? EVENT_CLEARED
               : EVENT_NONE;
}

/* It may wait for our reader alone. */
static enum event blocked(const struct hb_supervisor *sup)
{
    return sup->state == HB_STATE_SUSPECT && sup->fired == HB_LIMIT_EXIT_WITHIN
               ? EVENT_CLEARED
               : moved(sup);
}

/* Children that crash are none of this: programs that test how something dies
 * make many of them. */
static enum event crashing(const struct hb_supervisor *sup,
                           const struct hb_observation *seen)
{
    return sup->crashed_pid == 0 && hb_watch_is_main(sup, seen) ? EVENT_CRASHING
                                                                : EVENT_NONE;
}

static enum event leaving(const struct hb_supervisor *sup,
                          const struct hb_observation *seen)
{
    return sup->left_pid == 0 && sup->crashed_pid == 0 &&
                   hb_watch_is_main(sup, seen)
               ? EVENT_LEAVING
               : EVENT_NONE;
}

static enum event event_of(struct hb_supervisor *sup,
                           const struct hb_observation *seen)
{
    switch (seen->kind) {
    case HB_OBS_TIMER:
        return time_event(sup, seen->at_ms);
    case HB_OBS_SAMPLE:
        return look_at(sup, seen);
    case HB_OBS_CRASHING:
        return crashing(sup, seen);
    case HB_OBS_LEAVING:
        return leaving(sup, seen);
    case HB_OBS_BLOCKED:
        return blocked(sup);
    case HB_OBS_EVIDENCE_DONE:
        return EVENT_COLLECTED;
    case HB_OBS_STOPPED:
        return seen->failed ? EVENT_CANNOT_ASK : EVENT_NONE;
    case HB_OBS_STOP_REQUEST:
        return asked(sup, seen);
    case HB_OBS_EXIT:
        return EVENT_EXIT;
    case HB_OBS_SETTLED:
        return EVENT_SETTLED;
    default:
        return hb_watch_progress(sup, seen) ? moved(sup) : EVENT_NONE;
    }
}

enum hb_action hb_supervisor_step(struct hb_supervisor *supervisor,
                                  const struct hb_observation *observation)
{
    const struct rule *rule;
    enum event event;

    assert(supervisor->state < HB_STATE_COUNT);
    assert(observation->at_ms >= supervisor->now_ms);

    supervisor->now_ms = observation->at_ms;
    hb_watch_learn(supervisor, observation);
    event = event_of(supervisor, observation);
    rule = &rules[supervisor->state][event];
    if (rule->next == 0) {
        return HB_ACTION_NONE;
    }
    if (event == EVENT_CLEARED || event == EVENT_CRASHING ||
        event == EVENT_LEAVING) {
        supervisor->fired = HB_LIMIT_NONE;
    }
    if (event == EVENT_CRASHING) {
        supervisor->crashed_pid = observation->pid;
        supervisor->crashed_tid =
            observation->exception != NULL ? observation->exception->tid : 0;
    }
    if (event == EVENT_LEAVING) {
        supervisor->left_pid = observation->pid;
    }
    if (supervisor->state == HB_STATE_WITNESS) { /* we made it wait */
        hb_watch_forgive(supervisor, observation->at_ms - supervisor->state_ms,
                         observation->at_ms);
    }
    supervisor->state = rule->next;
    supervisor->state_ms = observation->at_ms;
    return rule->action;
}
