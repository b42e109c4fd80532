#include "report/told.h"

#include <stdlib.h>
#include <string.h>

#include "report/timeline/found.h"

static enum hb_told read_module(struct hb_fields *fields,
                                struct hb_timeline_store *store,
                                struct hb_observation *out)
{
    out->kind = HB_OBS_MODULE;
    out->count = hb_field_u32(fields, "index");
    hb_found_read_module(fields, &store->module);
    out->module = &store->module;
    return HB_TOLD_FOUND;
}

static enum hb_told read_thread(struct hb_fields *fields,
                                struct hb_timeline_store *store,
                                struct hb_observation *out)
{
    free(store->frames);
    store->frames = NULL;
    store->found = (struct hb_found_thread){ 0 };
    out->kind = HB_OBS_THREAD;
    out->found = &store->found;
    return hb_found_read_thread(fields, &store->found, &store->frames)
               ? HB_TOLD_FOUND
               : HB_TOLD_NOTHING;
}

static enum hb_told read_lock(struct hb_fields *fields,
                              struct hb_timeline_store *store,
                              struct hb_observation *out)
{
    out->kind = HB_OBS_LOCK;
    hb_found_read_lock(fields, &store->lock);
    out->lock = &store->lock;
    return HB_TOLD_FOUND;
}

static enum hb_told read_exception(struct hb_fields *fields,
                                   struct hb_timeline_store *store,
                                   struct hb_observation *out)
{
    out->kind = HB_OBS_EXCEPTION;
    store->exception = (struct hb_found_exception){ 0 };
    hb_found_read_exception(fields, &store->exception);
    out->exception = &store->exception;
    return HB_TOLD_FOUND;
}

static enum hb_told read_unwritten(struct hb_fields *fields,
                                   struct hb_timeline_store *store,
                                   struct hb_observation *out)
{
    static const char *const required[] = { "stream", "text" };

    hb_field_require(fields, required, 2);
    out->kind = HB_OBS_UNWRITTEN;
    out->pid = hb_field_u32(fields, "pid");
    out->stream =
        (enum hb_stream)hb_field_word(fields, "stream", &hb_words_stream);
    out->count = hb_field_number(fields, "bytes", UINT64_MAX);
    hb_field_copy(fields, "text", store->unwritten, sizeof(store->unwritten));
    out->text = store->unwritten;
    return HB_TOLD_FOUND;
}

/* Its file lies in the run's folder, whatever the line says. */
static void read_path(struct hb_fields *fields, struct hb_evidence *evidence)
{
    const char *path = hb_field_text(fields, "path");

    if (path != NULL) {
        (void)hb_text_copy(evidence->path, sizeof(evidence->path),
                           hb_text_base_name(path, true));
    }
}

static enum hb_told read_evidence(struct hb_fields *fields,
                                  struct hb_timeline_store *store,
                                  struct hb_observation *out)
{
    struct hb_evidence *evidence = &store->evidence;
    static const char *const required[] = { "what", "status" };

    hb_field_require(fields, required, 2);
    *evidence = (struct hb_evidence){ 0 };
    hb_field_copy(fields, "what", evidence->kind, sizeof(evidence->kind));
    evidence->status = (enum hb_evidence_status)hb_field_word(
        fields, "status", &hb_words_evidence);
    read_path(fields, evidence);
    evidence->pid = hb_field_u32(fields, "pid");
    evidence->bytes = hb_field_number(fields, "bytes", UINT64_MAX);
    evidence->duration_ms = hb_field_number(fields, "duration_ms", UINT64_MAX);
    evidence->pause_us = hb_field_number(fields, "pause_us", UINT64_MAX);
    hb_field_copy(fields, "reason", evidence->reason, sizeof(evidence->reason));
    out->kind = HB_OBS_EVIDENCE;
    out->evidence = evidence;
    return HB_TOLD_FOUND;
}

static enum hb_told read_done(struct hb_fields *fields,
                              struct hb_timeline_store *store,
                              struct hb_observation *out)
{
    (void)fields;
    (void)store;
    (void)out;
    return HB_TOLD_DONE;
}

typedef enum hb_told read_kind(struct hb_fields *fields,
                               struct hb_timeline_store *store,
                               struct hb_observation *out);

static read_kind *find_reader(const char *kind)
{
    static const struct {
        const char *kind;
        read_kind *read;
    } readers[] = {
        { "module", read_module },     { "thread", read_thread },
        { "lock", read_lock },         { "exception", read_exception },
        { "evidence", read_evidence }, { "unwritten", read_unwritten },
        { "done", read_done },
    };

    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
        if (kind != NULL && strcmp(readers[i].kind, kind) == 0) {
            return readers[i].read;
        }
    }
    return NULL;
}

enum hb_told hb_told_read(const char *line, size_t size,
                          struct hb_timeline_store *store,
                          struct hb_observation *out_observation)
{
    struct hb_observation seen = { .source = HB_SOURCE_LAUNCHER };
    struct hb_fields fields = { 0 };
    enum hb_told told = HB_TOLD_NOTHING;
    read_kind *read;

    if (size > HB_TOLD_LINE_MAX) {
        return HB_TOLD_NOTHING;
    }
    fields.tree = cJSON_ParseWithLength(line, size);
    if (cJSON_IsObject(fields.tree)) {
        read = find_reader(hb_field_text(&fields, "kind"));
        if (read != NULL) {
            told = read(&fields, store, &seen);
        }
    }
    cJSON_Delete(fields.tree);
    if (fields.wrong != NULL) {
        return HB_TOLD_NOTHING;
    }
    *out_observation = seen;
    return told;
}
