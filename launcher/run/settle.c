#include "run/watch.h"

#include "core/hang.h"
#include "os/clock.h"

/* A descendant that only needs a moment longer is no leak. */
#define LEAK_GRACE_MS 100u
/* Who waits for a processor gets it again, up to so much. */
#define STARVED_MOST_MS 2000u
/* What is killed closes its end of the pipe at once; a process that cannot
 * die keeps it. */
#define DRAIN_MS 2000u
/* How often the tree is looked at while the grace runs. */
#define TREE_EVERY_MS 10u
/* How long we may take to read what the pipes still hold; it is a megabyte at
 * most, so more comes from somebody who still writes. */
#define BACKLOG_MS 10000u
/* As many as the system finds for us at once. */
#define LEFT_MAX 4096u

static bool output_is_closed(const struct hb_watch *watch)
{
    return watch->closed[HB_STDOUT] && watch->closed[HB_STDERR];
}

/* Closed, or open because of our own reader alone. */
static bool is_over(const struct hb_watch *watch, enum hb_stream stream)
{
    return watch->closed[stream] ||
           (hb_process_output(watch->process, stream).waits_ms >=
                LEAK_GRACE_MS &&
            !hb_process_has_writer(watch->process, stream));
}

static bool is_quiet(const struct hb_watch *watch, bool empty)
{
    return empty && is_over(watch, HB_STDOUT) && is_over(watch, HB_STDERR);
}

static uint64_t blocked_ms(const struct hb_watch *watch)
{
    uint64_t sum_ms = 0;

    for (int i = 0; i < HB_STREAM_COUNT; i++) {
        sum_ms +=
            hb_process_output(watch->process, (enum hb_stream)i).blocked_ms;
    }
    return sum_ms;
}

static bool is_empty(struct hb_watch *watch)
{
    return hb_process_tree(watch->process, NULL, 0) == 0;
}

/* Goes on reading until all is quiet, at most until `until_ms`, or later by
 * the time in which we were not allowed to run: nobody else was either. While
 * nobody is there who could still write, what comes is what the pipes held, and
 * the grace begins anew; nor does time count in which our own reader took
 * nothing, up to a bound. Who asks us to stop does not wait for that. */
static bool wait_for_quiet(struct hb_watch *watch, uint64_t until_ms,
                           bool *out_quiet, struct hb_error *err)
{
    uint64_t backlog_until_ms = hb_clock_ms() + BACKLOG_MS;
    uint64_t blocked_before_ms = blocked_ms(watch);
    bool quiet = is_quiet(watch, is_empty(watch));

    while (!quiet && hb_clock_ms() < until_ms) {
        uint64_t due_ms = hb_clock_ms() + TREE_EVERY_MS;
        uint64_t now_ms;
        enum hb_event_kind kind;
        bool empty;

        due_ms = due_ms < until_ms ? due_ms : until_ms;
        if (!hb_watch_once(watch, due_ms, &kind, err)) {
            return false;
        }
        empty = is_empty(watch);
        quiet = is_quiet(watch, empty);
        now_ms = hb_clock_ms();
        if (now_ms < backlog_until_ms) {
            uint64_t blocked_now_ms = blocked_ms(watch);

            until_ms += blocked_now_ms - blocked_before_ms;
            blocked_before_ms = blocked_now_ms;
        }
        if (empty && kind == HB_EVENT_OUTPUT && now_ms < backlog_until_ms) {
            until_ms = until_ms > now_ms + LEAK_GRACE_MS
                           ? until_ms
                           : now_ms + LEAK_GRACE_MS;
        } else {
            until_ms += now_ms > due_ms ? now_ms - due_ms : 0;
        }
        if (kind == HB_EVENT_STOP_REQUEST) {
            break;
        }
    }
    *out_quiet = quiet;
    return true;
}

static struct hb_hang_picture look_at_left(struct hb_watch *watch)
{
    static struct hb_thread_sample threads[HB_SAMPLE_THREADS_MAX];
    struct hb_dialog dialog;
    struct hb_hang_picture picture;
    size_t count = hb_process_sample(watch->process, threads,
                                     HB_SAMPLE_THREADS_MAX, &dialog);

    hb_hang_look(&picture, threads, count, &dialog);
    return picture;
}

/* A busy machine may not have let them end: whoever is ready to run and is
 * given hardly any time had no grace yet. */
static bool wait_for_starved(struct hb_watch *watch, bool *out_quiet,
                             struct hb_error *err)
{
    uint64_t give_up_ms = hb_clock_ms() + STARVED_MOST_MS;
    struct hb_hang_picture before = look_at_left(watch);
    bool starved = before.running > 0 && !watch->funnel.supervisor.interrupted;

