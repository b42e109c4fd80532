#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/result_parts.h"

/*
 * Finds cases by name, and by suite and name, in a time that does not grow
 * with their number. It knows them by their places in the result's list, and
 * is told of all that changes.
 */
struct hb_case_index;

/* What a match must be, from the view of one source. */
enum hb_case_state {
    HB_CASE_ANY = 0,
    HB_CASE_UNANNOUNCED, /* not announced by name and not begun */
    HB_CASE_NOT_BEGUN,
    HB_CASE_OPEN /* begun and not ended */
};

struct hb_case_wanted {
    enum hb_case_state state;
    enum hb_source source;
};

struct hb_case_key {
    const char *suite; /* NULL or empty: of any suite */
    const char *name;
};

/* True if the case is in that state. */
bool hb_case_fits(const struct hb_case *at,
                  const struct hb_case_wanted *wanted);

/* True if it has the name, and the suite where both have one. */
bool hb_case_is(const struct hb_case *at, const struct hb_case_key *key);

/* Makes room for one case more, and the index itself if `*index` is NULL.
 * False without memory; then nothing has changed. */
bool hb_case_index_reserve(struct hb_case_index **index);

/* `cases[at]` is new and the last; nobody has begun it. There must be room. */
void hb_case_index_add(struct hb_case_index *index, const struct hb_case *cases,
                       size_t at);

/* A case that was not is announced, begun or ended by the source now. */
void hb_case_index_expected(struct hb_case_index *index, size_t at);
void hb_case_index_begun(struct hb_case_index *index, size_t at,
                         enum hb_source source);
void hb_case_index_ended(struct hb_case_index *index, size_t at,
                         enum hb_source source);

/* The last case that has the key and fits, or HB_NO_CASE. */
size_t hb_case_index_find(const struct hb_case_index *index,
                          const struct hb_case *cases,
                          const struct hb_case_key *key,
                          const struct hb_case_wanted *wanted);

void hb_case_index_free(struct hb_case_index *index);
