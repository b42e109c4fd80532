#pragma once

#include <stddef.h>

#include "core/completion.h"

/*
 * Reads one sd_notify datagram ("WATCHDOG=1\nSTATUS=...") and reports it as
 * observations BEAT, NOTE, READY, STOPPING and HANG_AFTER (WATCHDOG_USEC=)
 * of source HB_SOURCE_NOTIFY. Unknown lines are ignored, as systemd does.
 */
void hb_notify_read(const char *bytes, size_t size, uint32_t pid,
                    uint64_t at_ms, hb_observe *observe, void *context);
