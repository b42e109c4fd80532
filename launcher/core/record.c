#include "core/record.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/record_cases.h"
#include "core/record_evidence.h"
#include "core/record_finds.h"
#include "core/record_processes.h"
#include "core/status.h"

void hb_record_init(struct hb_result *result,
                    const struct hb_run_header *header)
{
    memset(result, 0, offsetof(struct hb_result, evidence));
    result->header = header;
    result->case_flight = HB_NO_CASE;
    result->fired_after_ms = HB_UNKNOWN_MS;
    result->ended_ms = HB_UNKNOWN_MS;
    result->heartbeat.first_ms = HB_UNKNOWN_MS;
    result->heartbeat.last_ms = HB_UNKNOWN_MS;
    result->heartbeat.gap_at_end_ms = HB_UNKNOWN_MS;
}

/* Warnings */

static void warn_text(struct hb_result *result, const char *text)
{
    if (result->warnings == NULL) {
        result->warnings = calloc(HB_WARNINGS_MAX, sizeof(*result->warnings));
    }
    if (result->warnings == NULL || result->warning_count >= HB_WARNINGS_MAX) {
        return;
    }
    for (size_t i = 0; i < result->warning_count; i++) {
        if (strcmp(result->warnings[i], text) == 0) {
            return;
        }
    }
    (void)hb_text_copy(result->warnings[result->warning_count],
                       sizeof(result->warnings[0]), text);
    result->warning_count++;
}

void hb_record_warn(struct hb_result *result, const char *format, ...)
{
    char text[HB_TEXT_SIZE];
    va_list arguments;

    va_start(arguments, format);
    (void)hb_text_format_list(text, sizeof(text), format, arguments);
    va_end(arguments);
    warn_text(result, text);
}

/* The end */

static void end_program(struct hb_result *result,
                        const struct hb_observation *seen)
{
    result->ended = true;
    result->exit = hb_exit_read(seen->exit, result->header->host.windows);
    result->ended_ms = seen->at_ms;
    result->resources = seen->resources;
    hb_processes_end(result, seen);
}

static void keep_sample(struct hb_result *result,
                        const struct hb_observation *seen)
{
    size_t count = seen->thread_count < HB_SAMPLE_THREADS_MAX
                       ? seen->thread_count
                       : HB_SAMPLE_THREADS_MAX;
    struct hb_thread_sample *threads =
        malloc((count + 1) * sizeof(*result->threads));

    if (threads == NULL) {
        result->out_of_memory = true;
        return;
    }
    if (count > 0) {
        memcpy(threads, seen->threads, count * sizeof(*threads));
    }
    free(result->threads);
    result->threads = threads;
    result->thread_count = count;
    if (seen->dialog != NULL) {
        result->dialog = *seen->dialog;
    }
    result->looks[0] = result->looks[1];
    result->look_ms[0] = result->look_ms[1];
    hb_hang_look(&result->looks[1], seen->threads, seen->thread_count,
                 seen->dialog);
    result->look_ms[1] = seen->at_ms;
}

/* The test program's own word stands; of others the last. */
static void keep_leaving(struct hb_result *result,
                         const struct hb_observation *seen)
{
    if (seen->leaving != NULL &&
        !(result->left_by_itself && result->leaving.pid == result->pid)) {
        result->left_by_itself = true;
        result->leaving = *seen->leaving;
    }
}

static void keep_machine(struct hb_result *result,
                         const struct hb_observation *seen)
{
    if (seen->machine == NULL) {
        return;
    }
    if (result->machine == NULL) {
        result->machine = malloc(sizeof(*result->machine));
    }
    if (result->machine == NULL) {
        result->out_of_memory = true;
        return;
    }
    *result->machine = *seen->machine;
    result->machine_ms = seen->at_ms;
}

static void keep_request(struct hb_result *result,
                         const struct hb_observation *seen)
{
    struct hb_killer *by = &result->killed_by;

    if (result->interrupted_by[0] != '\0') {
        return;
    }
    (void)hb_text_copy(result->interrupted_by, sizeof(result->interrupted_by),
                       seen->text != NULL ? seen->text : "a request");
    result->interrupt_signal = (uint32_t)seen->count;
    if (seen->pid != 0) {
        by->known = true;
        by->pid = seen->pid;
        (void)hb_text_copy(by->signal, sizeof(by->signal),
                           result->interrupted_by);
        (void)hb_text_copy(by->source, sizeof(by->source), "signalfd");
    }
}

/* Life */

static void keep_stats(struct hb_result *result,
                       const struct hb_observation *seen)
{
    result->heartbeat.alive += seen->count > 0 ? seen->count : 1;
    result->heartbeat.last_stats = seen->stats;
    result->heartbeat.has_stats = true;
}

static void keep_case_name(struct hb_result *result,
                           const struct hb_observation *seen)
{
    const char *suite = seen->suite != NULL ? seen->suite : "";

    (void)hb_text_format(result->heartbeat.last_case,
                         sizeof(result->heartbeat.last_case), "%s%s%s", suite,
                         suite[0] != '\0' ? "." : "",
                         seen->name != NULL ? seen->name : "?");
}

static void keep_failure(struct hb_result *result,
                         const struct hb_observation *seen)
{
    if (result->failure_cause == HB_CAUSE_NONE) {
        result->failure_cause = seen->cause_hint != HB_CAUSE_NONE
                                    ? seen->cause_hint
                                    : HB_CAUSE_INTERNAL;
        (void)hb_text_copy(result->failure, sizeof(result->failure),
                           seen->text);
    }
}

