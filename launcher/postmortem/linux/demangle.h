#pragma once

#include <stddef.h>

/* Copies a symbol as people write it: a mangled name of C++ is taken apart
 * where the C++ library of the system is installed, and stays as it is where
 * not. Cut at `size`. */
void hb_demangle(const char *symbol, size_t length, char *target, size_t size);
