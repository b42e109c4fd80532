#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <windows.h>

/* Writes all bytes where the handle stands, also when the system takes them
 * in parts. False with the last error set. */
bool hb_write_all(HANDLE file, const void *bytes, size_t size);

/* The same; how much was written before a failure is told, too. */
bool hb_write_counted(HANDLE file, const void *bytes, size_t size,
                      size_t *out_written);
