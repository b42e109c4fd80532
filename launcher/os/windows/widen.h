#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

#include "base/error.h"

/*
 * UTF-8 outside, UTF-16 at the call. Windows takes any 16-bit units for a
 * name; a surrogate without its other half becomes three bytes and comes back
 * as it was, so arguments and paths survive both ways unchanged.
 */

/* A wide copy that the caller owns (free()); NULL if out of memory. Bytes
 * that are no character become U+FFFD. */
wchar_t *hb_widen(const char *text);

/* The same the other way. */
char *hb_narrow(const wchar_t *wide);

/* Into `size` bytes of `target`, cut at a character's edge. */
void hb_narrow_into(char *target, size_t size, const wchar_t *wide);

/*
 * A path as a call of the system wants it: absolute and, if it is long, in
 * the form that may exceed 260 characters. The caller owns `*out_wide`.
 */
bool hb_widen_path(const char *path, wchar_t **out_wide, struct hb_error *err);

/* "out of memory", as every allocation of os/ says it. */
bool hb_fail_memory(struct hb_error *err);
