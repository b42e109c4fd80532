#pragma once

#include "core/observation.h"
#include "core/result.h"

/*
 * The cases of a record. Two sources may tell of the same case (a fixture and
 * the lines of its framework), each in its own time: a case is matched by
 * name, and by suite where both know it, and each source begins and ends it
 * once; what a source begins again is a new case.
 */
void hb_cases_plan(struct hb_result *result, const struct hb_observation *seen);
void hb_cases_expect(struct hb_result *result,
                     const struct hb_observation *seen);
void hb_cases_begin(struct hb_result *result,
                    const struct hb_observation *seen);
void hb_cases_end(struct hb_result *result, const struct hb_observation *seen);
void hb_cases_detail(struct hb_result *result,
                     const struct hb_observation *seen);

/* The run is over: what began and never ended was running, what was announced
 * and never began is lost. */
void hb_cases_close(struct hb_result *result);

/* How many have this status. */
size_t hb_cases_count(const struct hb_result *result,
                      enum hb_case_status status);

/* The one in flight at the end, or NULL. */
const struct hb_case *hb_cases_in_flight(const struct hb_result *result);

void hb_cases_free(struct hb_result *result);
