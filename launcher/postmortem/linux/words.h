#pragma once

#include "postmortem/linux/unwind_parts.h"

/* What is known of addresses: every one is looked up once, because the
 * threads of a pool all stand in the same few places. */
struct hb_words *hb_words_new(void);
void hb_words_free(struct hb_words *words);

/*
 * The frames that stand for one address: the functions that the compiler
 * dissolved there, innermost first, then the real one. At most `room`; returns
 * how many, at least one. `module` is not set: see the next.
 */
size_t hb_words_find(struct hb_unwinder *unwinder, uint64_t address,
                     struct hb_frame *frames, size_t room);
