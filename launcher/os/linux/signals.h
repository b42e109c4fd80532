#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * This process's own signals. From hb_signals_take() on, requests to stop and
 * the ends of children wait until they are read; the test program starts with
 * what we ourselves were started with.
 */

/* What the kernel sends us when our guard dies. */
#define HB_SIGNAL_GUARD_LOST (SIGRTMIN + 4)

/* Blocks the requests to stop, SIGCHLD, SIGURG (a test calls for us), what is
 * passed on to the test and HB_SIGNAL_GUARD_LOST, ignores SIGPIPE, makes
 * children waitable. Remembers what was, once. */
void hb_signals_take(void);

/* Back to what hb_signals_take() found. Async-signal-safe: it runs between
 * fork and exec, on memory shared with the parent. */
void hb_signals_restore(void);

/* The signals that hb_signals_take() holds back. */
void hb_signals_held(sigset_t *out_held);

/* True for SIGINT, SIGTERM, SIGHUP, SIGQUIT. */
bool hb_signal_asks_to_stop(uint32_t signal);

/* True for all else that ends a process who does not expect it, but for what
 * a fault of its own raises: SIGUSR1, SIGALRM, the real-time signals ... */
bool hb_signal_is_passed_on(uint32_t signal);

/* Static: "SIGTERM", "guard lost". */
const char *hb_request_name(uint32_t signal);

/* Makes sure that descriptors 0, 1 and 2 are taken, before anything else is
 * opened: otherwise a pipe or a log of ours would get such a number and be
 * taken for the standard stream. A stream that was closed stays closed for
 * the test program. */
void hb_standard_streams_fill(void);
