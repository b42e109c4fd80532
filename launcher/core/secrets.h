#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Values that nobody may read: found by the names of environment variables,
 * blanked wherever their bytes stand.
 */

/* A value that is shorter is blanked only where its variable stands: "1" and
 * "yes" stand everywhere. */
#define HB_SECRET_LEAST 4u

/* No match is longer, in bytes: longer values are looked for in parts. */
#define HB_SECRET_MOST 2048u

/* True if one of the patterns of --redact fits the name of an environment
 * variable; each text holds one or more, with commas. Case does not matter,
 * '*' stands for any text and '?' for any byte. */
bool hb_redact_fits(const char *const *patterns, size_t count,
                    const char *name);

/* What is looked for. */
struct hb_secrets;

/* NULL when out of memory. */
struct hb_secrets *hb_secrets_new(void);
void hb_secrets_free(struct hb_secrets *secrets); /* NULL is fine */

/* Adds one value, which may hold any bytes. Values that are too short, and
 * those added before, are left out. False when out of memory. */
bool hb_secrets_add(struct hb_secrets *secrets, const char *value, size_t size);

bool hb_secrets_is_empty(const struct hb_secrets *secrets);

/* Overwrites every value among the bytes, in UTF-8 and in UTF-16, with stars:
 * as many bytes as it had. Returns how many there were. The first call after
 * an addition plans the search, so no two threads may be in here. */
size_t hb_secrets_blank(struct hb_secrets *secrets, char *bytes, size_t size);

/* Plans the search now, for who has no time later. */
void hb_secrets_plan(struct hb_secrets *secrets);

/* The same for the pieces of values that begin before the first byte or end
 * behind the last: of memory that is not followed by what followed it. */
size_t hb_secrets_blank_edges(const struct hb_secrets *secrets, char *bytes,
                              size_t size);

/* The same behind the last byte only: of a text that may have been cut. */
size_t hb_secrets_blank_end(const struct hb_secrets *secrets, char *bytes,
                            size_t size);

/* For a block of "NAME=VALUE" texts, each ended by NUL, as the environment of
 * a process lies in its memory: adds the values of those whose names fit to
 * `secrets`, and overwrites them in the block, short ones too. False when out
 * of memory. */
bool hb_secrets_take_block(struct hb_secrets *secrets,
                           const char *const *patterns, size_t count,
                           char *block, size_t size);
