#pragma once

#include "core/result.h"

/*
 * Keeps a piece of evidence (NULL: none). Dumps are all kept, since they are
 * files that somebody must find and remove; of other kinds the first few, and
 * of each one that is not like those (a failure among successes) the last.
 * What is left out is counted.
 */
void hb_record_evidence(struct hb_result *result,
                        const struct hb_evidence *evidence);