static void keep_complete(struct hb_result *result,
                          const struct hb_observation *seen)
{
    result->dialect_seen = true;
    result->completion.failed = result->completion.failed || seen->failed;
    if (seen->source == HB_SOURCE_TAP && seen->text != NULL) {
        (void)hb_text_copy(result->completion.bailed_out,
                           sizeof(result->completion.bailed_out), seen->text);
    }
}

/* How much of the recorder could not be read. */
static void keep_damage(struct hb_result *result,
                        const struct hb_observation *seen)
{
    hb_record_warn(
        result, "the flight recorder: %llu records %s%s%s",
        (unsigned long long)seen->count,
        seen->kind == HB_OBS_LOST ? "overwritten before they were read"
                                  : "damaged",
        seen->text != NULL ? ": " : "", seen->text != NULL ? seen->text : "");
}

static void add_life(struct hb_result *result,
                     const struct hb_observation *seen)
{
    switch (seen->kind) {
    case HB_OBS_ATTACHED:
        result->attached = true;
        break;
    case HB_OBS_REFUSED:
        result->refused = true;
        hb_record_warn(result, "%s", seen->text != NULL ? seen->text : "");
        break;
    case HB_OBS_ALIVE:
        keep_stats(result, seen);
        break;
    case HB_OBS_BEAT:
        result->heartbeat.beats += seen->count;
        break;
    case HB_OBS_NOTE:
        (void)hb_text_copy(result->heartbeat.last_note,
                           sizeof(result->heartbeat.last_note), seen->text);
        break;
    case HB_OBS_COMPLETE:
        keep_complete(result, seen);
        break;
    case HB_OBS_BAD_TEXT:
        (void)hb_text_copy(result->bad_text, sizeof(result->bad_text),
                           seen->text);
        break;
    case HB_OBS_DAMAGE:
    case HB_OBS_LOST:
        keep_damage(result, seen);
        break;
    case HB_OBS_EXITING:
        result->exit_handlers_seen = true;
        break;
    case HB_OBS_OUTPUT:
        result->output_bytes[seen->stream] += seen->count;
        break;
    case HB_OBS_BLOCKED:
        result->output_blocked_ms[seen->stream] += seen->count;
        break;
    default:
        break;
    }
}

static void add_case(struct hb_result *result,
                     const struct hb_observation *seen)
{
    switch (seen->kind) {
    case HB_OBS_PLAN:
        hb_cases_plan(result, seen);
        break;
    case HB_OBS_EXPECTED:
        hb_cases_expect(result, seen);
        break;
    case HB_OBS_CASE_BEGIN:
        hb_cases_begin(result, seen);
        keep_case_name(result, seen);
        break;
    case HB_OBS_CASE_END:
        hb_cases_end(result, seen);
        break;
    case HB_OBS_CASE_DETAIL:
        hb_cases_detail(result, seen);
        break;
    default:
        break;
    }
}

static void add_end(struct hb_result *result, const struct hb_observation *seen)
{
    switch (seen->kind) {
    case HB_OBS_STARTED:
        result->pid = seen->pid;
        hb_processes_start(result, seen);
        break;
    case HB_OBS_CHILD:
    case HB_OBS_LEFT:
        hb_processes_child(result, seen, seen->kind == HB_OBS_LEFT);
        break;
    case HB_OBS_CHILD_EXIT:
        hb_processes_end(result, seen);
        break;
    case HB_OBS_EXIT:
        end_program(result, seen);
        break;
    case HB_OBS_SAMPLE:
        keep_sample(result, seen);
        break;
    case HB_OBS_HELD_OUTPUT:
        result->output_held[seen->stream] = true;
        break;
    case HB_OBS_PREMATURE_FILE:
        result->premature_file = true;
        break;
    case HB_OBS_STOP_REQUEST:
        keep_request(result, seen);
        break;
    case HB_OBS_MODULE:
    case HB_OBS_THREAD:
    case HB_OBS_LOCK:
    case HB_OBS_UNWRITTEN:
    case HB_OBS_EXCEPTION:
    case HB_OBS_CRASHING:
        hb_finds_add(result, seen);
        break;
    case HB_OBS_MACHINE:
        keep_machine(result, seen);
        break;
    case HB_OBS_LEAVING:
        keep_leaving(result, seen);
        break;
    case HB_OBS_EVIDENCE:
        hb_record_evidence(result, seen->evidence);
        break;
    case HB_OBS_STOPPED:
        result->stopped_by_us = result->stopped_by_us || !seen->failed;
        break;
    case HB_OBS_KILLED:
        result->killed_by_us = true;
        break;
    case HB_OBS_WARNING:
        hb_record_warn(result, "%s", seen->text != NULL ? seen->text : "");
        break;
    case HB_OBS_FAILURE:
        keep_failure(result, seen);
        break;
    default:
        break;
    }
}

void hb_record_add(struct hb_result *result,
                   const struct hb_observation *observation)
{
    result->duration_ms = observation->at_ms;
    add_life(result, observation);
    add_case(result, observation);
    add_end(result, observation);
}

void hb_record_free(struct hb_result *result)
{
    hb_cases_free(result);
    hb_finds_free(&result->finds);
    free(result->processes);
    free(result->threads);
    free(result->warnings);
    free(result->machine);
    result->machine = NULL;
    result->processes = NULL;
    result->process_count = 0;
    result->threads = NULL;
    result->thread_count = 0;
    result->warnings = NULL;
    result->warning_count = 0;
}
