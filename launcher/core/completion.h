#pragma once

#include <stddef.h>

#include "core/observation.h"

/*
 * Reads the output of a test program that was never changed for us and finds
 * in it what cmocka, GoogleTest and TAP 12 to 14 say of cases, plan and end.
 *
 * Both streams of one program go into one reader, chunk by chunk as they
 * come; a line may be cut anywhere between chunks, be longer than memory, or
 * hold any bytes. Memory is bounded: of a long line only the head is read
 * (and a result mark that follows test output on its line is still found
 * within that head).
 *
 * The reader reports what it sees as observations of kind PLAN, CASE_BEGIN,
 * CASE_END, CASE_DETAIL, COMPLETE and BAD_TEXT through the callback, with
 * `source` set and `at_ms` as given. Texts are borrowed for the call.
 */
#define HB_LINE_SIZE 4096u

typedef void hb_observe(void *context, const struct hb_observation *seen);

struct hb_completion; /* private */

/* NULL if out of memory. The caller owns it and must pass it to
 * hb_completion_free(). `context` is handed to `observe`. */
struct hb_completion *hb_completion_new(hb_observe *observe, void *context);

void hb_completion_feed(struct hb_completion *completion, enum hb_stream stream,
                        const char *bytes, size_t size, uint64_t at_ms);

/* The stream ended: a last line without newline is read now. */
void hb_completion_end(struct hb_completion *completion, enum hb_stream stream,
                       uint64_t at_ms);

/* NULL is fine. */
void hb_completion_free(struct hb_completion *completion);
