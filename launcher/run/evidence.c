#include <string.h>

#include "base/text.h"
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
    tell(watch, "samples", HB_EVIDENCE_CAPTURED, NULL);
    hb_watch_tell(watch, HB_OBS_EVIDENCE_DONE);
}

void hb_watch_explain(struct hb_watch *watch)
{
    const struct hb_options *options = &watch->settings->options;

    tell(watch, "stacks", HB_EVIDENCE_SKIPPED,
         options->stacks == HB_WHEN_NEVER ? "--stacks=never" : "not built yet");
    tell(watch, "dump", HB_EVIDENCE_SKIPPED,
         options->dump == HB_DUMP_NONE ? "--dump=none" : "not built yet");
}
