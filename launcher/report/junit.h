#pragma once

#include "base/error.h"
#include "base/text.h"
#include "core/result.h"

/*
 * JUnit XML of one run: testsuites > testsuite > testcase, always flat, one
 * result element a testcase, no two of one name. The strict flavour validates
 * against the Jenkins schema; the extended one adds `file`, `line` and
 * <properties> on a testcase.
 */
enum hb_junit_flavor { HB_JUNIT_EXTENDED = 0, HB_JUNIT_STRICT };

/* What the test printed, for system-out and system-err; NULL is none. Only
 * head and tail are used if it is longer than the report wants. */
struct hb_junit_output {
    const char *bytes[HB_STREAM_COUNT];
    size_t size[HB_STREAM_COUNT];
    uint64_t missing[HB_STREAM_COUNT]; /* already cut in front of `bytes` */
    const char *const *attachments;    /* paths for [[ATTACHMENT|path]] */
    size_t attachment_count;
};

bool hb_junit_write(const struct hb_result *result,
                    const struct hb_junit_output *output,
                    enum hb_junit_flavor flavor, struct hb_buffer *out,
                    struct hb_error *err);
