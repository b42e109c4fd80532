#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "postmortem/tell.h"

/*
 * Tells which threads of the process wait at a futex, and whom for: the owner
 * of a mutex of glibc's (or of one that keeps its owner in the futex, as
 * robust, priority-inheriting and musl's do), and the thread that a join
 * waits for. All of it is read without a stop. An owner is told only if it is
 * a living thread of the process and all around it looks like what it should
 * be; else the wait is a "futex" without owner.
 */
bool hb_locks_tell(uint32_t pid, struct hb_teller *teller,
                   struct hb_error *err);
