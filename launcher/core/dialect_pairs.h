#pragma once

#include "core/dialect.h"

/*
 * Floods must pass at the speed of memory. Where it is known which pairs of
 * bytes every interesting line has ("[=[ " is two pairs), the lines before the
 * first of them are skipped without being looked at.
 */
#define HB_PAIRS_MAX 6u

/* Where each pair comes next in a chunk. Kept from line to line, so that a
 * chunk is searched once for each of them. Zero it for every chunk. */
struct hb_outlook {
    const char *pairs;
    const char *next[HB_PAIRS_MAX];
};

/* How much from `at` on is whole lines without any of `pairs`. NULL is "any
 * line may matter", empty "none does". */
size_t hb_pairs_skip(struct hb_outlook *outlook, const char *pairs,
                     const char *at, const char *end);

/* The line has one of them. */
bool hb_pairs_in(struct hb_span line, const char *pairs);
