#pragma once

#include <wchar.h>

/*
 * The environment of a test program: our own, in which `name` has `value`, or
 * does not occur if `value` is NULL. The caller owns it (free()); NULL if out
 * of memory.
 */
wchar_t *hb_environment_block(const wchar_t *name, const char *value);
