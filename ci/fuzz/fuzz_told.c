#include <stdint.h>
#include <string.h>

#include "core/record.h"
#include "core/signature.h"
#include "report/stacks.h"
#include "report/told.h"
#include "require.h"

/* The input is what hbtest-postmortem wrote, line by line: everything that is
 * understood goes into a record, and that into stacks.txt. */
static void add_line(struct hb_result *result, struct hb_timeline_store *store,
                     const char *line, size_t size)
{
    struct hb_observation seen = { 0 };

    if (hb_told_read(line, size, store, &seen) != HB_TOLD_FOUND) {
        return;
    }
    REQUIRE(seen.kind == HB_OBS_MODULE || seen.kind == HB_OBS_THREAD ||
            seen.kind == HB_OBS_LOCK || seen.kind == HB_OBS_EXCEPTION ||
            seen.kind == HB_OBS_UNWRITTEN || seen.kind == HB_OBS_EVIDENCE);
    if (seen.kind == HB_OBS_EVIDENCE) {
        REQUIRE(strpbrk(seen.evidence->path, "/\\") == NULL);
    }
    if (seen.kind == HB_OBS_THREAD) {
        REQUIRE(seen.found->frame_count <= HB_FRAMES_MAX);
    }
    hb_record_add(result, &seen);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
    static const struct hb_run_header header = { .name = "fuzz" };
    struct hb_timeline_store store = { 0 };
    struct hb_buffer text = { 0 };
    struct hb_result result;
    const char *at = (const char *)bytes;

    hb_record_init(&result, &header);
    while (size > 0) {
        const char *end = memchr(at, '\n', size);
        size_t part = end != NULL ? (size_t)(end - at) : size;

        add_line(&result, &store, at, part);
        part += end != NULL;
        at += part;
        size -= part;
    }
    result.verdict = HB_VERDICT_HANG;
    hb_signature_make(&result);
    REQUIRE(strlen(result.signature.hash) == 16);
    hb_stacks_write(&result, &text);
    hb_buffer_free(&text);
    hb_timeline_store_free(&store);
    hb_record_free(&result);
    return 0;
}
