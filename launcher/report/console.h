#pragma once

#include "base/text.h"
#include "core/result.h"

/*
 * What a person reads on standard error when a test has ended: one line for
 * the verdict and, for a bad end, a few more that say where it was and what
 * lies where. `color` adds SGR colour.
 */
void hb_console_verdict(const struct hb_result *result, bool color,
                        const char *folder, struct hb_buffer *out);

/* CTestDetails, CTestLabel and CTestMeasurementFile tags for CTest's dashboard
 * mode. `folder` is absolute. */
void hb_console_ctest_tags(const struct hb_result *result, const char *folder,
                           struct hb_buffer *out);
