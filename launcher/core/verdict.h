#pragma once

#include "core/result.h"

/*
 * The judge: reads a finished record and writes verdict, cause, summary, exit
 * status and signature into it. Pure: the same record gives the same words on
 * every system. Statuses of a Windows host are read as NTSTATUS wherever the
 * judge runs.
 */
void hb_judge(struct hb_result *result);

/* Whether this program, as far as it is known, must say that it is done. */
bool hb_judge_expects_completion(const struct hb_result *result);

/* A pessimistic verdict for a run that has only begun:
 * launcher-error/launcher-lost. */
void hb_judge_lost(struct hb_result *result);

/* The verdict on a run, already judged, whose record cannot be written:
 * launcher-error/cannot-write. The summary says why, in the words of `reason`,
 * and what the run's own verdict was. */
void hb_judge_unwritten(struct hb_result *result, const char *reason);
