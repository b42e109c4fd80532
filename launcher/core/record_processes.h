#pragma once

#include "core/observation.h"
#include "core/result.h"

/*
 * The processes of a record: the test program and what it started. A pid that
 * comes again after its process ended is another process.
 */
void hb_processes_start(struct hb_result *result,
                        const struct hb_observation *seen);

/* `left`: it outlived the test program. */
void hb_processes_child(struct hb_result *result,
                        const struct hb_observation *seen, bool left);

/* How many it left behind, also beyond what is listed. */
size_t hb_processes_left(const struct hb_result *result);

void hb_processes_end(struct hb_result *result,
                      const struct hb_observation *seen);
