#pragma once

#include "base/text.h"
#include "core/result.h"

/*
 * Stacks as a person reads them.
 */

/* One frame without its number: "wait_for_reply+0x34 at parser.c:9
 * (parser_test+0x1234)". */
void hb_stacks_frame(const struct hb_result *result,
                     const struct hb_stack_frame *frame, struct hb_buffer *out);

/* What was printed and not written: '23 bytes of stdout: "..."'. */
void hb_stacks_unwritten(const struct hb_unwritten *item,
                         struct hb_buffer *out);

/* stacks.txt: who waits for whom, all threads with their stacks, those that
 * stand in the same place together, and the modules. */
void hb_stacks_write(const struct hb_result *result, struct hb_buffer *out);
