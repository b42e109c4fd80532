#include "core/notify.h"
#include "core/status.h"
#include "os/clock.h"
#include "run/watch.h"

static void on_output(struct hb_watch *watch, const struct hb_event *event)
{
    struct hb_error err = { 0 };

    watch->silent_bytes[event->stream] += event->size;
    if (hb_clock_ms() - watch->output_told_ms >=
        hb_watch_output_every_ms(watch)) {
        hb_watch_tell_output(watch);
    }
    if (event->stream == HB_STDERR && event->size > 0) {
        watch->in_line = event->bytes[event->size - 1] != '\n';
    }
    hb_watch_masks(watch, event);
    if (watch->completion != NULL) {
        hb_completion_feed(watch->completion, event->stream, event->bytes,
                           event->size, hb_watch_now_ms(watch));
    }
    if (!hb_artifacts_output(&watch->artifacts, event->stream, event->bytes,
                             event->size, &err)) {
        watch->log_failed = true;
        hb_watch_warn(watch,
                      event->stream == HB_STDOUT ? "stdout.log is incomplete: "
                                                 : "stderr.log is incomplete: ",
                      &err);
    }
}

static void on_closed(struct hb_watch *watch, const struct hb_event *event)
{
    struct hb_observation seen = {
        .kind = HB_OBS_OUTPUT_CLOSED,
        .source = HB_SOURCE_KERNEL,
        .at_ms = hb_watch_now_ms(watch),
        .stream = event->stream,
        .failed = event->kind == HB_EVENT_READER_GONE,
    };

    watch->closed[event->stream] = true;
    hb_watch_tell_output(watch);
    hb_watch_masks_end(watch, event->stream);
    if (watch->completion != NULL) {
        hb_completion_end(watch->completion, event->stream, seen.at_ms);
    }
    hb_funnel_tell(&watch->funnel, &seen);
    if (seen.failed) {
        hb_watch_tell_text(watch, HB_OBS_WARNING,
                           event->stream == HB_STDOUT
                               ? "whoever read our stdout went away"
                               : "whoever read our stderr went away");
    }
}

/* Our stdout is on a full disk: that is no business of the test's. The log has
 * what it writes, and stays. */
static void on_not_passed(struct hb_watch *watch, const struct hb_event *event)
{
    struct hb_error err;
    const char *name = event->stream == HB_STDOUT ? "stdout" : "stderr";

    (void)hb_fail(&err, HB_ERR_WRITE, event->os_code,
                  "cannot pass on the test's %s any more, see %s.log", name,
                  name);
    hb_reason_say(&err, watch->not_passed_on, sizeof(watch->not_passed_on));
    watch->artifacts.only_copy = true;
    hb_watch_warn(watch, "", &err);
}

static void on_exit_event(struct hb_watch *watch, const struct hb_event *event)
{
    struct hb_observation seen = {
        .kind = event->kind == HB_EVENT_EXIT ? HB_OBS_EXIT : HB_OBS_CHILD_EXIT,
        .source = HB_SOURCE_KERNEL,
        .pid = event->pid,
        .exit = event->exit,
        .resources = event->resources,
    };

    hb_watch_catch_up(watch);
    seen.at_ms = hb_watch_now_ms(watch);
    hb_funnel_tell(&watch->funnel, &seen);
}

static void on_child(struct hb_watch *watch, const struct hb_event *event)
{
    struct hb_observation seen = {
        .kind = HB_OBS_CHILD,
        .source = HB_SOURCE_KERNEL,
        .at_ms = hb_watch_now_ms(watch),
        .pid = event->process.pid,
        .process = &event->process,
    };

    hb_funnel_tell(&watch->funnel, &seen);
}

/* The process that was started as the launcher has been killed: what is left
 * of us ends the tree and puts on disk what it knows. */
static void tell_lost(struct hb_watch *watch)
{
    struct hb_observation seen = {
        .kind = HB_OBS_FAILURE,
        .at_ms = hb_watch_now_ms(watch),
        .text = "the launcher was killed while the test ran; the tree was "
                "ended",
        .cause_hint = HB_CAUSE_LAUNCHER_LOST,
    };

    hb_funnel_tell(&watch->funnel, &seen);
}

static void on_stop_request(struct hb_watch *watch,
                            const struct hb_event *event)
{
    struct hb_observation seen = {
        .kind = HB_OBS_STOP_REQUEST,
        .source = HB_SOURCE_KERNEL,
        .count = event->signal,
        .text = event->signal_name,
        .pid = event->pid,
        .failed = event->signal == 0,
    };

    hb_watch_catch_up(watch);
    if (seen.failed) {
        tell_lost(watch);
    }
    seen.at_ms = hb_watch_now_ms(watch);
    hb_funnel_tell(&watch->funnel, &seen);
}

/* Each signal is told once, however often it comes. */
static void on_signal(struct hb_watch *watch, const struct hb_event *event)
{
    uint64_t bit = (uint64_t)1 << (event->signal % 64);
    const char *name = hb_signal_name(event->signal);
    char sender[32] = "";
    char text[160];
    bool passed = hb_process_signal(watch->process, event->signal);

    if ((watch->signals_told & bit) != 0) {
        return;
    }
    watch->signals_told |= bit;
    if (event->pid != 0) {
        (void)hb_text_format(sender, sizeof(sender), " from process %u",
                             (unsigned)event->pid);
    }
    (void)hb_text_format(text, sizeof(text), "%s%s came to the launcher and %s",
                         name != NULL ? name : "a signal", sender,
                         passed ? "was passed on to the test"
                                : "was ignored, since the test had ended");
    hb_watch_tell_text(watch, HB_OBS_WARNING, text);
}

void hb_watch_event(struct hb_watch *watch, const struct hb_event *event)
{
    switch (event->kind) {
    case HB_EVENT_NONE:
        break;
    case HB_EVENT_OUTPUT:
        on_output(watch, event);
        break;
    case HB_EVENT_OUTPUT_CLOSED:
    case HB_EVENT_READER_GONE:
        on_closed(watch, event);
        break;
    case HB_EVENT_NOT_PASSED:
        on_not_passed(watch, event);
        break;
    case HB_EVENT_NOTIFY:
        hb_notify_read(event->bytes, event->size, event->pid,
                       hb_watch_now_ms(watch), hb_funnel_observe,
                       &watch->funnel);
        break;
    case HB_EVENT_CHILD:
        on_child(watch, event);
        break;
    case HB_EVENT_CHILD_EXIT:
    case HB_EVENT_EXIT:
        on_exit_event(watch, event);
        break;
    case HB_EVENT_HELPER_OUTPUT:
    case HB_EVENT_HELPER_ENDED:
        hb_look_event(watch, event);
        break;
    case HB_EVENT_SIGNAL:
        on_signal(watch, event);
        break;
    case HB_EVENT_CALLED:
        hb_watch_catch_up(watch);
        break;
    case HB_EVENT_LEAVING:
        hb_door_held(watch, &event->leaving);
        break;
    case HB_EVENT_STOP_REQUEST:
        on_stop_request(watch, event);
        break;
    }
}
