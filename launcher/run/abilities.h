#pragma once

#include <stddef.h>

#include "os/host.h"

/* What this system, and this installation, can do for a run. At most `room`;
 * returns how many. */
size_t hb_run_abilities(struct hb_ability *abilities, size_t room);
