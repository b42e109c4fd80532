#pragma once

#include <stdbool.h>

#include "base/text.h"
#include "run/settings.h"

/*
 * Says what this machine can and cannot capture, and why, before a crash
 * does. Returns true if the main job works: a test can be started, watched
 * and ended with its whole tree, and its record can be written.
 */
bool hb_doctor(const struct hb_settings *settings, struct hb_buffer *out);
