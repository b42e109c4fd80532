#include "report/json.h"

#include "core/fault.h"
#include "core/machine.h"
#include "core/status.h"
#include "report/emit.h"
#include "report/json_parts.h"
#include "report/timeline/machine.h"
#include "report/words.h"

static void write_run(struct hb_emit *emit, const struct hb_run_header *header)
{
    char started[HB_TIME_SIZE];

    hb_format_time(started, header->started_at_unix_ms);
    hb_emit_text(emit, "name", header->name);
    hb_emit_text(emit, "run_id", header->run_id);
    hb_emit_number(emit, "attempt", header->attempt);
    hb_emit_array(emit, "command");
    for (size_t i = 0; i < header->command_count; i++) {
        hb_emit_text(emit, NULL, header->command[i]);
    }
    hb_emit_end_array(emit);
    hb_emit_known_text(emit, "cwd", header->cwd);
    hb_emit_text(emit, "started_at", started);
}

static void write_host(struct hb_emit *emit, const struct hb_run_header *header)
{
    hb_emit_object(emit, "host");
    hb_emit_known_text(emit, "os", header->host.os);
    hb_emit_known_text(emit, "release", header->host.release);
    hb_emit_known_text(emit, "arch", header->host.arch);
    if (header->host.cpus != 0) {
        hb_emit_number(emit, "cpus", header->host.cpus);
    }
    hb_emit_known_text(emit, "name", header->host.name);
    hb_emit_end_object(emit);
}

static void write_launcher(struct hb_emit *emit,
                           const struct hb_run_header *header)
{
    hb_emit_object(emit, "launcher");
    hb_emit_known_text(emit, "version", header->launcher.version);
    hb_emit_number(emit, "pid", header->launcher.pid);
    hb_emit_object(emit, "capabilities");
    for (size_t i = 0; i < header->launcher.capability_count; i++) {
        const struct hb_capability *item = &header->launcher.capabilities[i];

        hb_emit_object(emit, item->name);
        hb_emit_bool(emit, "available", item->available);
        hb_emit_known_text(emit, "detail", item->detail);
        hb_emit_end_object(emit);
    }
    hb_emit_end_object(emit);
    hb_emit_end_object(emit);
}

/* The report that lies on disk while the test runs: of the test itself nothing
 * is known, and zeros would be guesses. */
static bool is_forecast(const struct hb_result *result)
{
    return result->cause == HB_CAUSE_LAUNCHER_LOST && result->duration_ms == 0;
}

static void write_verdict(struct hb_emit *emit, const struct hb_result *result)
{
    hb_emit_text(emit, "verdict", hb_verdict_name(result->verdict));
    hb_emit_known_text(emit, "cause", hb_cause_name(result->cause));
    hb_emit_text(emit, "summary", result->summary);
    if (!is_forecast(result)) {
        hb_emit_text(emit, "phase", hb_phase_name(result->phase));
    }
    hb_emit_number(emit, "exit_status", result->exit_status);
    hb_emit_bool(emit, "exit_by_signal", result->exit_by_signal);
}

static void write_subcode(struct hb_emit *emit, const struct hb_result *result)
{
    uint32_t subcode = 0;

    if (hb_fault_subcode(result, &subcode)) {
        hb_emit_number(emit, "subcode", subcode);
        hb_emit_known_text(emit, "subcode_name", hb_fast_fail_name(subcode));
    }
}

static void write_exit(struct hb_emit *emit, const struct hb_result *result)
{
    if (!result->ended) {
        return;
    }
    hb_emit_object(emit, "exit");
    hb_json_exit(emit, result->exit);
    write_subcode(emit, result);
    hb_emit_known_number(emit, "ended_ms", result->ended_ms);
    if (result->exit_handlers_seen) {
        hb_emit_bool(emit, "exit_handlers_seen", true);
    }
    hb_emit_text(emit, "source", "wait");
    hb_emit_array(emit, "confirmed_by");
    hb_emit_end_array(emit);
    hb_emit_end_object(emit);
}

