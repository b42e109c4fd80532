#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/facts.h"

/* Finds a message box that a process shows, its title and its text. False and
 * untouched if there is none. Never waits long for a window that does not
 * answer. */
bool hb_dialog_find(uint32_t pid, struct hb_dialog *out_dialog);
