#pragma once

#include "base/error.h"
#include "core/observation.h"
#include "core/result.h"
#include "core/supervisor.h"

/*
 * The record: folds observations into a result. It decides nothing (that is
 * verdict.c) and never fails: what does not fit is counted, and a warning
 * says so. The same header and observations give the same result, always.
 */

/* An empty result of this run. The caller owns it and must pass it to
 * hb_record_free(). `header` is borrowed and must outlive it. */
void hb_record_init(struct hb_result *result,
                    const struct hb_run_header *header);

void hb_record_add(struct hb_result *result,
                   const struct hb_observation *observation);

/* Adds a line to the report's warnings; the same line is kept once. */
void hb_record_warn(struct hb_result *result, const char *format, ...)
    HB_PRINTF(2, 3);

/* Takes over what only the supervisor knows: pulse, phase, limits. Call it
 * before the judge. */
void hb_record_finish(struct hb_result *result,
                      const struct hb_supervisor *supervisor);

/* Frees what the result owns and leaves it empty. */
void hb_record_free(struct hb_result *result);
