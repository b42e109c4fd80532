#pragma once

#include "base/error.h"
#include "base/text.h"
#include "core/observation.h"
#include "core/result.h"

/*
 * timeline.jsonl: the run's header, then each observation, one JSON object a
 * line (docs/reports.md). Writing and reading are exact opposites: what is
 * read back gives the same observations, byte for byte the same reports.
 */

/* One line with its newline. */
bool hb_timeline_header(const struct hb_run_header *header,
                        struct hb_buffer *out, struct hb_error *err);
bool hb_timeline_line(const struct hb_observation *observation,
                      struct hb_buffer *out, struct hb_error *err);

/*
 * Reads a whole timeline that lies in memory. A last line that is torn (the
 * launcher died while it wrote) ends the reading; any other line that cannot
 * be understood is skipped and counted.
 */
struct hb_timeline; /* private */

/* False if the first line is no header of a version that we read; the error
 * names what is wrong. The caller owns `*out_timeline`; `bytes` are borrowed
 * until it is freed. */
bool hb_timeline_open(const char *bytes, size_t size,
                      struct hb_timeline **out_timeline, struct hb_error *err);

/* Borrowed until the timeline is freed. */
const struct hb_run_header *
hb_timeline_run_header(const struct hb_timeline *timeline);

/* The next observation, or false at the end. Its pointers hold until the next
 * call. */
bool hb_timeline_next(struct hb_timeline *timeline,
                      struct hb_observation *out_observation);

/* Lines that were skipped, and whether the last line was torn. */
size_t hb_timeline_skipped(const struct hb_timeline *timeline);
bool hb_timeline_torn(const struct hb_timeline *timeline);

/* NULL is fine. */
void hb_timeline_free(struct hb_timeline *timeline);
