#include "report/json_parts.h"

#include "core/status.h"
#include "report/words.h"

void hb_json_exit(struct hb_emit *emit, struct hb_exit ended)
{
    char hex[16];

    hb_emit_text(emit, "kind", hb_word(&hb_words_exit, ended.kind));
    if (ended.kind == HB_EXIT_NONE) {
        return;
    }
    hb_emit_number(emit, "value", ended.value);
    if (ended.kind != HB_EXIT_SIGNAL) {
        (void)hb_text_format(hex, sizeof(hex), "0x%08X", (unsigned)ended.value);
        hb_emit_text(emit, "hex", hex);
    }
    hb_emit_known_text(emit, "name", hb_exit_name(ended));
    hb_emit_known_text(emit, "meaning", hb_exit_meaning(ended));
    if (ended.kind == HB_EXIT_SIGNAL) {
        hb_emit_bool(emit, "core_dumped", ended.core_dumped);
    }
}

void hb_json_cases(struct hb_emit *emit, const struct hb_result *result)
{
    hb_emit_array(emit, "cases");
    for (size_t i = 0; i < result->case_count; i++) {
        const struct hb_case *item = &result->cases[i];

        hb_emit_object(emit, NULL);
        hb_emit_known_text(emit, "suite", item->suite);
        hb_emit_text(emit, "name", item->name);
        hb_emit_known_text(emit, "status",
                           hb_word(&hb_words_case, item->status));
        hb_emit_known_number(emit, "begun_ms", item->begun_ms);
        hb_emit_known_number(emit, "duration_ms", item->duration_ms);
        hb_emit_known_text(emit, "message", item->message);
        hb_emit_known_text(emit, "file", item->file);
        if (item->line != 0) {
            hb_emit_number(emit, "line", item->line);
        }
        hb_emit_text(emit, "source", hb_word(&hb_words_source, item->source));
        hb_emit_end_object(emit);
    }
    hb_emit_end_array(emit);
}

void hb_json_processes(struct hb_emit *emit, const struct hb_result *result)
{
    hb_emit_array(emit, "processes");
    for (size_t i = 0; i < result->process_count; i++) {
        const struct hb_process_record *item = &result->processes[i];

        hb_emit_object(emit, NULL);
        hb_emit_number(emit, "pid", item->process.pid);
        if (item->process.ppid != 0) {
            hb_emit_number(emit, "ppid", item->process.ppid);
        }
        hb_emit_known_text(emit, "image", item->process.image);
        hb_emit_known_number(emit, "started_ms", item->started_ms);
        hb_emit_known_number(emit, "ended_ms", item->ended_ms);
        if (item->exit.kind != HB_EXIT_NONE) {
            hb_emit_object(emit, "exit");
            hb_json_exit(emit, item->exit);
            hb_emit_end_object(emit);
        }
        hb_emit_text(emit, "source", hb_word(&hb_words_source, item->source));
        hb_emit_bool(emit, "left_behind", item->left_behind);
        hb_emit_end_object(emit);
    }
    hb_emit_end_array(emit);
}

void hb_json_evidence(struct hb_emit *emit, const struct hb_result *result)
{
    hb_emit_array(emit, "evidence");
    for (size_t i = 0; i < result->evidence_count; i++) {
        const struct hb_evidence *item = &result->evidence[i];
        bool captured = item->status == HB_EVIDENCE_CAPTURED;

        hb_emit_object(emit, NULL);
        hb_emit_text(emit, "kind", item->kind);
        hb_emit_text(emit, "status", hb_word(&hb_words_evidence, item->status));
        hb_emit_known_text(emit, "path", item->path);
        if (item->pid != 0) {
            hb_emit_number(emit, "pid", item->pid);
        }
        if (captured || item->bytes != 0) {
            hb_emit_number(emit, "bytes", item->bytes);
        }
        if (captured || item->duration_ms != 0) {
            hb_emit_known_number(emit, "duration_ms", item->duration_ms);
        }
        if (item->pause_us != 0) {
            hb_emit_thousandths(emit, "pause_ms", item->pause_us);
        }
        hb_emit_known_text(emit, "reason", item->reason);
        hb_emit_end_object(emit);
    }
    hb_emit_end_array(emit);
}

void hb_json_warnings(struct hb_emit *emit, const struct hb_result *result)
{
    hb_emit_array(emit, "warnings");
    for (size_t i = 0; i < result->warning_count; i++) {
        hb_emit_text(emit, NULL, result->warnings[i]);
    }
    hb_emit_end_array(emit);
}
