#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "core/options.h"

/*
 * The config file: one flat JSON object whose keys are option names. A value
 * is a string or a number as the command line takes it, true or false for a
 * switch, and for an option that repeats also an array.
 */

/* A longer file is no config file. */
#define HB_CONFIG_CAP ((size_t)1 << 20)

/* Owns the texts that options borrow from a config file: free it when nobody
 * reads the options any more. */
struct hb_config;

/*
 * Reads the file and sets the options that it names. On success the caller
 * owns `*out_config`. A file that cannot be read is HB_ERR_READ; all that is
 * wrong inside it is HB_ERR_USAGE and names the file and the place or the key.
 */
bool hb_config_read(const char *path, struct hb_options *options,
                    struct hb_config **out_config, struct hb_error *err);

/* The same for `size` bytes that somebody else has read from `path`. */
bool hb_config_parse(const char *path, const char *bytes, size_t size,
                     struct hb_options *options, struct hb_config **out_config,
                     struct hb_error *err);

/* NULL is fine. */
void hb_config_free(struct hb_config *config);
