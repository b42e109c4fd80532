#include <stdlib.h>

#include "base/text.h"
#include "report/timeline/parts.h"

static void read_host(struct hb_fields *fields, struct hb_run_header *out)
{
    static const char *const required[] = { "windows" };
    struct hb_fields inner;

    if (hb_field_enter(fields, "host", &inner)) {
        hb_field_require(&inner, required, 1);
        out->host.windows = hb_field_bool(&inner, "windows");
        out->host.os = hb_field_text(&inner, "os");
        out->host.release = hb_field_text(&inner, "release");
        out->host.arch = hb_field_text(&inner, "arch");
        out->host.cpus = hb_field_u32(&inner, "cpus");
        out->host.name = hb_field_text(&inner, "name");
        hb_field_leave(fields, &inner);
    }
}

static void read_capability(struct hb_fields *fields, cJSON *item,
                            struct hb_capability *out)
{
    struct hb_fields inner = { .tree = item };

    hb_field_copy(&inner, "name", out->name, sizeof(out->name));
    out->available = hb_field_bool(&inner, "available");
    hb_field_copy(&inner, "detail", out->detail, sizeof(out->detail));
    hb_field_leave(fields, &inner);
}

static void read_launcher(struct hb_fields *fields, struct hb_run_header *out)
{
    struct hb_fields inner;
    size_t count = 0;

    if (!hb_field_enter(fields, "launcher", &inner)) {
        return;
    }
    out->launcher.version = hb_field_text(&inner, "version");
    out->launcher.pid = hb_field_u32(&inner, "pid");

    cJSON *item = hb_field_array(&inner, "capabilities", &count);

    if (count > HB_CAPABILITIES_MAX) {
        count = HB_CAPABILITIES_MAX;
    }
    for (size_t i = 0; i < count; i++, item = item->next) {
        read_capability(&inner, item, &out->launcher.capabilities[i]);
    }
    out->launcher.capability_count = count;
    hb_field_leave(fields, &inner);
}

/* A source of progress that this version does not know cannot be judged by. */
static unsigned read_progress(struct hb_fields *fields)
{
    size_t count = 0;
    cJSON *item = hb_field_array(fields, "progress", &count);
    unsigned progress = 0;

    for (; item != NULL; item = item->next) {
        unsigned bit = 0;

        if (!cJSON_IsString(item) ||
            !hb_word_find(&hb_words_progress, item->valuestring, &bit)) {
            fields->wrong = "progress";
        } else {
            progress |= 1u << bit;
        }
    }
    return progress;
}

static void read_limits(struct hb_fields *fields, struct hb_policy *out)
{
    out->hang_after_auto = hb_field_bool(fields, "hang_after_auto");
    out->hang_after_ms = hb_field_limit(fields, "hang_after_ms");
    out->timeout_ms = hb_field_limit(fields, "timeout_ms");
    out->exit_within_ms = hb_field_limit(fields, "exit_within_ms");
    out->deadline_ms = hb_field_limit(fields, "deadline_ms");
    out->beat_every_ms = hb_field_limit(fields, "beat_every_ms");
    out->grace_ms = hb_field_limit(fields, "grace_ms");
}

/* All of it is required: a replay must judge by the same law. But not what
 * earlier versions knew nothing of. */
static void read_policy(struct hb_fields *fields, struct hb_policy *out)
{
    static const char *const required[] = {
        "hang_after_auto", "hang_after_ms", "timeout_ms", "exit_within_ms",
        "deadline_ms",     "beat_every_ms", "grace_ms",   "progress",
        "completion",      "allow_empty",   "leak",       "exit_mode",
        "under_ctest",
    };
    struct hb_fields inner;

    if (!hb_field_enter(fields, "policy", &inner)) {
        return;
    }
    hb_field_require(&inner, required, sizeof(required) / sizeof(*required));
    read_limits(&inner, out);
    out->progress = read_progress(&inner);
    out->completion = (enum hb_completion_when)hb_field_word(
        &inner, "completion", &hb_words_completion);
    out->allow_empty = hb_field_bool(&inner, "allow_empty");
    out->leak =
        (enum hb_leak_action)hb_field_word(&inner, "leak", &hb_words_leak);
    out->has_skip_code = hb_field_exists(&inner, "skip_code");
    if (out->has_skip_code) {
        out->skip_code = hb_field_u32(&inner, "skip_code");
    }
    out->hold_exit =
        (enum hb_hold_exit)hb_field_word(&inner, "hold_exit", &hb_words_hold);
    out->exit_mode = (enum hb_exit_mode)hb_field_word(&inner, "exit_mode",
                                                      &hb_words_exit_mode);
    out->under_ctest = hb_field_bool(&inner, "under_ctest");
    hb_field_leave(fields, &inner);
}

static void read_command(struct hb_fields *fields, struct hb_run_header *out,
                         const char ***out_command)
{
    size_t count = 0;
    cJSON *item = hb_field_array(fields, "command", &count);
    const char **command = calloc(count + 1, sizeof(*command));

    if (command == NULL) {
        fields->wrong = "command";
        return;
    }
    for (size_t i = 0; i < count; i++, item = item->next) {
        command[i] = hb_field_item_text(fields, item);
    }
    out->command = command;
    out->command_count = count;
    *out_command = command;
}

void hb_timeline_read_header(struct hb_fields *fields,
                             struct hb_run_header *out_header,
                             const char ***out_command)
{
    static const char *const required[] = {
        "name",       "run_id", "attempt",  "command",
        "started_at", "host",   "launcher", "policy",
    };

    hb_field_require(fields, required, sizeof(required) / sizeof(*required));
    out_header->name = hb_field_text(fields, "name");
    hb_field_copy(fields, "run_id", out_header->run_id,
                  sizeof(out_header->run_id));
    out_header->attempt = hb_field_u32(fields, "attempt");
    read_command(fields, out_header, out_command);
    out_header->cwd = hb_field_text(fields, "cwd");

    const char *started = hb_field_text(fields, "started_at");

    if (started != NULL &&
        !hb_parse_time_ms(started, &out_header->started_at_unix_ms)) {
        fields->wrong = "started_at";
    }
    read_host(fields, out_header);
    read_launcher(fields, out_header);
    read_policy(fields, &out_header->policy);
}
