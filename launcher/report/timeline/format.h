#pragma once

#include <stdint.h>

/* What both sides of the timeline must agree on, besides words.h. */

#define HB_TIMELINE_SCHEMA "hbtest.timeline.v1"

/* Readers of JSON have 53 bits; a larger number is written as a text. */
#define HB_TIMELINE_EXACT_MAX ((UINT64_C(1) << 53) - 1)

/* No line is longer; the tree of one that is full of hostility takes 32 times
 * as much memory. */
#define HB_TIMELINE_LINE_MAX (16u << 20)
