#include <string.h>

#include "base/text.h"
#include "run/abilities.h"
#include "run/door.h"
#include "run/watch.h"

void hb_watch_sample(struct hb_watch *watch)
{
    static struct hb_thread_sample threads[HB_SAMPLE_THREADS_MAX];
    struct hb_dialog dialog = { 0 };
    struct hb_observation seen = {
        .kind = HB_OBS_SAMPLE,
        .source = HB_SOURCE_KERNEL,
        .threads = threads,
        .dialog = &dialog,
    };

    seen.thread_count = hb_process_sample(watch->process, threads,
                                          HB_SAMPLE_THREADS_MAX, &dialog);
    seen.at_ms = hb_watch_now_ms(watch);
    hb_funnel_tell(&watch->funnel, &seen);
}

static void tell(struct hb_watch *watch, const char *kind,
                 enum hb_evidence_status status, const char *reason)
{
    struct hb_evidence evidence = { .status = status };
    struct hb_observation seen = {
        .kind = HB_OBS_EVIDENCE,
        .at_ms = hb_watch_now_ms(watch),
        .evidence = &evidence,
    };

    (void)hb_text_copy(evidence.kind, sizeof(evidence.kind), kind);
    (void)hb_text_copy(evidence.reason, sizeof(evidence.reason), reason);
    hb_funnel_tell(&watch->funnel, &seen);
}

void hb_watch_collect(struct hb_watch *watch)
{
    const struct hb_supervisor *supervisor = &watch->funnel.supervisor;

    if (supervisor->state != HB_STATE_WITNESS) {
        tell(watch, "samples", HB_EVIDENCE_CAPTURED, NULL);
    } else if (supervisor->crashed_pid == 0) {
        hb_door_ask(watch);
        return;
    }
    hb_watch_machine(watch);
    hb_look_start(watch);
}

bool hb_watch_has_evidence(const struct hb_watch *watch, const char *kind)
{
    const struct hb_result *result = &watch->funnel.result;

    for (size_t i = 0; i < result->evidence_count; i++) {
        if (strcmp(result->evidence[i].kind, kind) == 0) {
            return true;
        }
    }
    return false;
}

/* Why nobody looked. */
static const char *explain(const struct hb_watch *watch)
{
    const struct hb_result *result = &watch->funnel.result;
    const struct hb_capability *helper =
        hb_run_capability(&watch->header, "postmortem");

    if (result->pid == 0) {
        return "the program was not started";
    }
    if (watch->funnel.supervisor.fired == HB_LIMIT_DEADLINE) {
        return "no time was left before the deadline";
    }
    if (result->interrupted_by[0] != '\0') {
        return "the launcher was asked to stop";
    }
    if (result->exit.kind == HB_EXIT_SIGNAL && !helper->available) {
        return helper->detail;
    }
    return "the process had ended before anybody could look";
}

void hb_watch_explain(struct hb_watch *watch)
{
    const struct hb_options *options = &watch->settings->options;
    const char *why = explain(watch);

    if (!hb_watch_has_evidence(watch, "stacks")) {
        tell(watch, "stacks", HB_EVIDENCE_SKIPPED,
             options->stacks == HB_WHEN_NEVER ? "--stacks=never" : why);
    }
    if (!hb_watch_has_evidence(watch, "dump")) {
        tell(watch, "dump", HB_EVIDENCE_SKIPPED,
             options->dump == HB_DUMP_NONE ? "--dump=none"
             : options->dump_budget == 0   ? "--dump-budget=0"
                                           : why);
    }
}
