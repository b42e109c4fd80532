#pragma once

#include "core/result.h"

/* Writes what the launcher returns for this verdict: `exit_status` and
 * `exit_by_signal` (docs/verdicts.md has the table). */
void hb_exit_status_choose(struct hb_result *result);
