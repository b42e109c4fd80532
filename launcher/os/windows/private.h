#pragma once

#include <stdbool.h>
#include <windows.h>

#include "base/error.h"

/*
 * What the mode 0600 is on Linux: a list that lets in the user, SYSTEM and the
 * administrators, and nobody else, whatever the folder above hands down.
 */

/* Borrowed until the process ends; the same each time. NULL, which gives the
 * system's default, only if the user cannot be found out. */
SECURITY_ATTRIBUTES *hb_private_attributes(void);

/* The user's identifier as a text, "S-1-5-21-...". */
#define HB_PRIVATE_USER_MAX 192
bool hb_private_user(wchar_t text[HB_PRIVATE_USER_MAX]);
