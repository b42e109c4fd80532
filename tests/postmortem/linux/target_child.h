#pragma once

#include <stdint.h>

/* What the target of tests knows of itself; it prints the address. */
struct target_facts {
    volatile uint64_t turns; /* of its busy threads */
    volatile uint64_t plain_signals;
    volatile uint64_t queued_signals;
};
