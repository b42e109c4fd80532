#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Our own standard error and our own end. Standard output belongs to the
 * test; it is ours only where no test is run.
 */

/* Writes to standard output, byte for byte on every system: help, a replay. */
bool hb_console_print(const char *bytes, size_t size, struct hb_error *err);

/* Writes UTF-8 to standard error, at once; failures are ignored. */
void hb_console_error(const char *bytes, size_t size);

/* True if standard error is a terminal that shows colour. */
bool hb_console_has_color(void);

/*
 * The system's half of an end: on Linux dies of `signal` (core limit set to 0
 * first), or exits with 128 + signal if that does not work. On Windows there
 * are no signals and it ends with `signal` as its status. Does not return.
 */
_Noreturn void hb_console_die(uint32_t signal);

/* Ends with all 32 bits of a status (the low 8 on Linux), running no exit
 * handlers. Does not return. */
_Noreturn void hb_console_exit(uint32_t status);

/*
 * The guard: whatever becomes of the launcher, the tree must not survive it.
 *
 * On Linux this forks once, before anything else is done: the caller goes on
 * in the child, and the original process stays behind as guard. The guard
 * does nothing but wait: it passes on signals that ask to stop, ends exactly
 * as the child ends, and if the child dies unasked (SIGKILL, a bug of ours) it
 * ends every descendant, writes one line to standard error and exits with 125.
 * If the guard itself is killed, the child learns of it as a stop request
 * and ends the tree. On Windows the job object does all that and this does
 * nothing.
 */
bool hb_guard_start(struct hb_error *err);

/* Replaces this process by the program (Linux), or runs it with everything
 * inherited and ends as it ends (Windows). Returns only if it could not. */
bool hb_console_become(const char *const *command, size_t count,
                       struct hb_error *err);
