#include <string.h>

#include "core/record.h"
#include "core/supervisor.h"
#include "core/verdict.h"
#include "report/json.h"
#include "report/junit.h"
#include "report/timeline.h"
#include "require.h"

/* Writes anew what is read; false if it cannot be read at all. */
static bool copy_timeline(const char *bytes, size_t size, struct hb_buffer *out)
{
    struct hb_timeline *timeline = NULL;
    struct hb_observation seen;
    struct hb_error err = { 0 };

    if (!hb_timeline_open(bytes, size, &timeline, &err)) {
        REQUIRE(timeline == NULL);
        REQUIRE(err.code == HB_ERR_READ);
        REQUIRE(strpbrk(err.text, "\r\n\x1b") == NULL);
        return false;
    }
    REQUIRE(hb_timeline_header(hb_timeline_run_header(timeline), out, &err));
    while (hb_timeline_next(timeline, &seen)) {
        REQUIRE(hb_timeline_line(&seen, out, &err));
    }
    hb_timeline_free(timeline);
    return true;
}

static void write_reports(struct hb_result *result)
{
    struct hb_buffer json = { 0 };
    struct hb_buffer junit = { 0 };
    struct hb_error err = { 0 };

    REQUIRE(hb_json_write(result, &json, &err));
    REQUIRE(hb_junit_write(result, NULL, HB_JUNIT_EXTENDED, &junit, &err));
    REQUIRE(strlen(json.bytes) == json.size);
    REQUIRE(strlen(junit.bytes) == junit.size);
    hb_buffer_free(&json);
    hb_buffer_free(&junit);
}

/* Judges what can be read of it. */
static void replay(const struct hb_buffer *bytes)
{
    struct hb_timeline *timeline = NULL;
    struct hb_observation seen;
    struct hb_supervisor supervisor;
    struct hb_result result;
    struct hb_error err = { 0 };
    uint64_t last_ms = 0;

    REQUIRE(hb_timeline_open(bytes->bytes, bytes->size, &timeline, &err));

    const struct hb_run_header *header = hb_timeline_run_header(timeline);

    hb_record_init(&result, header);
    hb_supervisor_init(&supervisor, &header->policy);
    while (hb_timeline_next(timeline, &seen)) {
        REQUIRE(seen.at_ms >= last_ms);
        last_ms = seen.at_ms;
        hb_record_add(&result, &seen);
        (void)hb_supervisor_step(&supervisor, &seen);
    }
    REQUIRE(hb_timeline_skipped(timeline) == 0);
    REQUIRE(!hb_timeline_torn(timeline));
    hb_record_finish(&result, &supervisor);
    hb_judge(&result);
    write_reports(&result);
    hb_record_free(&result);
    hb_timeline_free(timeline);
}

/* The input is a timeline. What can be read of it is written in a way that
 * can be read again, to the same bytes, and judged. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
    struct hb_buffer first = { 0 };
    struct hb_buffer second = { 0 };

    if (copy_timeline((const char *)bytes, size, &first)) {
        REQUIRE(copy_timeline(first.bytes, first.size, &second));
        REQUIRE(first.size == second.size);
        REQUIRE(memcmp(first.bytes, second.bytes, first.size) == 0);
        replay(&first);
    }
    hb_buffer_free(&first);
    hb_buffer_free(&second);
    return 0;
}
