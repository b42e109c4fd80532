#include "report/timeline.h"

#include "report/timeline/format.h"
#include "report/timeline/found.h"
#include "report/timeline/machine.h"
#include "report/timeline/put.h"

static void put_exit(struct hb_emit *emit, const struct hb_exit *ended)
{
    hb_emit_object(emit, "exit");
    hb_put_word(emit, "kind", &hb_words_exit, ended->kind);
    if (ended->kind != HB_EXIT_NONE) {
        hb_put_number(emit, "value", ended->value);
    }
    if (ended->core_dumped) {
        hb_emit_bool(emit, "core_dumped", true);
    }
    hb_emit_end_object(emit);
}

static void put_resources(struct hb_emit *emit,
                          const struct hb_resources *resources)
{
    hb_emit_object(emit, "resources");
    hb_put_some(emit, "user_ms", resources->user_ms);
    hb_put_some(emit, "system_ms", resources->system_ms);
    hb_put_some(emit, "max_rss_kib", resources->max_rss_kib);
    hb_put_some(emit, "program_ms", resources->program_ms);
    hb_put_some(emit, "cpu_limit_ms", resources->cpu_limit_ms);
    hb_emit_end_object(emit);
}

static void put_stats(struct hb_emit *emit, const struct hb_stats *stats)
{
    hb_emit_object(emit, "stats");
    hb_put_some(emit, "rss_kib", stats->rss_kib);
    hb_put_some(emit, "cpu_ms", stats->cpu_ms);
    hb_put_some(emit, "threads", stats->threads);
    hb_put_some(emit, "handles", stats->handles);
    hb_emit_end_object(emit);
}

static void put_process(struct hb_emit *emit,
                        const struct hb_tree_process *process)
{
    hb_emit_object(emit, "process");
    hb_put_some(emit, "pid", process->pid);
    hb_put_some(emit, "ppid", process->ppid);
    hb_put_some_text(emit, "image", process->image);
    hb_emit_end_object(emit);
}

static void put_threads(struct hb_emit *emit,
                        const struct hb_observation *observation)
{
    hb_emit_array(emit, "threads");
    for (size_t i = 0; i < observation->thread_count; i++) {
        const struct hb_thread_sample *item = &observation->threads[i];

        hb_emit_object(emit, NULL);
        hb_put_some(emit, "pid", item->pid);
        hb_put_some(emit, "tid", item->tid);
        hb_put_some_text(emit, "name", item->name);
        hb_put_word(emit, "state", &hb_words_thread, item->state);
        hb_put_word(emit, "wait", &hb_words_wait, item->wait);
        hb_put_some_text(emit, "wait_name", item->wait_name);
        hb_put_some(emit, "cpu_us", item->cpu_us);
        hb_emit_end_object(emit);
    }
    hb_emit_end_array(emit);
}

static void put_dialog(struct hb_emit *emit, const struct hb_dialog *dialog)
{
    hb_emit_object(emit, "dialog");
    hb_emit_bool(emit, "shown", dialog->shown);
    hb_put_some(emit, "pid", dialog->pid);
    hb_put_some_text(emit, "title", dialog->title);
    hb_put_some_text(emit, "text", dialog->text);
    hb_emit_end_object(emit);
}

static void put_evidence(struct hb_emit *emit,
                         const struct hb_evidence *evidence)
{
    hb_emit_object(emit, "evidence");
    hb_put_some_text(emit, "kind", evidence->kind);
    hb_put_word(emit, "status", &hb_words_evidence, evidence->status);
    hb_put_some_text(emit, "path", evidence->path);
    hb_put_some(emit, "bytes", evidence->bytes);
    hb_put_some(emit, "pid", evidence->pid);
    hb_put_some(emit, "duration_ms", evidence->duration_ms);
    hb_put_some(emit, "pause_us", evidence->pause_us);
    hb_put_some_text(emit, "reason", evidence->reason);
    hb_emit_end_object(emit);
}

