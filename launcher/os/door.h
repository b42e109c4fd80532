#pragma once

#include <stdint.h>

#include "os/process.h"

/* Who waits to be looked at before it dies or leaves. */

/* Wakes who waits at a word of the recorder (hb_recorder_let_go()). */
void hb_process_wake(volatile uint32_t *word);

/* What is to be known of holding it, once it has started: that it cannot be
 * done here, or what it changes. NULL if there is nothing to say. */
const char *hb_process_hold_warning(const struct hb_process *process);

/* Lets the test program go that was told as LEAVING, and from now on always. */
void hb_process_let_leave(struct hb_process *process);
