#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * What the values of our enums are called in reports and in the timeline.
 * A value may move, a word not. One table serves writer and reader.
 */
struct hb_words {
    const char *const *words; /* by value; NULL where a value has none */
    unsigned count;
};

extern const struct hb_words hb_words_observation;
extern const struct hb_words hb_words_source;
extern const struct hb_words hb_words_case;
extern const struct hb_words hb_words_evidence;
extern const struct hb_words hb_words_exit;
extern const struct hb_words hb_words_stream;
extern const struct hb_words hb_words_thread;
extern const struct hb_words hb_words_wait;
extern const struct hb_words hb_words_completion;
extern const struct hb_words hb_words_leak;
extern const struct hb_words hb_words_hold;
extern const struct hb_words hb_words_leaving;
extern const struct hb_words hb_words_exit_mode;

/* By bit: the word of bit N is that of `enum hb_progress_source` 1 << N. */
extern const struct hb_words hb_words_progress;

/* NULL if there is none. */
const char *hb_word(const struct hb_words *words, unsigned value);

/* False if no value is called so. */
bool hb_word_find(const struct hb_words *words, const char *word,
                  unsigned *out_value);
