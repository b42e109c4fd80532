#pragma once

#include "postmortem/look.h"

/* The parts of a look at living processes. */

/* hb_evidence_tell(), to which a process that is gone (ESRCH) has ended. */
void hb_look_tell(struct hb_teller *teller,
                  const struct hb_found_evidence *evidence,
                  const struct hb_error *err);

/* Dumps every process, if the request asks for it. */
void hb_look_dump(const struct hb_request *request, uint64_t started_ms,
                  struct hb_teller *teller);
