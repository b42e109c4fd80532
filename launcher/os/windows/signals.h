#pragma once

#include <stdint.h>
#include <windows.h>

/*
 * Requests to stop: Ctrl-C, Ctrl-Break, the closing of the console, logoff and
 * shutdown. They arrive in a thread of the system's and are posted to a port.
 */

/* From now on each request comes as a packet with this key, whose number of
 * bytes is the kind of request; also those that came since the port before was
 * given up. The process no longer dies of them. */
void hb_signals_take(HANDLE port, ULONG_PTR key);

/* The port goes away. Later requests are kept for the next. */
void hb_signals_leave(void);

/* What a report calls a kind of request: number and static name. */
uint32_t hb_signal_read(DWORD kind, const char **out_name);
