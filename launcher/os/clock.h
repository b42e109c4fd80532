#pragma once

#include <stdint.h>

/*
 * The one clock of a run: milliseconds that go on only while the system runs
 * (CLOCK_MONOTONIC on Linux, unbiased interrupt time on Windows), so that a
 * suspend is no silence. The same clock that fixtures stamp their beats with.
 */
uint64_t hb_clock_ms(void);

/* The same in nanoseconds, for measuring. */
uint64_t hb_clock_ns(void);

/* Wall clock, milliseconds since 1970; may jump. For the report's one date. */
int64_t hb_clock_unix_ms(void);

/* How long the system was suspended since it booted; only differences mean
 * something. 0 where it cannot be known. */
uint64_t hb_clock_suspended_ms(void);
