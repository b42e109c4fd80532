#include "run/watch.h"

#include <string.h>

#include "os/clock.h"
#include "os/door.h"

/* The longest sleep, a twentieth of the limit on silence but no less and no
 * more: a pause of the whole machine shows within this time. */
#define TICK_LEAST_MS 1000u
#define TICK_MOST_MS 3000u
/* How often the recorder is looked at: it has 4096 places. */
#define RECORDER_EVERY_MS 100u
#define RECORDER_CALM_MS 200u
/* Without a fixture it is looked at less and less often, down to a tick. */
/* What is due so soon is done at the same waking. */
#define SLACK_MS 30u
/* Waking up so much too late means that we were not allowed to run, and
 * neither was the test. */
#define OVERSLEPT_MS 250u
/* Less is a reader as slow as readers are. */
#define BLOCKED_MS 250u
/* CPU time is told when it moved by more than its granularity. */
#define CPU_STEP_US 1000u

uint64_t hb_watch_now_ms(const struct hb_watch *watch)
{
    return hb_clock_ms() - watch->start_ms;
}

void hb_watch_tell(struct hb_watch *watch, enum hb_observation_kind kind)
{
    hb_watch_tell_text(watch, kind, NULL);
}

void hb_watch_tell_text(struct hb_watch *watch, enum hb_observation_kind kind,
                        const char *text)
{
    struct hb_observation seen = {
        .kind = kind,
        .at_ms = hb_watch_now_ms(watch),
        .text = text,
    };

    hb_funnel_tell(&watch->funnel, &seen);
}

void hb_watch_warn(struct hb_watch *watch, const char *before,
                   const struct hb_error *err)
{
    char why[HB_REASON_SIZE];
    char text[HB_REASON_SIZE + 64];

    hb_reason_say(err, why, sizeof(why));
    (void)hb_text_format(text, sizeof(text), "%s%s", before, why);
    hb_watch_tell_text(watch, HB_OBS_WARNING, text);
}

