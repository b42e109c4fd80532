#pragma once

#include <stdbool.h>
#include <stdint.h>

/* For hb_guard_expect(): what replaces us may die of anything. */
#define HB_GUARD_EXPECT_ANY UINT32_MAX

/* True if there was a guard, and is none any more. */
bool hb_guard_is_lost(void);

/* Tells the guard, if there is one, that we are about to die of `signal` on
 * purpose; 0: of none. */
void hb_guard_expect(uint32_t signal);
