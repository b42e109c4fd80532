#pragma once

#include "base/text.h"
#include "core/result.h"

/*
 * What was taken of the processes, as a person reads it: of each kind the
 * first few, and how many more there are.
 */

/* Line `i` of it, from 0, into an empty `out`; false: there are no more. */
bool hb_story_evidence(const struct hb_result *result, size_t i,
                       struct hb_buffer *out);
