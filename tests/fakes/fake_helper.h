#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "os/process.h"

/* What the helper does until this time, if it does anything. */
bool fake_helper_next(uint64_t until_ms, struct hb_event *out_event);
