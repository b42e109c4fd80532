#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/completion.h"

/*
 * The reading side of the flight recorder. The bytes are written by a
 * program that may be corrupting its own memory while we read: nothing in
 * them is trusted, every field is bounds-checked, every record has its
 * sequence number and checksum, and what does not fit is skipped and counted
 * (HB_OBS_DAMAGE, HB_OBS_LOST). Layout: <hbtest/protocol.h>.
 *
 * Stamps in the recorder are milliseconds of the same clock that the launcher
 * reads; they are believed only between the last read and now.
 */
struct hb_recorder; /* private */

/* Prepares `size` bytes of shared memory (zeroed, at least
 * HBTEST_RECORDER_SIZE) for fixtures. `clock_ms` is the clock's value at the
 * start of the run; observations count from there. NULL if out of memory or
 * `size` is too small. The caller owns the reader (hb_recorder_free) and the
 * memory, which must outlive it. */
struct hb_recorder *hb_recorder_new(void *memory, size_t size, uint64_t token,
                                    uint64_t clock_ms, uint32_t beat_every_ms);

/* Reads what is new and reports it: ATTACHED, REFUSED, ALIVE, BEAT, NOTE,
 * EXPECTED, CASE_*, COMPLETE, PAUSE, RESUME, HANG_AFTER, EXITING, CRASHING,
 * LEAVING, DAMAGE, LOST. `clock_ms` is now. Observations come in the order of
 * their times. Returns true if anything was new. */
bool hb_recorder_read(struct hb_recorder *recorder, uint64_t clock_ms,
                      hb_observe *observe, void *context);

/* How long a process that crashes, or leaves too early, may wait for
 * hb_recorder_let_go(); 0, as from the start: it must not. To be said before
 * the test starts. */
void hb_recorder_let_wait(struct hb_recorder *recorder, uint32_t crash_ms,
                          uint32_t exit_ms);

/* Lets one process go on that was told as CRASHING or LEAVING. Returns the word
 * at which it waits, to be woken by hb_process_wake(); NULL if there is none.
 */
volatile uint32_t *hb_recorder_let_go(struct hb_recorder *recorder);

void hb_recorder_free(struct hb_recorder *recorder);
