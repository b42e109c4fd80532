#pragma once

#include <stdbool.h>

#include "base/text.h"
#include "run/settings.h"

/* The one word with which the launcher is a program that does nothing: the
 * doctor runs it as a test. */
#define HB_DOCTOR_PATIENT "--doctor-patient"

/*
 * Says what this machine can and cannot capture, and why, before a crash
 * does. Returns true if the main job works: a test can be started, watched
 * and ended with its whole tree, and its record can be written. Both are
 * tried, as far as a run would go, and nothing is left behind.
 */
bool hb_doctor(const struct hb_settings *settings, struct hb_buffer *out);
