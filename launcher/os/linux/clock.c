#include "os/clock.h"

#include <time.h>

static uint64_t read_ns(clockid_t clock)
{
    struct timespec now = { 0 };

    (void)clock_gettime(clock, &now); /* these clocks exist everywhere */
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t hb_clock_ms(void)
{
    return read_ns(CLOCK_MONOTONIC) / 1000000u;
}

uint64_t hb_clock_ns(void)
{
    return read_ns(CLOCK_MONOTONIC);
}

int64_t hb_clock_unix_ms(void)
{
    return (int64_t)(read_ns(CLOCK_REALTIME) / 1000000u);
}

uint64_t hb_clock_suspended_ms(void)
{
    uint64_t running = read_ns(CLOCK_MONOTONIC);
    uint64_t all = read_ns(CLOCK_BOOTTIME);

    return all > running ? (all - running) / 1000000u : 0;
}
