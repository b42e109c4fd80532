#include <stdlib.h>
#include <string.h>

#include "report/timeline/found.h"
#include "report/timeline/machine.h"
#include "report/timeline/parts.h"

static void read_exit(struct hb_fields *fields, struct hb_exit *out_exit)
{
    struct hb_fields inner;

    if (hb_field_enter(fields, "exit", &inner)) {
        out_exit->kind =
            (enum hb_exit_kind)hb_field_word(&inner, "kind", &hb_words_exit);
        out_exit->value = hb_field_u32(&inner, "value");
        out_exit->core_dumped = hb_field_bool(&inner, "core_dumped");
        hb_field_leave(fields, &inner);
    }
}

static void read_resources(struct hb_fields *fields,
                           struct hb_resources *out_resources)
{
    struct hb_fields inner;

    if (hb_field_enter(fields, "resources", &inner)) {
        out_resources->known = true;
        out_resources->user_ms = hb_field_number(&inner, "user_ms", UINT64_MAX);
        out_resources->system_ms =
            hb_field_number(&inner, "system_ms", UINT64_MAX);
        out_resources->max_rss_kib =
            hb_field_number(&inner, "max_rss_kib", UINT64_MAX);
        out_resources->program_ms =
            hb_field_number(&inner, "program_ms", UINT64_MAX);
        out_resources->cpu_limit_ms =
            hb_field_number(&inner, "cpu_limit_ms", UINT64_MAX);
        hb_field_leave(fields, &inner);
    }
}

static void read_stats(struct hb_fields *fields, struct hb_stats *out_stats)
{
    struct hb_fields inner;

    if (hb_field_enter(fields, "stats", &inner)) {
        out_stats->rss_kib = hb_field_number(&inner, "rss_kib", UINT64_MAX);
        out_stats->cpu_ms = hb_field_number(&inner, "cpu_ms", UINT64_MAX);
        out_stats->threads = hb_field_u32(&inner, "threads");
        out_stats->handles = hb_field_u32(&inner, "handles");
        hb_field_leave(fields, &inner);
    }
}

static void read_process(struct hb_fields *fields,
                         struct hb_timeline_store *store,
                         struct hb_observation *out)
{
    struct hb_fields inner;

    if (hb_field_enter(fields, "process", &inner)) {
        store->process.pid = hb_field_u32(&inner, "pid");
        store->process.ppid = hb_field_u32(&inner, "ppid");
        hb_field_copy(&inner, "image", store->process.image,
                      sizeof(store->process.image));
        hb_field_leave(fields, &inner);
        out->process = &store->process;
    }
}

static void read_dialog(struct hb_fields *fields,
                        struct hb_timeline_store *store,
                        struct hb_observation *out)
{
    struct hb_dialog *dialog = &store->dialog;
    struct hb_fields inner;

    if (hb_field_enter(fields, "dialog", &inner)) {
        dialog->shown = hb_field_bool(&inner, "shown");
        dialog->pid = hb_field_u32(&inner, "pid");
        hb_field_copy(&inner, "title", dialog->title, sizeof(dialog->title));
        hb_field_copy(&inner, "text", dialog->text, sizeof(dialog->text));
        hb_field_leave(fields, &inner);
        out->dialog = dialog;
    }
}

static void read_evidence(struct hb_fields *fields,
                          struct hb_timeline_store *store,
                          struct hb_observation *out)
{
    struct hb_evidence *evidence = &store->evidence;
    struct hb_fields inner;

    if (hb_field_enter(fields, "evidence", &inner)) {
        hb_field_copy(&inner, "kind", evidence->kind, sizeof(evidence->kind));
        evidence->status = (enum hb_evidence_status)hb_field_word(
            &inner, "status", &hb_words_evidence);
        hb_field_copy(&inner, "path", evidence->path, sizeof(evidence->path));
        evidence->pid = hb_field_u32(&inner, "pid");
        evidence->bytes = hb_field_number(&inner, "bytes", UINT64_MAX);
        evidence->duration_ms =
            hb_field_number(&inner, "duration_ms", UINT64_MAX);
        evidence->pause_us = hb_field_number(&inner, "pause_us", UINT64_MAX);
        hb_field_copy(&inner, "reason", evidence->reason,
                      sizeof(evidence->reason));
        hb_field_leave(fields, &inner);
        out->evidence = evidence;
    }
}

static void read_thread(struct hb_fields *fields, cJSON *item,
                        struct hb_thread_sample *out)
{
    struct hb_fields inner = { .tree = item };

    out->pid = hb_field_u32(&inner, "pid");
    out->tid = hb_field_u32(&inner, "tid");
    out->state =
        (enum hb_thread_state)hb_field_word(&inner, "state", &hb_words_thread);
    out->wait =
        (enum hb_wait_kind)hb_field_word(&inner, "wait", &hb_words_wait);
    out->cpu_us = hb_field_number(&inner, "cpu_us", UINT64_MAX);
    hb_field_copy(&inner, "name", out->name, sizeof(out->name));
    hb_field_copy(&inner, "wait_name", out->wait_name, sizeof(out->wait_name));
    hb_field_leave(fields, &inner);
}

/* False if out of memory. */
static bool read_threads(struct hb_fields *fields,
                         struct hb_timeline_store *store,
                         struct hb_observation *out)
{
    size_t count = 0;
    cJSON *item = hb_field_array(fields, "threads", &count);

