#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * A part of the work that may crash, exit or never end, because libraries read
 * the files of others in it: it is done by a copy of this program, which ends
 * with us. What it told before its end has been told; what it changed in our
 * memory has not. The error says how it ended; `*out_noted` is set in any case,
 * to how often the work called hb_step_note().
 */
bool hb_step_run(void (*work)(void *context), void *context, uint64_t limit_ms,
                 uint32_t *out_noted, struct hb_error *err);

/* For the work: one more of its findings is told. */
void hb_step_note(void);