static void write_killer(struct hb_emit *emit, const struct hb_result *result)
{
    const struct hb_killer *killer = &result->killed_by;

    if (!killer->known && !result->killed_by_us) {
        return;
    }
    hb_emit_object(emit, "killed_by");
    if (killer->known) {
        if (killer->pid != 0) {
            hb_emit_number(emit, "pid", killer->pid);
        }
        hb_emit_known_text(emit, "name", killer->name);
        hb_emit_known_text(emit, "signal", killer->signal);
        hb_emit_known_text(emit, "source", killer->source);
    } else {
        hb_emit_number(emit, "pid", result->header->launcher.pid);
        hb_emit_text(emit, "source", "launcher");
    }
    hb_emit_end_object(emit);
}

static void write_stats(struct hb_emit *emit, const struct hb_stats *stats)
{
    hb_emit_object(emit, "last_stats");
    hb_emit_number(emit, "rss_kib", stats->rss_kib);
    hb_emit_number(emit, "cpu_ms", stats->cpu_ms);
    hb_emit_number(emit, "threads", stats->threads);
    hb_emit_number(emit, "handles", stats->handles);
    hb_emit_end_object(emit);
}

/* A limit that is off is null: absent would mean that it is not known. */
static void write_limit(struct hb_emit *emit, const char *key, uint64_t ms)
{
    if (ms == HB_NO_LIMIT) {
        hb_emit_null(emit, key);
    } else {
        hb_emit_number(emit, key, ms);
    }
}

static void write_heartbeat(struct hb_emit *emit,
                            const struct hb_result *result)
{
    const struct hb_heartbeat *heartbeat = &result->heartbeat;

    hb_emit_object(emit, "heartbeat");
    hb_emit_known_text(emit, "source", heartbeat->source);
    write_limit(emit, "beat_every_ms", result->header->policy.beat_every_ms);
    write_limit(emit, "hang_after_ms", heartbeat->hang_after_ms);
    hb_emit_number(emit, "beats", heartbeat->beats);
    hb_emit_number(emit, "alive", heartbeat->alive);
    hb_emit_number(emit, "progress", heartbeat->progress);
    hb_emit_known_number(emit, "first_ms", heartbeat->first_ms);
    hb_emit_known_number(emit, "last_ms", heartbeat->last_ms);
    hb_emit_known_number(emit, "longest_gap_ms", heartbeat->longest_gap_ms);
    hb_emit_known_number(emit, "gap_at_end_ms", heartbeat->gap_at_end_ms);
    hb_emit_known_text(emit, "last_case", heartbeat->last_case);
    hb_emit_known_text(emit, "last_note", heartbeat->last_note);
    if (heartbeat->has_stats) {
        write_stats(emit, &heartbeat->last_stats);
    }
    hb_emit_end_object(emit);
}

static void write_completion(struct hb_emit *emit,
                             const struct hb_result *result)
{
    hb_emit_object(emit, "completion");
    hb_emit_bool(emit, "expected", result->completion.expected);
    hb_emit_bool(emit, "seen", result->completion.seen);
    if (result->completion.seen) {
        hb_emit_bool(emit, "failed", result->completion.failed);
    }
    hb_emit_known_text(emit, "how", result->completion.how);
    hb_emit_end_object(emit);
}

static void write_lists(struct hb_emit *emit, const struct hb_result *result)
{
    if (result->planned != 0) {
        hb_emit_number(emit, "cases_planned", result->planned);
    }
    if (result->cases_beyond_cap != 0) {
        hb_emit_number(emit, "cases_beyond_cap", result->cases_beyond_cap);
    }
    hb_json_cases(emit, result);
    hb_json_processes(emit, result);
    hb_json_threads(emit, result);
    hb_json_finds(emit, result);
}

static void write_dialog(struct hb_emit *emit, const struct hb_dialog *dialog)
{
    if (!dialog->shown) {
        return;
    }
    hb_emit_object(emit, "dialog");
    if (dialog->pid != 0) {
        hb_emit_number(emit, "pid", dialog->pid);
    }
    hb_emit_text(emit, "title", dialog->title);
    hb_emit_text(emit, "text", dialog->text);
    hb_emit_end_object(emit);
}

static void write_signature(struct hb_emit *emit,
                            const struct hb_signature *signature)
{
    if (signature->hash[0] == '\0') {
        return;
    }
    hb_emit_object(emit, "signature");
    hb_emit_text(emit, "hash", signature->hash);
    hb_emit_text(emit, "text", signature->text);
    hb_emit_end_object(emit);
}

