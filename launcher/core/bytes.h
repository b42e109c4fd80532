#pragma once

#include <stdint.h>

/* Little-endian numbers at any place. */
static inline uint16_t hb_u16_at(const unsigned char *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t hb_u32_at(const unsigned char *bytes)
{
    return (uint32_t)hb_u16_at(bytes) | (uint32_t)hb_u16_at(bytes + 2) << 16;
}

static inline uint64_t hb_u64_at(const unsigned char *bytes)
{
    return (uint64_t)hb_u32_at(bytes) | (uint64_t)hb_u32_at(bytes + 4) << 32;
}
