#pragma once

#include "core/result.h"

/*
 * The place where a thread stands, in words that do not vary from run to run:
 * its innermost frames that are neither the system's nor those of a test
 * framework or sanitizer, as module and function, or offset where there is no
 * name: "parser_test!wait_for_reply < parser_test!main".
 */
void hb_signature_frames(const struct hb_result *result,
                         const struct hb_stack *stack, char *target,
                         size_t size);

/* True for frames that are passed over there. */
bool hb_signature_skips(const struct hb_result *result,
                        const struct hb_stack_frame *frame);
