#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Arbitrary values, the same for the same state; it must not be 0. */
bool random_chance(uint64_t *random);
unsigned random_below(uint64_t *random, unsigned count);

/* With a liking for the numbers at which reading and writing go wrong. */
uint64_t random_number(uint64_t *random);
uint32_t random_small(uint64_t *random);

/* Up to `size` - 1 bytes: letters, all of Unicode's lengths, and bytes that
 * are no UTF-8 at all. */
void random_fill(uint64_t *random, char *text, size_t size);
