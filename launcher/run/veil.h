#pragma once

#include "core/observation.h"
#include "core/options.h"
#include "core/run_header.h"

/*
 * What lies between the run and its reports: secrets (core/secrets.h) become
 * stars in every text that somebody wrote. Words and names of the reports
 * themselves stay, so do paths that lead to files of ours, and modules and
 * functions, which debuggers look for.
 */
struct hb_veil;

/* With the values of our own environment that --redact means. `*out_veil` is
 * NULL where nothing is to be blanked; all functions below take that and do
 * nothing. The caller must pass it to hb_veil_free(). */
bool hb_veil_new(const struct hb_options *options, struct hb_veil **out_veil,
                 struct hb_error *err);
void hb_veil_free(struct hb_veil *veil);

/* One value more, from now on, and each of its lines. False when out of
 * memory. */
bool hb_veil_add(struct hb_veil *veil, const char *value, size_t size);

/* Puts blanked copies, which the veil owns, in the place of name, command and
 * working directory. */
bool hb_veil_header(struct hb_veil *veil, struct hb_run_header *header,
                    struct hb_error *err);

/* The same for the texts of an observation; the copies hold until the next.
 * What there is no memory for is left out. */
void hb_veil_observation(struct hb_veil *veil, struct hb_observation *seen);

/* In place. Torn: bytes are missing before the first or behind the last, which
 * may have been those of a value. */
void hb_veil_bytes(const struct hb_veil *veil, char *bytes, size_t size);
void hb_veil_torn_bytes(const struct hb_veil *veil, char *bytes, size_t size);