    free(store->threads);
    store->threads = NULL;
    if (count == 0) {
        return true;
    }
    store->threads = calloc(count, sizeof(*store->threads));
    if (store->threads == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++, item = item->next) {
        read_thread(fields, item, &store->threads[i]);
    }
    out->threads = store->threads;
    out->thread_count = count;
    return true;
}

/* False if out of memory. */
static bool read_stack(struct hb_fields *fields,
                       struct hb_timeline_store *store,
                       struct hb_observation *out)
{
    struct hb_fields inner;
    bool ok = true;

    if (hb_field_enter(fields, "thread", &inner)) {
        free(store->frames);
        store->frames = NULL;
        store->found = (struct hb_found_thread){ 0 };
        ok = hb_found_read_thread(&inner, &store->found, &store->frames);
        hb_field_leave(fields, &inner);
        out->found = &store->found;
    }
    return ok;
}

static void read_found(struct hb_fields *fields,
                       struct hb_timeline_store *store,
                       struct hb_observation *out)
{
    struct hb_fields inner;

    if (hb_field_enter(fields, "module", &inner)) {
        hb_found_read_module(&inner, &store->module);
        hb_field_leave(fields, &inner);
        out->module = &store->module;
    }
    if (hb_field_enter(fields, "lock", &inner)) {
        hb_found_read_lock(&inner, &store->lock);
        hb_field_leave(fields, &inner);
        out->lock = &store->lock;
    }
    if (hb_field_enter(fields, "exception", &inner)) {
        store->exception = (struct hb_found_exception){ 0 };
        hb_found_read_exception(&inner, &store->exception);
        hb_field_leave(fields, &inner);
        out->exception = &store->exception;
    }
    if (hb_field_enter(fields, "leaving", &inner)) {
        store->leaving = (struct hb_leaving){ 0 };
        hb_found_read_leaving(&inner, &store->leaving);
        hb_field_leave(fields, &inner);
        out->leaving = &store->leaving;
    }
}

/* False if out of memory. */
static bool read_machine(struct hb_fields *fields,
                         struct hb_timeline_store *store,
                         struct hb_observation *out)
{
    struct hb_fields inner;

    if (hb_field_enter(fields, "machine", &inner)) {
        if (store->machine == NULL) {
            store->machine = malloc(sizeof(*store->machine));
        }
        if (store->machine == NULL) {
            return false;
        }
        hb_machine_get(&inner, store->machine);
        hb_field_leave(fields, &inner);
        out->machine = store->machine;
    }
    return true;
}

void hb_timeline_store_free(struct hb_timeline_store *store)
{
    free(store->machine);
    store->machine = NULL;
    free(store->threads);
    free(store->frames);
    store->threads = NULL;
    store->frames = NULL;
}

static void read_case(struct hb_fields *fields, struct hb_observation *out)
{
    out->suite = hb_field_text(fields, "suite");
    out->name = hb_field_text(fields, "name");
    out->text = hb_field_text(fields, "text");
    out->file = hb_field_text(fields, "file");
    out->line = hb_field_u32(fields, "line");
    out->status =
        (enum hb_case_status)hb_field_word(fields, "status", &hb_words_case);
    out->duration_ms = hb_field_limit(fields, "duration_ms");
}

/* A cause that this version does not know is no reason to lose the failure. */
static enum hb_cause read_cause(struct hb_fields *fields)
{
    const char *word = hb_field_text(fields, "cause_hint");
    enum hb_cause cause = HB_CAUSE_NONE;

    for (int i = HB_CAUSE_NONE + 1; word != NULL && i < HB_CAUSE_COUNT; i++) {
        if (strcmp(hb_cause_name((enum hb_cause)i), word) == 0) {
            cause = (enum hb_cause)i;
        }
    }
    return cause;
}

bool hb_timeline_read_observation(struct hb_fields *fields,
                                  struct hb_timeline_store *store,
                                  struct hb_observation *out_observation)
{
    static const char *const required[] = { "at_ms", "kind", "source" };
    struct hb_observation seen = { 0 };

    hb_field_require(fields, required, sizeof(required) / sizeof(*required));
    seen.at_ms = hb_field_number(fields, "at_ms", UINT64_MAX);
    seen.kind = (enum hb_observation_kind)hb_field_word(fields, "kind",
                                                        &hb_words_observation);
    seen.source =
        (enum hb_source)hb_field_word(fields, "source", &hb_words_source);
    seen.pid = hb_field_u32(fields, "pid");
    seen.count = hb_field_number(fields, "count", UINT64_MAX);
    seen.failed = hb_field_bool(fields, "failed");
    seen.stream =
        (enum hb_stream)hb_field_word(fields, "stream", &hb_words_stream);
    seen.lane_cpu_us = hb_field_number(fields, "lane_cpu_us", UINT64_MAX);
    seen.cause_hint = read_cause(fields);
    read_case(fields, &seen);
    read_exit(fields, &seen.exit);
    read_resources(fields, &seen.resources);
    read_stats(fields, &seen.stats);
    read_process(fields, store, &seen);
    read_dialog(fields, store, &seen);
    read_evidence(fields, store, &seen);
    read_found(fields, store, &seen);
    if (!read_threads(fields, store, &seen) ||
        !read_stack(fields, store, &seen) ||
        !read_machine(fields, store, &seen) || fields->wrong != NULL) {
        return false;
    }
    *out_observation = seen;
    return true;
}
