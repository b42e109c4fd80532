#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/result.h"

/*
 * What the exception of the test program, as its fixture, a dump or error
 * reporting told it, adds to its exit status.
 */

/* Linux has one signal for all wrong addresses; that it was the stack's end is
 * known if the fixture told where the stack was. */
bool hb_fault_is_stack_overflow(const struct hb_result *result);

/* True if the signal that ended it was no fault but was sent to it, and by
 * whom (Linux). */
bool hb_fault_sender(const struct hb_result *result, uint32_t *out_pid);

/* Windows' abort() exits with 3, or fails fast, as others do too. The fixture
 * tells it by a name of its own. */
bool hb_fault_is_abort(const struct hb_result *result);

/* The subcode of a program that ended by a fast fail; false: it did not, or
 * nobody told it. */
bool hb_fault_subcode(const struct hb_result *result, uint32_t *out_subcode);
