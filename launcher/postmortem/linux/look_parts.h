#pragma once

#include "postmortem/look.h"

/* The parts of a look at living processes. */

/* hb_evidence_tell(), to which a process that is gone (ESRCH) has ended. */
void hb_look_tell(struct hb_teller *teller,
                  const struct hb_found_evidence *evidence,
                  const struct hb_error *err);

/* Tells the stacks of a core file; `pid` 0: of whom is not known. */
void hb_look_core(const char *path, uint32_t pid, struct hb_teller *teller);

/* Collects the cores that the system wrote of what has died. */
void hb_look_dead(const struct hb_request *request, uint64_t started_ms,
                  struct hb_teller *teller);

/* What others need of the disk: a test that dies of a full one leaves less
 * behind than one without a dump. */
#define HB_DISK_FREE_LEAST ((uint64_t)64 << 20)

/* Of the time there is, what is left for telling. */
#define HB_TELL_WITHIN_MS 200u

/* What is left of the bytes that all dumps may take, and what stays free of the
 * disk. Nothing left is 1: 0 would be no bound. */
uint64_t hb_look_left_bytes(const struct hb_request *request, uint64_t taken);
uint64_t hb_look_disk_free(const struct hb_request *request);

/* Dumps every process, if the request asks for it. */
void hb_look_dump(const struct hb_request *request, uint64_t started_ms,
                  struct hb_teller *teller);
