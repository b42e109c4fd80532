#pragma once

#include "os/machine.h"

/*
 * The numbers among them, read below `root` ("" is the system's own) as the
 * kernel writes them: a test reads recorded ones. A control group is looked for
 * at its place and in all above it; the tightest limit counts.
 */
void hb_machine_read_numbers(const char *root, struct hb_machine *machine);

/* The processes of the system, and what one of them has open. */
void hb_machine_read_processes(struct hb_machine *machine);
void hb_machine_read_handles(uint32_t pid, struct hb_machine *machine);
