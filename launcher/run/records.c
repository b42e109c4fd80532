/*
 * The reports of a run: result.json, junit.xml and the copies that were asked
 * for.
 */
#include <string.h>

#include "report/json.h"
#include "report/junit.h"
#include "run/artifacts.h"

#define ATTACHMENTS_MAX 8u

/* One report, and all the places where it is to stand. */
struct report {
    struct hb_buffer bytes;
    char own[HB_PATH_SIZE];
    const char *paths[3];
    size_t count;
};

static void add_path(struct report *report, const char *path)
{
    if (path != NULL) {
        report->paths[report->count++] = path;
    }
}

/* Head, mark and tail as one text, without secrets. */
static void join_excerpt(const struct hb_excerpt *excerpt,
                         const struct hb_veil *veil, struct hb_buffer *out)
{
    uint64_t beyond = excerpt->total - excerpt->head.size;
    uint64_t kept = beyond < HB_EXCERPT_TAIL ? beyond : HB_EXCERPT_TAIL;
    size_t at = (size_t)(beyond % HB_EXCERPT_TAIL);

    hb_buffer_add(out, excerpt->head.bytes, excerpt->head.size);
    if (excerpt->tail == NULL || beyond == 0) {
        hb_veil_bytes(veil, out->bytes, out->size);
        return;
    }
    if (beyond > kept) {
        hb_veil_torn_bytes(veil, out->bytes, out->size);
        hb_buffer_format(out, "\n[hbtest: %llu bytes are not shown here]\n",
                         (unsigned long long)(beyond - kept));
        size_t begin = out->size;

        hb_buffer_add(out, excerpt->tail + at, HB_EXCERPT_TAIL - at);
        hb_buffer_add(out, excerpt->tail, at);
        hb_veil_torn_bytes(veil, out->bytes + begin, out->size - begin);
    } else {
        hb_buffer_add(out, excerpt->tail, (size_t)kept);
        hb_veil_bytes(veil, out->bytes, out->size);
    }
}

/* Their paths lie one behind the other: mostly they are short. */
struct attachments {
    size_t used;
    const char *paths[ATTACHMENTS_MAX];
    size_t count;
    char bytes[ATTACHMENTS_MAX * HB_PATH_SIZE];
};

/* A file is attached once. */
static void attach(const struct hb_artifacts *artifacts, const char *file,
                   struct attachments *list)
{
    char *path = list->bytes + list->used;

    hb_artifacts_path(artifacts, file, path);
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->paths[i], path) == 0) {
            return;
        }
    }
    list->paths[list->count++] = path;
    list->used += strlen(path) + 1;
}

/* What a person wants to open first. */
static void list_attachments(const struct hb_artifacts *artifacts,
                             const struct hb_result *result,
                             struct attachments *list)
{
    static const char *const files[] = { "timeline.jsonl", "result.json" };

    list->used = 0;
    list->count = 0;
    if (result->verdict == HB_VERDICT_PASS ||
        result->verdict == HB_VERDICT_SKIP) {
        return;
    }
    for (size_t i = 0; i < result->evidence_count; i++) {
        const struct hb_evidence *item = &result->evidence[i];

        if (item->path[0] != '\0' && list->count + 2 < ATTACHMENTS_MAX) {
            attach(artifacts, item->path, list);
        }
    }
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        attach(artifacts, files[i], list);
    }
}

static bool make_json(const struct hb_artifacts *artifacts,
                      const struct hb_result *result, struct report *report,
                      struct hb_error *err)
{
    hb_artifacts_path(artifacts, "result.json", report->own);
    add_path(report, report->own);
    add_path(report, artifacts->settings->options.json);
    return hb_json_write(result, &report->bytes, err);
}

static bool make_junit(const struct hb_artifacts *artifacts,
                       const struct hb_result *result, struct report *report,
                       struct hb_error *err)
{
    const struct hb_settings *settings = artifacts->settings;
    struct hb_junit_output output = { 0 };
    struct hb_buffer printed[HB_STREAM_COUNT] = { { 0 }, { 0 } };
    static struct attachments attached;
    bool ok;

