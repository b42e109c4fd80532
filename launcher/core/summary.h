#pragma once

#include "core/result.h"

/* Writes `summary`: one line that a person can act on, made of what the judge
 * has decided and of nothing else. */
void hb_summary_make(struct hb_result *result);
