#include "report/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "report/timeline/fields.h"
#include "report/timeline/format.h"
#include "report/timeline/parts.h"

struct hb_timeline {
    const char *at; /* where the next line begins */
    const char *end;
    struct hb_run_header header;
    const char **command;
    cJSON *header_tree;
    cJSON *tree; /* of the last line */
    struct hb_timeline_store store;
    uint64_t last_ms;
    size_t skipped;
    bool torn;
};

/* Takes the next line off; false at the end. */
static bool take_line(struct hb_timeline *timeline, const char **out_line,
                      size_t *out_size, bool *out_whole)
{
    size_t left = (size_t)(timeline->end - timeline->at);

    if (left == 0) {
        return false;
    }

    const char *newline = memchr(timeline->at, '\n', left);

    *out_line = timeline->at;
    *out_size = newline != NULL ? (size_t)(newline - timeline->at) : left;
    *out_whole = newline != NULL;
    timeline->at += newline != NULL ? *out_size + 1 : left;
    return true;
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r")] == '\0';
}

/* NULL if the line is no JSON object, or more than one. cJSON looks beyond
 * the length that it is given, so it gets a copy that ends with NUL. */
static cJSON *parse(const char *line, size_t size)
{
    const char *rest = NULL;

    if (size > HB_TIMELINE_LINE_MAX || memchr(line, '\0', size) != NULL) {
        return NULL;
    }

    char *copy = malloc(size + 1);

    if (copy == NULL) {
        return NULL;
    }
    memcpy(copy, line, size);
    copy[size] = '\0';

    cJSON *tree = cJSON_ParseWithOpts(copy, &rest, false);

    if (tree != NULL && (!cJSON_IsObject(tree) || !is_blank(rest))) {
        cJSON_Delete(tree);
        tree = NULL;
    }
    free(copy);
    return tree;
}

static bool check_schema(struct hb_fields *fields, struct hb_error *err)
{
    const char *schema = hb_field_text(fields, "schema");

    if (schema == NULL) {
        return hb_fail(err, HB_ERR_READ, 0,
                       "the first line of the timeline names no schema");
    }
    if (strcmp(schema, HB_TIMELINE_SCHEMA) != 0) {
        return hb_fail(err, HB_ERR_READ, 0,
                       "the timeline is of schema '%.60s'; this version reads "
                       "'" HB_TIMELINE_SCHEMA "'",
                       schema);
    }
    return true;
}

static bool read_first_line(struct hb_timeline *timeline, struct hb_error *err)
{
    const char *line = NULL;
    size_t size = 0;
    bool whole = false;

    if (!take_line(timeline, &line, &size, &whole)) {
        return hb_fail(err, HB_ERR_READ, 0, "the timeline is empty");
    }
    timeline->header_tree = parse(line, size);
    if (timeline->header_tree == NULL) {
        return hb_fail(err, HB_ERR_READ, 0,
                       "the first line of the timeline is no JSON object");
    }

    struct hb_fields fields = { .tree = timeline->header_tree };

    if (!check_schema(&fields, err)) {
        return false;
    }
    hb_timeline_read_header(&fields, &timeline->header, &timeline->command);
    if (fields.wrong != NULL) {
        return hb_fail(err, HB_ERR_READ, 0,
                       "in the first line of the timeline '%s' is missing or "
                       "wrong",
                       fields.wrong);
    }
    return true;
}

bool hb_timeline_open(const char *bytes, size_t size,
                      struct hb_timeline **out_timeline, struct hb_error *err)
{
    struct hb_timeline *timeline = calloc(1, sizeof(*timeline));

    if (timeline == NULL) {
        return hb_fail(err, HB_ERR_INTERNAL, 0, "no memory for the timeline");
    }
    timeline->at = bytes;
    timeline->end = bytes + size;
    if (!read_first_line(timeline, err)) {
        hb_timeline_free(timeline);
        return false;
    }
    *out_timeline = timeline;
    return true;
}

const struct hb_run_header *
hb_timeline_run_header(const struct hb_timeline *timeline)
{
    return &timeline->header;
}

/* Reads one line, replacing what the last one left. */
static bool read_line(struct hb_timeline *timeline, const char *line,
                      size_t size, struct hb_observation *out_observation)
{
    cJSON_Delete(timeline->tree);
    timeline->tree = parse(line, size);
    if (timeline->tree == NULL) {
        return false;
    }

    struct hb_fields fields = { .tree = timeline->tree };

    return hb_timeline_read_observation(&fields, &timeline->store,
                                        out_observation);
}

bool hb_timeline_next(struct hb_timeline *timeline,
                      struct hb_observation *out_observation)
{
    struct hb_observation seen;
    const char *line = NULL;
    size_t size = 0;
    bool whole = false;

    while (take_line(timeline, &line, &size, &whole)) {
        if (read_line(timeline, line, size, &seen)) {
            if (seen.at_ms < timeline->last_ms) {
                seen.at_ms = timeline->last_ms;
            }
            timeline->last_ms = seen.at_ms;
            *out_observation = seen;
            return true;
        }
        if (whole) {
            timeline->skipped++;
        } else {
            timeline->torn = true;
        }
    }
    return false;
}

size_t hb_timeline_skipped(const struct hb_timeline *timeline)
{
    return timeline->skipped;
}

bool hb_timeline_torn(const struct hb_timeline *timeline)
{
    return timeline->torn;
}

void hb_timeline_free(struct hb_timeline *timeline)
{
    if (timeline == NULL) {
        return;
    }
    cJSON_Delete(timeline->header_tree);
    cJSON_Delete(timeline->tree);
    free(timeline->command);
    hb_timeline_store_free(&timeline->store);
    free(timeline);
}
