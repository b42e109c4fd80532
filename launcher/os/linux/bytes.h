#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/* Writes all bytes, also when the system takes them in parts. False with
 * errno set. */
bool hb_write_all(int fd, const void *bytes, size_t size);

/* The same; how much was written before a failure is told, too. */
bool hb_write_counted(int fd, const void *bytes, size_t size,
                      size_t *out_written);

/* "out of memory", as every allocation of os/ says it. */
bool hb_fail_memory(struct hb_error *err);
