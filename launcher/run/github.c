/* What GitHub Actions is told of a run. */
#include "report/github.h"

#include "run/watch.h"

/* The record is written before the step summary, which tells of it. */
void hb_watch_check_summary(struct hb_watch *watch)
{
    const char *path = watch->settings->step_summary;
    struct hb_error err = { 0 };

    if (watch->settings->github && path != NULL &&
        !hb_file_append(path, "", 0, &err)) {
        watch->no_summary = true;
        hb_watch_warn(watch, "no step summary: ", &err);
    }
}

void hb_watch_say_github(const struct hb_watch *watch, struct hb_buffer *words)
{
    const struct hb_settings *settings = watch->settings;
    const char *folder = watch->artifacts.folder;
    struct hb_buffer summary = { 0 };
    struct hb_error err = { 0 };
    char why[HB_REASON_SIZE];

    if (!settings->github) {
        return;
    }
    hb_github_annotation(&watch->funnel.result, folder, words);
    hb_github_summary(&watch->funnel.result, folder, &summary);
    if (settings->step_summary != NULL && summary.size > 0 &&
        !watch->no_summary &&
        !hb_file_append(settings->step_summary, summary.bytes, summary.size,
                        &err)) {
        hb_reason_say(&err, why, sizeof(why));
        hb_buffer_format(words, "hbtest-launch: no step summary: %s\n", why);
    }
    hb_buffer_free(&summary);
}
