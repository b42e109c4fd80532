#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "postmortem/request.h"
#include "postmortem/tell.h"

/*
 * Does what the request asks, and tells it. Implemented in linux/ and
 * windows/.
 *
 * For living processes the order is: what can be read without a stop; a short
 * stop for registers and stack contents; go on; symbols after that. The
 * second sample comes `gap_ms` later; dumps come last, every process before
 * the next step. A process is never left stopped, also not by an error and not
 * by the end of the program; whoever debugs it already keeps it, and evidence
 * then says so.
 *
 * What is asked for and cannot be had is told as evidence with its reason. So
 * `false` means only that not even that could be told.
 */
bool hb_look(const struct hb_request *request, struct hb_teller *teller,
             struct hb_error *err);
