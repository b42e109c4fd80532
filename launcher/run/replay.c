#include "run/replay.h"

#include <stdlib.h>

#include "core/record.h"
#include "core/verdict.h"
#include "os/console.h"
#include "os/file.h"
#include "report/console.h"
#include "report/json.h"
#include "report/junit.h"
#include "report/timeline.h"
#include "run/funnel.h"
#include "run/targets.h"

/* A timeline holds a few lines a second; this is a day of a busy test. */
#define TIMELINE_CAP ((size_t)256 << 20)

/* Feeds all observations; returns whether the run's last one was there. */
static bool feed(struct hb_timeline *timeline, struct hb_funnel *funnel)
{
    struct hb_observation seen;
    bool closed = false;

    while (!closed && hb_timeline_next(timeline, &seen)) {
        closed = seen.kind == HB_OBS_CLOSED;
        if (!closed) {
            hb_funnel_tell(funnel, &seen);
        } else {
            hb_funnel_close(funnel, seen.at_ms);
        }
    }
    return closed;
}

/* The launcher did not live to write its last line: what it knew is told,
 * and that is all. */
static void close_lost(struct hb_funnel *funnel)
{
    hb_record_finish(&funnel->result, &funnel->supervisor);
    hb_judge_lost(&funnel->result);
}

static void warn_of_lines(const struct hb_timeline *timeline,
                          struct hb_outcome *outcome)
{
    size_t skipped = hb_timeline_skipped(timeline);

    if (skipped > 0) {
        hb_buffer_format(&outcome->words,
                         "hbtest-launch: %zu lines of the timeline could not "
                         "be understood and were skipped\n",
                         skipped);
    }
    if (hb_timeline_torn(timeline)) {
        hb_buffer_text(&outcome->words,
                       "hbtest-launch: the last line of the timeline is "
                       "torn\n");
    }
}

static bool write_reports(const struct hb_settings *settings,
                          const struct hb_result *result,
                          struct hb_buffer *out_json, struct hb_error *err)
{
    const struct hb_options *options = &settings->options;
    struct hb_junit_output output = { 0 };
    struct hb_buffer junit = { 0 };
    bool ok = false;

    if (!hb_json_write(result, out_json, err)) {
        goto out;
    }
    if (options->json != NULL &&
        !hb_file_replace(options->json, out_json->bytes, out_json->size, err)) {
        goto out;
    }
    if (options->junit != NULL &&
        (!hb_junit_write(result, &output,
                         options->junit_strict ? HB_JUNIT_STRICT
                                               : HB_JUNIT_EXTENDED,
                         &junit, err) ||
         !hb_file_replace(options->junit, junit.bytes, junit.size, err))) {
        goto out;
    }
    if (options->json != NULL || options->junit != NULL) {
        hb_buffer_free(out_json);
    }
    ok = true;

out:
    hb_buffer_free(&junit);
    return ok;
}

bool hb_replay(const struct hb_settings *settings, struct hb_outcome *outcome,
               struct hb_buffer *out_json, struct hb_error *err)
{
    struct hb_timeline *timeline = NULL;
    struct hb_funnel funnel;
    char *bytes = NULL;
    size_t size = 0;
    bool ok = false;

    if (!hb_targets_check(settings, err) ||
        !hb_file_read(settings->options.replay, TIMELINE_CAP, &bytes, &size,
                      err)) {
        return false;
    }
    if (!hb_timeline_open(bytes, size, &timeline, err)) {
        free(bytes);
        return false;
    }
    hb_funnel_init(&funnel, hb_timeline_run_header(timeline), NULL);
    if (!feed(timeline, &funnel)) {
        close_lost(&funnel);
    }
    warn_of_lines(timeline, outcome);
    if (!settings->options.quiet) {
        hb_console_verdict(&funnel.result,
                           settings->options.color == HB_WHEN_ALWAYS ||
                               (settings->options.color == HB_WHEN_AUTO &&
                                hb_console_has_color()),
                           NULL, &outcome->words);
    }
    ok = write_reports(settings, &funnel.result, out_json, err);
    outcome->status = funnel.result.exit_status;
    outcome->by_signal = funnel.result.exit_by_signal;
    hb_funnel_free(&funnel);
    hb_timeline_free(timeline);
    free(bytes);
    return ok;
}
