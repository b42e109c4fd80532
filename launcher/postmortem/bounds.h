#pragma once

#include <stdint.h>

/* The status of a helper that ended itself at its limit. */
#define HB_STATUS_LIMIT 124

/*
 * Bounds this process, which reads memory that others may have corrupted: it
 * ends itself after `limit_ms` (0: never) wherever it then is, it cannot take
 * all memory of the machine, its own crash makes no dump and no dialog, and
 * nothing that it calls asks the network for symbols. What cannot be bounded
 * is left as it is: the launcher kills a helper that is late.
 */
void hb_bounds_set(uint64_t limit_ms);
