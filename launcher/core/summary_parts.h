#pragma once

#include "core/result.h"

/* A summary is put together of clauses, each of which may be missing. The
 * separator stands before it if it is not the first. */
void hb_summary_add(struct hb_result *result, const char *separator,
                    const char *text);

/* summary.c: the case in flight, and the last note. */
void hb_summary_place(struct hb_result *result);
void hb_summary_note(struct hb_result *result);

/* summary_hang.c: which limit fired, and what a hang looks like. */
void hb_summary_limits(struct hb_result *result);
void hb_summary_hang(struct hb_result *result);
