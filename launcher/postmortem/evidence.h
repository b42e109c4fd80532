#pragma once

#include "base/error.h"
#include "postmortem/tell.h"

/* Tells evidence; with `err`, that it is not there and why. A process that had
 * ended (HB_ERR_NOT_FOUND) was not looked at, which is no failure of ours. */
void hb_evidence_tell(struct hb_teller *teller,
                      const struct hb_found_evidence *evidence,
                      const struct hb_error *err);