    while (!*out_quiet && starved && hb_clock_ms() < give_up_ms) {
        uint64_t from_ms = hb_clock_ms();

        if (!wait_for_quiet(watch, from_ms + LEAK_GRACE_MS, out_quiet, err)) {
            return false;
        }
        struct hb_hang_picture after = look_at_left(watch);
        starved = hb_hang_classify(&before, &after, hb_clock_ms() - from_ms) ==
                  HB_HANG_CLASS_STARVED;
        before = after;
    }
    return true;
}

static void tell_left(struct hb_watch *watch)
{
    static struct hb_tree_process left[LEFT_MAX];
    size_t count = hb_process_tree(watch->process, left, LEFT_MAX);

    for (size_t i = 0; i < count && i < LEFT_MAX; i++) {
        struct hb_observation seen = {
            .kind = HB_OBS_LEFT,
            .source = HB_SOURCE_KERNEL,
            .at_ms = hb_watch_now_ms(watch),
            .pid = left[i].pid,
            .process = &left[i],
        };

        hb_funnel_tell(&watch->funnel, &seen);
    }
    if (count > LEFT_MAX) {
        hb_watch_tell_text(watch, HB_OBS_WARNING,
                           "more than 4096 processes were left behind");
    }
    for (int i = 0; i < HB_STREAM_COUNT; i++) {
        struct hb_observation seen = {
            .kind = HB_OBS_HELD_OUTPUT,
            .source = HB_SOURCE_KERNEL,
            .at_ms = hb_watch_now_ms(watch),
            .stream = (enum hb_stream)i,
        };

        if (!watch->closed[i] &&
            hb_process_has_writer(watch->process, seen.stream)) {
            hb_funnel_tell(&watch->funnel, &seen);
        }
    }
}

/* What is left over is ended, unless it is meant to stay. */
static bool end_what_is_left(struct hb_watch *watch, struct hb_error *err)
{
    struct hb_error failure = { 0 };
    bool quiet = false;

    if (watch->header.policy.leak == HB_LEAK_IGNORE) {
        hb_process_release(watch->process);
    } else if (!hb_process_kill(watch->process, &failure)) {
        hb_watch_warn(watch, "", &failure);
    } else if (!wait_for_quiet(watch, hb_clock_ms() + DRAIN_MS, &quiet, err)) {
        return false;
    }
    return true;
}

/* Whoever reads our own streams gets the rest when all else is done, if it
 * still takes something; the log has it in any case. */
static bool drop_output(struct hb_watch *watch, struct hb_error *err)
{
    enum hb_event_kind kind = HB_EVENT_OUTPUT;

    for (int i = 0; i < HB_STREAM_COUNT; i++) {
        if (!watch->closed[i] &&
            hb_process_output(watch->process, (enum hb_stream)i).waits_ms > 0) {
            watch->artifacts.only_copy = true;
        }
    }
    hb_process_drop_output(watch->process);
    while (kind != HB_EVENT_NONE) {
        if (!hb_watch_once(watch, hb_clock_ms(), &kind, err)) {
            return false;
        }
    }
    return true;
}

static void look_for_premature_file(struct hb_watch *watch)
{
    const char *path = watch->premature_file;

    if (path[0] != '\0' && hb_file_exists(path)) {
        hb_watch_tell(watch, HB_OBS_PREMATURE_FILE);
        if (watch->settings->premature_file == NULL) {
            hb_file_remove(path);
        }
    }
}

/* Until when what is left may end by itself: a tree that was asked to end has
 * its grace, also when the program itself was the first to go. */
static uint64_t quiet_until_ms(const struct hb_watch *watch)
{
    uint64_t until_ms = hb_clock_ms() + LEAK_GRACE_MS;

    return watch->grace_until_ms > until_ms ? watch->grace_until_ms : until_ms;
}

bool hb_watch_settle(struct hb_watch *watch, struct hb_error *err)
{
    bool quiet = false;

    if (!hb_look_finish(watch, err)) {
        return false;
    }
    if (!wait_for_quiet(watch, quiet_until_ms(watch), &quiet, err)) {
        return false;
    }
    if (!quiet && !wait_for_starved(watch, &quiet, err)) {
        return false;
    }
    if (!quiet) {
        tell_left(watch);
        if (!end_what_is_left(watch, err)) {
            return false;
        }
    }
    if (!output_is_closed(watch) && !drop_output(watch, err)) {
        return false;
    }
    if (!hb_look_at_cores(watch, err)) {
        return false;
    }
    hb_watch_catch_up(watch);
    look_for_premature_file(watch);
    hb_watch_machine_after(watch);
    hb_watch_tell(watch, HB_OBS_SETTLED);
    return true;
}