    hb_artifacts_path(artifacts, "junit.xml", report->own);
    add_path(report, report->own);
    add_path(report, settings->junit_copy[0]);
    add_path(report, settings->junit_copy[1]);
    for (size_t i = 0; i < HB_STREAM_COUNT; i++) {
        join_excerpt(&artifacts->excerpts[i], artifacts->veil, &printed[i]);
        output.bytes[i] = printed[i].bytes;
        output.size[i] = printed[i].size;
    }
    list_attachments(artifacts, result, &attached);
    output.attachments = attached.paths;
    output.attachment_count = attached.count;
    ok = hb_junit_write(result, &output,
                        settings->options.junit_strict ? HB_JUNIT_STRICT
                                                       : HB_JUNIT_EXTENDED,
                        &report->bytes, err);
    hb_buffer_free(&printed[HB_STDOUT]);
    hb_buffer_free(&printed[HB_STDERR]);
    return ok;
}

typedef bool make_report(const struct hb_artifacts *artifacts,
                         const struct hb_result *result, struct report *report,
                         struct hb_error *err);

static make_report *const makers[] = { make_json, make_junit };
#define MAKERS (sizeof(makers) / sizeof(makers[0]))

/* Tries on after a failure; the first one is told. */
static bool write_all(const struct report *report, struct hb_error *err)
{
    struct hb_error later;
    bool ok = true;

    for (size_t i = 0; i < report->count; i++) {
        ok = hb_file_replace(report->paths[i], report->bytes.bytes,
                             report->bytes.size, ok ? err : &later) &&
             ok;
    }
    return ok;
}

bool hb_artifacts_write(struct hb_artifacts *artifacts,
                        const struct hb_result *result, struct hb_error *err)
{
    struct hb_error later;
    bool ok = true;

    for (size_t i = 0; i < MAKERS; i++) {
        struct report report = { 0 };
        struct hb_error *why = ok ? err : &later;

        ok = makers[i](artifacts, result, &report, why) &&
             write_all(&report, why) && ok;
        hb_buffer_free(&report.bytes);
    }
    return ok;
}

/* Without all that there may be much of. */
static void shrink(struct hb_result *result)
{
    result->cases = NULL;
    result->case_count = 0;
    result->case_flight = HB_NO_CASE;
    result->processes = NULL;
    result->process_count = 0;
    result->threads = NULL;
    result->thread_count = 0;
    result->finds = (struct hb_finds){ 0 };
    result->evidence_count = 0;
    result->warning_count = 0;
}

/* As much as can be written: all, or the shrunken report, which may fit, or
 * that in the place of the first one, which needs no room of its own. */
static void salvage(const struct report *whole, const struct report *small)
{
    const struct hb_buffer *all = &whole->bytes;
    const struct hb_buffer *least = &small->bytes;
    struct hb_error ignored;

    for (size_t i = 0; i < whole->count; i++) {
        const char *path = whole->paths[i];

        (void)(hb_file_replace(path, all->bytes, all->size, &ignored) ||
               hb_file_replace(path, least->bytes, least->size, &ignored) ||
               hb_file_overwrite(path, least->bytes, least->size, &ignored));
    }
}

void hb_artifacts_salvage(struct hb_artifacts *artifacts,
                          const struct hb_result *result)
{
    struct hb_artifacts mute = { .settings = artifacts->settings };
    static struct hb_result least;
    struct hb_error ignored;

    least = *result;
    shrink(&least);
    (void)hb_text_copy(mute.folder, sizeof(mute.folder), artifacts->folder);
    for (size_t i = 0; i < MAKERS; i++) {
        struct report whole = { 0 };
        struct report small = { 0 };

        if (makers[i](artifacts, result, &whole, &ignored) &&
            makers[i](&mute, &least, &small, &ignored)) {
            salvage(&whole, &small);
        }
        hb_buffer_free(&whole.bytes);
        hb_buffer_free(&small.bytes);
    }
}