static uint64_t at_most(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t tick_ms(const struct hb_watch *watch)
{
    uint64_t part_ms =
        hb_supervisor_hang_after_ms(&watch->funnel.supervisor) / 20;

    return part_ms < TICK_LEAST_MS ? TICK_LEAST_MS
                                   : at_most(part_ms, TICK_MOST_MS);
}

static void read_recorder(struct hb_watch *watch)
{
    uint64_t now_ms = hb_clock_ms();
    uint64_t every_ms;

    if (watch->recorder == NULL) {
        watch->recorder_at_ms = HB_NO_LIMIT;
        return;
    }
    if (hb_recorder_read(watch->recorder, now_ms, hb_funnel_observe,
                         &watch->funnel)) {
        watch->recorder_spoke = true;
        every_ms = RECORDER_EVERY_MS;
    } else if (watch->recorder_spoke) {
        every_ms = RECORDER_CALM_MS;
    } else {
        every_ms = watch->recorder_idle_ms;
        watch->recorder_idle_ms = at_most(every_ms * 2, tick_ms(watch));
    }
    watch->recorder_at_ms = now_ms + every_ms;
}

void hb_watch_catch_up(struct hb_watch *watch)
{
    read_recorder(watch);
    hb_watch_tell_output(watch);
    hb_watch_tell_blocked(watch, BLOCKED_MS);
}

static void look_at_cpu(struct hb_watch *watch)
{
    uint64_t every_ms = hb_supervisor_cpu_every_ms(&watch->funnel.supervisor);
    struct hb_observation seen = {
        .kind = HB_OBS_CPU,
        .source = HB_SOURCE_KERNEL,
        .at_ms = hb_watch_now_ms(watch),
    };

    if (every_ms == HB_NO_LIMIT) {
        watch->cpu_at_ms = HB_NO_LIMIT;
        return;
    }
    watch->cpu_at_ms = hb_clock_ms() + every_ms;
    if (hb_process_cpu_us(watch->process, &seen.count) &&
        seen.count >= watch->cpu_us + CPU_STEP_US) {
        watch->cpu_us = seen.count;
        hb_funnel_tell(&watch->funnel, &seen);
    }
}

/* What of `ms` is too much to be anything but a stall. */
static uint64_t stall_of(uint64_t ms)
{
    return ms > OVERSLEPT_MS ? ms : 0;
}

/* Waking up much later than asked, or taking long between two waits: neither
 * we nor the test could run, or nobody could look. */
static void look_at_clock(struct hb_watch *watch, uint64_t waits_ms,
                          uint64_t due_ms)
{
    uint64_t now_ms = hb_clock_ms();
    uint64_t suspended_ms = hb_clock_suspended_ms();
    struct hb_observation seen = {
        .kind = HB_OBS_GAP,
        .at_ms = hb_watch_now_ms(watch),
        .text = "the launcher was not allowed to run",
    };

    seen.count = stall_of(waits_ms - watch->awake_ms) +
                 stall_of(now_ms > due_ms ? now_ms - due_ms : 0);
    watch->awake_ms = now_ms;
    if (seen.count > 0) {
        hb_funnel_tell(&watch->funnel, &seen);
    }
    if (suspended_ms > watch->suspended_ms + OVERSLEPT_MS) {
        watch->suspended_ms = suspended_ms;
        hb_watch_tell_text(watch, HB_OBS_WARNING,
                           "the system was suspended during the run; its "
                           "clock stood still meanwhile");
    }
}

/* Of whom we have a dump the system need not write another, nor when somebody
 * waits for us to stop. */
static void spare_core(struct hb_watch *watch)
{
    const struct hb_supervisor *supervisor = &watch->funnel.supervisor;
    uint32_t pid = supervisor->crashed_pid != 0 ? supervisor->crashed_pid
                                                : supervisor->left_pid;

    if (pid != 0 && (hb_look_has(watch, "dump") || supervisor->interrupted)) {
        hb_process_spare_core(watch->process, pid);
    }
}

/* Who crashed or leaves waits as long as somebody looks, and no longer. */
static void let_go(struct hb_watch *watch)
{
    volatile uint32_t *word;

    while (watch->recorder != NULL && !watch->look.running &&
           !watch->door.asked &&
           (word = hb_recorder_let_go(watch->recorder)) != NULL) {
        spare_core(watch);
        hb_process_wake(word);
    }
    hb_door_open(watch);
}

bool hb_watch_once(struct hb_watch *watch, uint64_t until_ms,
                   enum hb_event_kind *out_kind, struct hb_error *err)
{
    struct hb_event event = { 0 };
    uint64_t now_ms;

    let_go(watch);
    hb_funnel_flush(&watch->funnel);
    now_ms = hb_clock_ms();
    if (!hb_process_next(watch->process, until_ms, &event, err)) {
        return false;
    }
    look_at_clock(watch, now_ms, until_ms > now_ms ? until_ms : now_ms);
    hb_watch_event(watch, &event);
    *out_kind = event.kind;
    return true;
}

/* The loop */

static uint64_t next_wake(const struct hb_watch *watch)
{
    uint64_t wake_ms = hb_supervisor_wake_ms(&watch->funnel.supervisor);
    uint64_t until_ms = hb_clock_ms() + tick_ms(watch);

    if (watch->door.asked) {
        return hb_clock_ms();
    }
    if (wake_ms != HB_NO_LIMIT) {
        until_ms = at_most(until_ms, watch->start_ms + wake_ms);
    }
    if (hb_watch_holds_output(watch)) {
        until_ms = at_most(until_ms, watch->output_told_ms +
                                         hb_watch_output_every_ms(watch));
    }
    until_ms = at_most(until_ms, watch->recorder_at_ms);
    until_ms = at_most(until_ms, hb_look_wake_ms(watch));
    return at_most(until_ms, watch->cpu_at_ms);
}

static bool is_due(const struct hb_watch *watch)
{
    uint64_t wake_ms = hb_supervisor_wake_ms(&watch->funnel.supervisor);

    return wake_ms != HB_NO_LIMIT && hb_clock_ms() >= watch->start_ms + wake_ms;
}

/* What is due at this time of the clock. The limits come last: whatever was
 * seen until now may still save the test. */
static void look_around(struct hb_watch *watch)
{
    uint64_t now_ms = hb_clock_ms();
    bool due = is_due(watch);
    bool cpu_due = now_ms + SLACK_MS >= watch->cpu_at_ms;

    hb_look_check(watch);

    if (due || cpu_due || now_ms + SLACK_MS >= watch->recorder_at_ms) {
        read_recorder(watch);
    }
    if (hb_watch_holds_output(watch) &&
        (due ||
         now_ms >= watch->output_told_ms + hb_watch_output_every_ms(watch))) {
        hb_watch_tell_output(watch);
    }
    hb_watch_tell_blocked(watch, BLOCKED_MS);
    if (cpu_due || (due && watch->cpu_at_ms != HB_NO_LIMIT)) {
        look_at_cpu(watch);
    }
    if (is_due(watch)) {
        hb_watch_tell_blocked(watch, 1);
    }
    if (is_due(watch)) {
        hb_watch_tell(watch, HB_OBS_TIMER);
    }
}

/* The tree has been asked to end. */
static void note_grace(struct hb_watch *watch)
{
    const struct hb_supervisor *supervisor = &watch->funnel.supervisor;

    if (supervisor->state == HB_STATE_STOPPING) {
        uint64_t wake_ms = hb_supervisor_wake_ms(supervisor);

        watch->grace_until_ms = wake_ms < HB_NO_LIMIT - watch->start_ms
                                    ? watch->start_ms + wake_ms
                                    : HB_NO_LIMIT;
    }
}

static void stop_tree(struct hb_watch *watch)
{
    struct hb_error err = { 0 };
    struct hb_observation seen = { .kind = HB_OBS_STOPPED };
    char why[HB_REASON_SIZE];

    seen.failed = !hb_process_stop(watch->process, &err);
    hb_reason_say(&err, why, sizeof(why));
    seen.text = seen.failed ? why : NULL;
    seen.at_ms = hb_watch_now_ms(watch);
    hb_funnel_tell(&watch->funnel, &seen);
    note_grace(watch);
}

static void kill_tree(struct hb_watch *watch)
{
    struct hb_error err = { 0 };
    struct hb_observation seen = { .kind = HB_OBS_KILLED };
    char why[HB_REASON_SIZE];

    watch->grace_until_ms = 0;
    seen.failed = !hb_process_kill(watch->process, &err);
    hb_reason_say(&err, why, sizeof(why));
    seen.text = seen.failed ? why : NULL;
    seen.at_ms = hb_watch_now_ms(watch);
    hb_funnel_tell(&watch->funnel, &seen);
}

static bool act(struct hb_watch *watch, enum hb_action action,
                struct hb_error *err)
{
    switch (action) {
    case HB_ACTION_NONE:
    case HB_ACTION_FINISH:
        return true;
    case HB_ACTION_SAMPLE:
        hb_watch_sample(watch);
        return true;
    case HB_ACTION_COLLECT:
        hb_watch_collect(watch);
        return true;
    case HB_ACTION_STOP:
        hb_look_stop(watch, "the launcher was asked to stop");
        stop_tree(watch);
        return true;
    case HB_ACTION_KILL:
        hb_look_stop(watch, "the launcher was asked to stop");
        kill_tree(watch);
        return true;
    case HB_ACTION_SETTLE:
        return hb_watch_settle(watch, err);
    }
    return true;
}

bool hb_watch_loop(struct hb_watch *watch, struct hb_error *err)
{
    enum hb_action action = HB_ACTION_NONE;

    while (watch->funnel.supervisor.state != HB_STATE_DONE) {
        enum hb_event_kind kind;

        if (!hb_watch_once(watch, next_wake(watch), &kind, err)) {
            return false;
        }
        hb_door_check(watch, kind);
        look_around(watch);
        while ((action = hb_funnel_take(&watch->funnel)) != HB_ACTION_NONE) {
            if (!act(watch, action, err)) {
                return false;
            }
        }
    }
    return true;
}
