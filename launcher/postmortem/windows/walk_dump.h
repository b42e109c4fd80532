#pragma once

#include "postmortem/dump_file.h"

/* Walks the stacks of a minidump by DbgHelp. The files of its modules are
 * looked for where they were; without one the walk ends there. One dump at a
 * time. */
const struct hb_dump_walker *hb_windows_dump_walker(void);
