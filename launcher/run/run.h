#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "core/result.h"
#include "run/settings.h"

/*
 * One supervised run: the loop that joins os to core. It starts the program,
 * turns what happens into observations, does what the supervisor asks for and
 * leaves the reports.
 */
struct hb_outcome {
    uint32_t status;
    bool by_signal;         /* `status` is a signal to die of */
    struct hb_buffer words; /* for standard error; the caller frees it */
};

/*
 * Runs the program of `settings`. A failure to do our job (a folder that
 * cannot be made) is an error only if not even a record could be begun; all
 * else is in the outcome. The caller owns `outcome->words` in any case.
 */
bool hb_run(const struct hb_settings *settings, struct hb_outcome *outcome,
            struct hb_error *err);

/* The same; `show` sees the record when all is written. It is not called after
 * an error. */
bool hb_run_shown(const struct hb_settings *settings,
                  struct hb_outcome *outcome,
                  void (*show)(const struct hb_result *result, void *context),
                  void *context, struct hb_error *err);

/* A listing call: passed through untouched, nothing is left behind, bounded by
 * the limits all the same. */
bool hb_run_listing(const struct hb_settings *settings,
                    struct hb_outcome *outcome, struct hb_error *err);
