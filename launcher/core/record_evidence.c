#include "core/record_evidence.h"

#include <string.h>

/* As many processes as are looked at can have dumps of two kinds; the rest of
 * the room is for the other kinds. */
#define DUMPS_MAX 64u
#define OTHERS_MAX 8u

static bool is_dump(const char *kind)
{
    return strcmp(kind, "dump") == 0 || strcmp(kind, "full-dump") == 0;
}

/* How many of the kind there are, and where the last of them is. */
static size_t count_kind(const struct hb_result *result, const char *kind,
                         size_t *out_last)
{
    size_t count = 0;

    for (size_t i = 0; i < result->evidence_count; i++) {
        if (strcmp(result->evidence[i].kind, kind) == 0) {
            *out_last = i;
            count++;
        }
    }
    return count;
}

static bool has_like(const struct hb_result *result,
                     const struct hb_evidence *evidence)
{
    for (size_t i = 0; i < result->evidence_count; i++) {
        if (result->evidence[i].status == evidence->status &&
            strcmp(result->evidence[i].kind, evidence->kind) == 0) {
            return true;
        }
    }
    return false;
}

void hb_record_evidence(struct hb_result *result,
                        const struct hb_evidence *evidence)
{
    size_t last = HB_EVIDENCE_MAX - 1;

    if (evidence == NULL) {
        return;
    }
    size_t count = count_kind(result, evidence->kind, &last);
    size_t most = is_dump(evidence->kind) ? DUMPS_MAX : OTHERS_MAX;

    if (count < most && result->evidence_count < HB_EVIDENCE_MAX) {
        result->evidence[result->evidence_count++] = *evidence;
        return;
    }
    result->evidence_beyond_cap++;
    if (!has_like(result, evidence)) {
        result->evidence[last] = *evidence;
    }
}
