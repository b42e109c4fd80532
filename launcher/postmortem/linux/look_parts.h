#pragma once

#include "postmortem/look.h"

/* The parts of a look at living processes. */

/* Tells evidence; with `err`, that it is not there and why. */
void hb_look_tell(struct hb_teller *teller, struct hb_found_evidence *evidence,
                  const struct hb_error *err);

/* Dumps every process, if the request asks for it. */
void hb_look_dump(const struct hb_request *request, uint64_t started_ms,
                  struct hb_teller *teller);
