#pragma once

#include <stdint.h>

#include "os/machine.h"

/* What a process has open, with type and name. */
void hb_machine_read_handles(uint32_t pid, struct hb_machine *machine);
