#include "report/story_evidence.h"

#include <string.h>

#include "report/words.h"

/* Pieces of one kind that are told one by one. */
#define EACH_TOLD 4u

static bool is_like(const struct hb_evidence *one,
                    const struct hb_evidence *other)
{
    return one->status == other->status && strcmp(one->kind, other->kind) == 0;
}

/* How many like it come before it, and how many in all. */
static size_t count_like(const struct hb_result *result, size_t at,
                         size_t *out_all)
{
    size_t before = 0;

    *out_all = 0;
    for (size_t i = 0; i < result->evidence_count; i++) {
        bool like = is_like(&result->evidence[i], &result->evidence[at]);

        before += like && i < at;
        *out_all += like;
    }
    return before;
}

/* A test that ended by itself and said that it failed has nothing to be looked
 * at; it would be said of each one that is red. */
static bool is_noise(const struct hb_result *result,
                     const struct hb_evidence *item)
{
    return result->verdict == HB_VERDICT_FAIL &&
           item->status == HB_EVIDENCE_SKIPPED && item->path[0] == '\0' &&
           (strcmp(item->kind, "stacks") == 0 ||
            strcmp(item->kind, "dump") == 0);
}

static void describe(const struct hb_result *result,
                     const struct hb_evidence *item, struct hb_buffer *out)
{
    hb_buffer_format(out, "%s %s", item->kind,
                     hb_word(&hb_words_evidence, item->status));
    if (item->path[0] != '\0') {
        hb_buffer_format(out, ", %s", item->path);
    }
    if (item->pid != 0 && item->pid != result->pid) {
        hb_buffer_format(out, ", process %u", (unsigned)item->pid);
    }
    if (item->reason[0] != '\0') {
        hb_buffer_format(out, ": %s", item->reason);
    }
}

bool hb_story_evidence(const struct hb_result *result, size_t i,
                       struct hb_buffer *out)
{
    for (size_t at = 0; at < result->evidence_count; at++) {
        const struct hb_evidence *item = &result->evidence[at];
        size_t all = 0;
        size_t before = count_like(result, at, &all);

        if (before >= EACH_TOLD || is_noise(result, item) || i-- > 0) {
            continue;
        }
        describe(result, item, out);
        if (before + 1 == EACH_TOLD && all > EACH_TOLD) {
            hb_buffer_format(out, ", and %zu more", all - EACH_TOLD);
        }
        return true;
    }
    return false;
}
