#pragma once

#include "core/result.h"
#include "core/supervisor.h"

/*
 * A program that ends itself: whether it is too early for that, and who in it
 * made the call.
 */

/* True if the run, as far as it is known, would be a silent death if the
 * program left in this way now. */
bool hb_leaving_is_early(const struct hb_result *result,
                         const struct hb_supervisor *supervisor,
                         const struct hb_leaving *leaving);

/* True if the program died of the very signal that it said it sends itself. */
bool hb_leaving_ended(const struct hb_result *result);

/* The stack of the thread that called, or NULL. */
const struct hb_stack *hb_leaving_stack(const struct hb_result *result);

/* The function that called, in the test's own code; NULL: not known. */
const struct hb_stack_frame *hb_leaving_caller(const struct hb_result *result);

/* How the program made itself end, in words for a summary: "exit(0) called by
 * clean_up (clean.c:9) before the program said that it was done"; where that is
 * not known, how it could be. Empty if there is nothing to say. */
void hb_leaving_explain(const struct hb_result *result, char *target,
                        size_t size);
