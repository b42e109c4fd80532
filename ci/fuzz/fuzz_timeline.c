#include <string.h>

#include "core/record.h"
#include "core/supervisor.h"
#include "core/verdict.h"
#include "report/json.h"
#include "report/junit.h"
#include "report/timeline.h"
#include "require.h"

/* Reads the one line in `line`, behind a header, and writes it again. */
static void write_again(const struct hb_run_header *header,
                        const struct hb_buffer *line, struct hb_buffer *out)
{
    struct hb_buffer bytes = { 0 };
    struct hb_timeline *timeline = NULL;
    struct hb_observation seen;
    struct hb_error err = { 0 };

    REQUIRE(hb_timeline_header(header, &bytes, &err));
    hb_buffer_add(&bytes, line->bytes, line->size);
    REQUIRE(hb_timeline_open(bytes.bytes, bytes.size, &timeline, &err));
    REQUIRE(hb_timeline_next(timeline, &seen));
    REQUIRE(hb_timeline_line(&seen, out, &err));
    hb_timeline_free(timeline);
    hb_buffer_free(&bytes);
}

/* What could be read is written in a way that can be read again. */
static void check_line(const struct hb_run_header *header,
                       const struct hb_observation *seen)
{
    struct hb_buffer first = { 0 };
    struct hb_buffer second = { 0 };
    struct hb_error err = { 0 };

    REQUIRE(hb_timeline_line(seen, &first, &err));
    REQUIRE(memchr(first.bytes, '\n', first.size) ==
            first.bytes + first.size - 1);
    write_again(header, &first, &second);
    REQUIRE(first.size == second.size);
    REQUIRE(memcmp(first.bytes, second.bytes, first.size) == 0);
    hb_buffer_free(&first);
    hb_buffer_free(&second);
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

/* The input is a timeline, which is replayed. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
    struct hb_timeline *timeline = NULL;
    struct hb_observation seen;
    struct hb_supervisor supervisor;
    struct hb_result result;
    struct hb_error err = { 0 };
    uint64_t last_ms = 0;

    if (!hb_timeline_open((const char *)bytes, size, &timeline, &err)) {
        REQUIRE(timeline == NULL);
        REQUIRE(err.code == HB_ERR_READ);
        REQUIRE(strpbrk(err.text, "\r\n\x1b") == NULL);
        return 0;
    }

    const struct hb_run_header *header = hb_timeline_run_header(timeline);

    hb_record_init(&result, header);
    hb_supervisor_init(&supervisor, &header->policy);
    while (hb_timeline_next(timeline, &seen)) {
        REQUIRE(seen.at_ms >= last_ms);
        last_ms = seen.at_ms;
        check_line(header, &seen);
        hb_record_add(&result, &seen);
        (void)hb_supervisor_step(&supervisor, &seen);
    }
    hb_record_finish(&result, &supervisor);
    hb_judge(&result);
    write_reports(&result);
    hb_record_free(&result);
    hb_timeline_free(timeline);
    return 0;
}
