#pragma once

#include "base/text.h"
#include "fakes/samples.h"

/* What the samples are put together of. */

#define SET(field, text) (void)hb_text_copy((field), sizeof(field), (text))

void sample_capability(struct sample *sample, const char *name, bool available,
                       const char *detail);

/* Two threads that wait for each other, with all that was found of them. */
void sample_deadlock(struct sample *sample);

/* Evidence that was not taken. */
void sample_evidence(struct sample *sample, const char *kind);

void sample_judge(struct sample *sample, enum hb_verdict verdict,
                  enum hb_cause cause, const char *summary);
void sample_end(struct sample *sample, enum hb_exit_kind kind, uint32_t value,
                uint64_t at_ms);
struct hb_case *sample_timed(struct sample *sample, char *name,
                             enum hb_case_status status, uint64_t begun_ms,
                             uint64_t duration_ms);
void sample_complete(struct sample *sample, bool seen, const char *how);

/* Progress, last seen at this time; call it after sample_end(). */
void sample_heartbeat(struct sample *sample, const char *source,
                      uint64_t last_ms);
