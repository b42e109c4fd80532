#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "core/options.h"
#include "run/config.h"

/*
 * What this run is to do: options from file, environment and command line,
 * joined with what the host that started us hands over (CTest, Bazel,
 * nextest, GitHub Actions).
 */
#define HB_SETTINGS_TEXT_SIZE 512

struct hb_settings {
    struct hb_options options;
    struct hb_config *config; /* owns texts that options borrow */
    char name[HB_SETTINGS_TEXT_SIZE];
    char artifacts[4096];      /* as given, or made from the host's folder */
    const char *junit_copy[2]; /* fixed paths; NULL: none */
    uint32_t attempt;
    bool listing;             /* pass the call through, leave nothing behind */
    bool dashboard;           /* CTest's dashboard mode reads our tags */
    bool github;              /* annotations and step summary are wanted */
    bool masks;               /* GitHub hides what `::add-mask::` names */
    const char *step_summary; /* NULL: none */
    const char *premature_file; /* the host's own; NULL: ours to choose */
};

/*
 * Fills the settings. The caller owns them and must pass them to
 * hb_settings_free(), also after a failure. Texts of `argv` and of the
 * environment are borrowed.
 */
bool hb_settings_read(struct hb_settings *settings, int argc, char *const *argv,
                      struct hb_error *err);

void hb_settings_free(struct hb_settings *settings);
