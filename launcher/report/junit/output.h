#pragma once

#include "report/junit.h"

/* <system-out> and <system-err>, each only if there is something in it; the
 * attachments stand last in <system-out>, each on a line of its own. */
void hb_junit_write_output(const struct hb_junit_output *output,
                           struct hb_buffer *out);
