#pragma once

#include <stddef.h>

#include "base/error.h"

/*
 * Why something failed, in words: an error carries the system's number, and
 * this is where it is looked up, when the error is printed or recorded.
 */

/* Room for what hb_reason_say() says. */
#define HB_REASON_SIZE 640

/* "cannot create 'x' (error 13: Permission denied)": the error as people get
 * it, in one line. Where the system was not asked it is the text alone. */
void hb_reason_say(const struct hb_error *err, char *target, size_t size);

/* The system's words for errno or GetLastError(), in English where it has
 * them: one line, no full stop. Empty if it has none. */
void hb_reason_read(long os_code, char *target, size_t size);
