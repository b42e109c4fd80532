#pragma once

#include "core/result.h"

/*
 * Where the same death happens twice, the signature is the same. It is made
 * of verdict, cause, status, phase, the case in flight (with numbers in its
 * name folded) and the place where the blamed threads stand, never of times,
 * addresses, pids or paths. A run that
 * passed or was skipped has none.
 */
void hb_signature_make(struct hb_result *result);
