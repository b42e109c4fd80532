#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

#include "base/error.h"

/*
 * Windows hands a program one line, and the program's C runtime takes it apart
 * again. These two know the rules of Microsoft's runtime (2008 and later):
 * blanks separate, quotes join, and a backslash is only special before a
 * quote.
 */

/* The line that is taken apart into exactly these arguments. The caller owns
 * `*out_line`. The first may hold no quote: nothing could express it. */
bool hb_command_line_join(const char *const *command, size_t count,
                          wchar_t **out_line, struct hb_error *err);

/* Takes a line apart. The caller owns `*out_arguments`, an array that ends
 * with NULL and its texts in one block (one free()). */
bool hb_command_line_split(const wchar_t *line, char ***out_arguments,
                           size_t *out_count, struct hb_error *err);
