#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/* Writes all bytes, also when the system takes them in parts. False with
 * errno set. */
bool hb_write_all(int fd, const void *bytes, size_t size);

/* "out of memory", as every allocation of os/ says it. */
bool hb_fail_memory(struct hb_error *err);
