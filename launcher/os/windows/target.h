#pragma once

#include <stdbool.h>
#include <wchar.h>

#include "base/error.h"

/*
 * The file that a rename may replace, as a call wants it: a link stays and
 * what it names changes; a device, a pipe or a folder is nobody's to replace,
 * and an error that names it. A file that does not exist is made. On success
 * the caller owns `*out_target` (free()).
 */
bool hb_target_find(const char *path, wchar_t **out_target,
                    struct hb_error *err);
