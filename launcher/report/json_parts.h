#pragma once

#include "core/result.h"
#include "report/emit.h"

/* The lists of result.json, and the exit that two of its parts have. */

/* The members of an exit, into an object that is open. */
void hb_json_exit(struct hb_emit *emit, struct hb_exit ended);

void hb_json_cases(struct hb_emit *emit, const struct hb_result *result);
void hb_json_processes(struct hb_emit *emit, const struct hb_result *result);
void hb_json_threads(struct hb_emit *emit, const struct hb_result *result);

/* Locks and modules, if there are any. */
void hb_json_finds(struct hb_emit *emit, const struct hb_result *result);

/* How the program ended itself, if it said so. */
void hb_json_leaving(struct hb_emit *emit, const struct hb_result *result);
void hb_json_evidence(struct hb_emit *emit, const struct hb_result *result);
void hb_json_warnings(struct hb_emit *emit, const struct hb_result *result);
