#pragma once

#include <limits.h>
#include <stdbool.h>

#include "base/error.h"

/*
 * The file that a rename may replace, of PATH_MAX bytes: a link stays and what
 * it names changes; a device, a pipe or a folder is nobody's to replace, and
 * an error that names it. A file that does not exist is made.
 */
bool hb_target_find(const char *path, char *target, struct hb_error *err);
