#pragma once

#include <elfutils/libdwfl.h>

/*
 * Where libdw gets the files of a module from. Only regular files are opened,
 * without waiting, and only those that belong to what is mapped: the file's
 * head must be what the process has in memory, a debug file must have the
 * module's build id or the checksum that its link names. So a fifo in the
 * place of a file, a library that was built anew meanwhile or garbage cost the
 * names, never the stack.
 */
int hb_find_elf(Dwfl_Module *module, void **user_data, const char *name,
                Dwarf_Addr base, char **out_path, Elf **out_elf);
int hb_find_debug(Dwfl_Module *module, void **user_data, const char *name,
                  Dwarf_Addr base, const char *path, const char *link,
                  GElf_Word checksum, char **out_path);

/* The build id in hex; empty if there is none. */
void hb_build_id(Dwfl_Module *module, char *target, size_t size);
