#pragma once

#include "postmortem/linux/core_file.h"

/*
 * Copies a core that another wrote, as `wish` has it: its path, sizes, time
 * and secrets. Values that may not be seen are blanked, among them those of
 * the environment that the process itself started with. `fd` is a plain file;
 * what it stores no bytes for is skipped.
 */
bool hb_core_copy_file(int fd, const struct hb_core_wish *wish,
                       uint64_t *out_bytes, struct hb_error *err);

/* Reads an open core by its own reader. */
struct hb_elf_core;
bool hb_core_read_file(int fd, struct hb_elf_core *out_core,
                       struct hb_error *err);
