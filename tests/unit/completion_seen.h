#pragma once

#include <stddef.h>

#include "base/text.h"
#include "core/completion.h"

/* What a completion reader said, as text that a test can compare: one line
 * for each observation, "begin S|a", "failed S|a (3 ms)", "plan 2", ... */

/* An hb_observe: `context` is a struct hb_buffer. */
void seen_note(void *context, const struct hb_observation *seen);

/* Feeds `bytes` in pieces of `step` bytes and ends the stream. */
void seen_feed(struct hb_completion *reader, enum hb_stream stream,
               const struct hb_buffer *bytes, size_t step);

/* Fails the test unless this is what a program has said that wrote `out`
 * (NULL: nothing) and then `err`. */
void seen_expect(const char *out, const char *err, const char *expected);