static void write_output(struct hb_emit *emit, const struct hb_result *result)
{
    hb_emit_object(emit, "output");
    for (unsigned stream = 0; stream < HB_STREAM_COUNT; stream++) {
        hb_emit_object(emit, hb_word(&hb_words_stream, stream));
        hb_emit_number(emit, "bytes", result->output_bytes[stream]);
        hb_emit_bool(emit, "held_open", result->output_held[stream]);
        hb_emit_end_object(emit);
    }
    hb_emit_end_object(emit);
}

static void write_resources(struct hb_emit *emit,
                            const struct hb_resources *resources)
{
    if (!resources->known) {
        return;
    }
    hb_emit_object(emit, "resources");
    hb_emit_number(emit, "user_ms", resources->user_ms);
    hb_emit_number(emit, "system_ms", resources->system_ms);
    hb_emit_number(emit, "max_rss_kib", resources->max_rss_kib);
    hb_emit_end_object(emit);
}

static void write_limits(struct hb_emit *emit, const struct hb_result *result)
{
    const struct hb_policy *policy = &result->header->policy;

    hb_emit_object(emit, "limits");
    if (!is_forecast(result)) {
        write_limit(emit, "hang_after_ms", result->heartbeat.hang_after_ms);
    }
    hb_emit_bool(emit, "hang_after_auto", policy->hang_after_auto);
    write_limit(emit, "timeout_ms", policy->timeout_ms);
    write_limit(emit, "exit_within_ms", policy->exit_within_ms);
    write_limit(emit, "deadline_ms", policy->deadline_ms);
    write_limit(emit, "grace_ms", policy->grace_ms);
    hb_emit_known_text(emit, "fired", hb_limit_name(result->fired));
    if (result->fired != HB_LIMIT_NONE) {
        hb_emit_known_number(emit, "fired_after_ms", result->fired_after_ms);
    }
    hb_emit_end_object(emit);
}

static void write_oddities(struct hb_emit *emit, const struct hb_result *result)
{
    if (result->interrupted_by[0] != '\0') {
        hb_emit_object(emit, "interrupted_by");
        hb_emit_text(emit, "signal", result->interrupted_by);
        if (result->interrupt_signal != 0) {
            hb_emit_number(emit, "number", result->interrupt_signal);
        }
        hb_emit_end_object(emit);
    }
    hb_emit_known_text(emit, "start_error", result->bad_text);
    hb_emit_known_text(emit, "failure", result->failure);
    if (result->premature_file) {
        hb_emit_bool(emit, "premature_exit_file", true);
    }
    if (result->out_of_memory) {
        hb_emit_bool(emit, "out_of_memory", true);
    }
}

static void write_machine(struct hb_emit *emit, const struct hb_result *result)
{
    if (hb_machine_matters(result)) {
        hb_emit_object(emit, "machine");
        hb_emit_number(emit, "at_ms", result->machine_ms);
        hb_machine_put(emit, result->machine, false);
        hb_emit_end_object(emit);
    }
}

/* What became of the test. */
static void write_course(struct hb_emit *emit, const struct hb_result *result)
{
    write_exit(emit, result);
    write_killer(emit, result);
    hb_json_leaving(emit, result);
    write_heartbeat(emit, result);
    write_completion(emit, result);
    write_lists(emit, result);
    write_dialog(emit, &result->dialog);
    write_signature(emit, &result->signature);
    hb_json_evidence(emit, result);
    write_output(emit, result);
    write_resources(emit, &result->resources);
    write_machine(emit, result);
}

bool hb_json_write(const struct hb_result *result, struct hb_buffer *out,
                   struct hb_error *err)
{
    struct hb_emit emit = { .out = out, .indented = true };

    hb_emit_object(&emit, NULL);
    hb_emit_text(&emit, "schema", "hbtest.result.v1");
    write_run(&emit, result->header);
    if (!is_forecast(result)) {
        hb_emit_number(&emit, "duration_ms", result->duration_ms);
    }
    write_host(&emit, result->header);
    write_launcher(&emit, result->header);
    write_verdict(&emit, result);
    if (!is_forecast(result)) {
        write_course(&emit, result);
    }
    write_limits(&emit, result);
    write_oddities(&emit, result);
    hb_json_warnings(&emit, result);
    hb_emit_end_object(&emit);
    hb_buffer_text(out, "\n");
    if (out->failed) {
        return hb_fail(err, HB_ERR_INTERNAL, 0,
                       "no memory for the JSON report of '%s'",
                       result->header->name);
    }
    return true;
}
