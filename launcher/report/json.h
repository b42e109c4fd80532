#pragma once

#include "base/error.h"
#include "base/text.h"
#include "core/result.h"

/*
 * result.json, schema hbtest.result.v1 (docs/schema/result.v1.json): the whole
 * record as JSON, two-space indented, with a final newline. What is not known
 * is left out; texts that are not UTF-8 get U+FFFD. The same result gives the
 * same bytes on every system.
 */
bool hb_json_write(const struct hb_result *result, struct hb_buffer *out,
                   struct hb_error *err);
