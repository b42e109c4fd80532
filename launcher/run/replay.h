#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "run/run.h"
#include "run/settings.h"

/*
 * Judges a recorded timeline again and runs nothing: the same bytes give the
 * same verdict and, byte for byte, the same result.json on every system. The
 * result goes to --json and --junit, or to `out_json` (the caller frees it) if
 * neither is given. A timeline without its last line, of a launcher that was
 * ended, is judged launcher-lost with all that it knew.
 */
bool hb_replay(const struct hb_settings *settings, struct hb_outcome *outcome,
               struct hb_buffer *out_json, struct hb_error *err);
