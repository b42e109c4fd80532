#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/result.h"

/*
 * Where --keep-symbols puts the files of a build, as debuggers look for them.
 */

/* True for a program or library that is not the system's: those have their
 * symbols elsewhere. The test program's own file always is. */
bool hb_symbols_wants(const struct hb_result *result,
                      const struct hb_module *module);

/* The place below "symbols/": of an ELF file ".build-id/ab/cdef", and with
 * ".debug" behind it for a separate file of symbols; on Windows
 * "parser.exe/65B0C1D27000/parser.exe". False if there is none: an id that is
 * not known, or is no such thing. */
bool hb_symbols_place(const char *file, const char *id, bool windows,
                      bool is_debug, char *target, size_t size);

/* What a symbol server calls a PE file: time stamp and size of its image, as
 * its first bytes tell them. False if they are none of a PE file. */
bool hb_symbols_pe_id(const unsigned char *bytes, size_t size, char *target,
                      size_t room);