static void put_case(struct hb_emit *emit, const struct hb_observation *seen)
{
    hb_put_text(emit, "suite", seen->suite);
    hb_put_text(emit, "name", seen->name);
    hb_put_text(emit, "text", seen->text);
    hb_put_text(emit, "file", seen->file);
    hb_put_some(emit, "line", seen->line);
    hb_put_word(emit, "status", &hb_words_case, seen->status);
    if (seen->duration_ms == HB_NO_DURATION) {
        hb_emit_null(emit, "duration_ms");
    } else {
        hb_put_some(emit, "duration_ms", seen->duration_ms);
    }
}

static void put_found(struct hb_emit *emit, const struct hb_observation *seen)
{
    if (seen->module != NULL) {
        hb_emit_object(emit, "module");
        hb_found_put_module(emit, seen->module);
        hb_emit_end_object(emit);
    }
    if (seen->found != NULL) {
        hb_emit_object(emit, "thread");
        hb_found_put_thread(emit, seen->found);
        hb_emit_end_object(emit);
    }
    if (seen->lock != NULL) {
        hb_emit_object(emit, "lock");
        hb_found_put_lock(emit, seen->lock);
        hb_emit_end_object(emit);
    }
    if (seen->exception != NULL) {
        hb_emit_object(emit, "exception");
        hb_found_put_exception(emit, seen->exception);
        hb_emit_end_object(emit);
    }
    if (seen->leaving != NULL) {
        hb_emit_object(emit, "leaving");
        hb_found_put_leaving(emit, seen->leaving);
        hb_emit_end_object(emit);
    }
}

static bool has_stats(const struct hb_stats *stats)
{
    return stats->rss_kib != 0 || stats->cpu_ms != 0 || stats->threads != 0 ||
           stats->handles != 0;
}

static void put_facts(struct hb_emit *emit, const struct hb_observation *seen)
{
    if (seen->kind == HB_OBS_EXIT || seen->kind == HB_OBS_CHILD_EXIT ||
        seen->exit.kind != HB_EXIT_NONE) {
        put_exit(emit, &seen->exit);
    }
    if (seen->resources.known) {
        put_resources(emit, &seen->resources);
    }
    if (has_stats(&seen->stats)) {
        put_stats(emit, &seen->stats);
    }
    hb_put_some(emit, "lane_cpu_us", seen->lane_cpu_us);
    if (seen->process != NULL) {
        put_process(emit, seen->process);
    }
    if (seen->threads != NULL) {
        put_threads(emit, seen);
    }
    if (seen->dialog != NULL) {
        put_dialog(emit, seen->dialog);
    }
    put_found(emit, seen);
    if (seen->machine != NULL) {
        hb_emit_object(emit, "machine");
        hb_machine_put(emit, seen->machine, true);
        hb_emit_end_object(emit);
    }
    if (seen->evidence != NULL) {
        put_evidence(emit, seen->evidence);
    }
}

static bool names_stream(enum hb_observation_kind kind)
{
    return kind == HB_OBS_OUTPUT || kind == HB_OBS_OUTPUT_CLOSED ||
           kind == HB_OBS_BLOCKED || kind == HB_OBS_HELD_OUTPUT ||
           kind == HB_OBS_UNWRITTEN;
}

static bool finish_line(struct hb_buffer *out, struct hb_error *err)
{
    hb_buffer_text(out, "\n");
    if (out->failed) {
        return hb_fail(err, HB_ERR_INTERNAL, 0,
                       "no memory for a line of the timeline");
    }
    return true;
}

bool hb_timeline_line(const struct hb_observation *observation,
                      struct hb_buffer *out, struct hb_error *err)
{
    struct hb_emit emit = { .out = out };

    hb_emit_object(&emit, NULL);
    hb_put_number(&emit, "at_ms", observation->at_ms);
    hb_put_word(&emit, "kind", &hb_words_observation, observation->kind);
    hb_put_word(&emit, "source", &hb_words_source, observation->source);
    hb_put_some(&emit, "pid", observation->pid);
    hb_put_some(&emit, "count", observation->count);
    if (observation->failed) {
        hb_emit_bool(&emit, "failed", true);
    }
    if (names_stream(observation->kind) || observation->stream != HB_STDOUT) {
        hb_put_word(&emit, "stream", &hb_words_stream, observation->stream);
    }
    put_case(&emit, observation);
    put_facts(&emit, observation);
    if (observation->cause_hint != HB_CAUSE_NONE) {
        hb_emit_text(&emit, "cause_hint",
                     hb_cause_name(observation->cause_hint));
    }
    hb_emit_end_object(&emit);
    return finish_line(out, err);
}

