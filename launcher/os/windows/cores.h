#pragma once

#include "os/cores.h"

/* Asks the system for dumps of the program that is about to start. */
void hb_cores_begin(struct hb_process *process, const char *program);
