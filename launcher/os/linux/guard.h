#pragma once

#include <stdint.h>

/* Tells the guard, if there is one, that we are about to die of `signal` on
 * purpose. */
void hb_guard_expect(uint32_t signal);