static void put_host(struct hb_emit *emit, const struct hb_run_header *header)
{
    hb_emit_object(emit, "host");
    hb_emit_bool(emit, "windows", header->host.windows);
    hb_put_text(emit, "os", header->host.os);
    hb_put_text(emit, "release", header->host.release);
    hb_put_text(emit, "arch", header->host.arch);
    hb_put_number(emit, "cpus", header->host.cpus);
    hb_put_text(emit, "name", header->host.name);
    hb_emit_end_object(emit);
}

static void put_launcher(struct hb_emit *emit,
                         const struct hb_run_header *header)
{
    hb_emit_object(emit, "launcher");
    hb_put_text(emit, "version", header->launcher.version);
    hb_put_number(emit, "pid", header->launcher.pid);
    hb_emit_array(emit, "capabilities");
    for (size_t i = 0; i < header->launcher.capability_count; i++) {
        const struct hb_capability *item = &header->launcher.capabilities[i];

        hb_emit_object(emit, NULL);
        hb_put_text(emit, "name", item->name);
        hb_emit_bool(emit, "available", item->available);
        hb_put_some_text(emit, "detail", item->detail);
        hb_emit_end_object(emit);
    }
    hb_emit_end_array(emit);
    hb_emit_end_object(emit);
}

static void put_progress(struct hb_emit *emit, unsigned progress)
{
    hb_emit_array(emit, "progress");
    for (unsigned bit = 0; bit < hb_words_progress.count; bit++) {
        if ((progress & 1u << bit) != 0) {
            hb_put_word(emit, NULL, &hb_words_progress, bit);
        }
    }
    hb_emit_end_array(emit);
}

static void put_policy(struct hb_emit *emit, const struct hb_policy *policy)
{
    hb_emit_object(emit, "policy");
    hb_emit_bool(emit, "hang_after_auto", policy->hang_after_auto);
    hb_put_limit(emit, "hang_after_ms", policy->hang_after_ms);
    hb_put_limit(emit, "timeout_ms", policy->timeout_ms);
    hb_put_limit(emit, "exit_within_ms", policy->exit_within_ms);
    hb_put_limit(emit, "deadline_ms", policy->deadline_ms);
    hb_put_limit(emit, "beat_every_ms", policy->beat_every_ms);
    hb_put_limit(emit, "grace_ms", policy->grace_ms);
    put_progress(emit, policy->progress);
    hb_put_word(emit, "completion", &hb_words_completion, policy->completion);
    hb_emit_bool(emit, "allow_empty", policy->allow_empty);
    hb_put_word(emit, "leak", &hb_words_leak, policy->leak);
    if (policy->has_skip_code) {
        hb_put_number(emit, "skip_code", policy->skip_code);
    }
    hb_put_word(emit, "hold_exit", &hb_words_hold, policy->hold_exit);
    hb_put_word(emit, "exit_mode", &hb_words_exit_mode, policy->exit_mode);
    hb_emit_bool(emit, "under_ctest", policy->under_ctest);
    hb_emit_end_object(emit);
}

bool hb_timeline_header(const struct hb_run_header *header,
                        struct hb_buffer *out, struct hb_error *err)
{
    struct hb_emit emit = { .out = out };
    char started[HB_TIME_SIZE];

    hb_format_time(started, header->started_at_unix_ms);
    hb_emit_object(&emit, NULL);
    hb_emit_text(&emit, "schema", HB_TIMELINE_SCHEMA);
    hb_put_text(&emit, "name", header->name);
    hb_put_text(&emit, "run_id", header->run_id);
    hb_put_number(&emit, "attempt", header->attempt);
    hb_emit_array(&emit, "command");
    for (size_t i = 0; i < header->command_count; i++) {
        hb_put_text(&emit, NULL, header->command[i]);
    }
    hb_emit_end_array(&emit);
    hb_put_text(&emit, "cwd", header->cwd);
    hb_emit_text(&emit, "started_at", started);
    put_host(&emit, header);
    put_launcher(&emit, header);
    put_policy(&emit, &header->policy);
    hb_emit_end_object(&emit);
    return finish_line(out, err);
}
