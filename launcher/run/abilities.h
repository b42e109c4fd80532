#pragma once

#include <stddef.h>

#include "core/run_header.h"
#include "os/host.h"

/* What this system, and this installation, can do for a run. At most `room`;
 * returns how many. */
size_t hb_run_abilities(struct hb_ability *abilities, size_t room);

/* What the header says of one of them; of one that it does not tell, that it is
 * there. Borrowed from the header. */
const struct hb_capability *
hb_run_capability(const struct hb_run_header *header, const char *name);
