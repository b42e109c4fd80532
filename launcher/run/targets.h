#pragma once

#include <stdbool.h>

#include "run/settings.h"

/*
 * Looks at the files that the user names, before anything is made: each that
 * is to be written can be, and no two options name one file in two spellings.
 */
bool hb_targets_check(const struct hb_settings *settings, struct hb_error *err);
