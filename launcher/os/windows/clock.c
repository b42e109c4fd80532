#include "os/clock.h"

#include <windows.h>

#include "os/windows/system.h"

/* From 1601 to 1970, in units of 100 ns. */
#define UNIX_EPOCH 116444736000000000LL

/* In units of 100 ns since the system booted, standing still while it is
 * suspended. The plain call moves with the timer, up to 16 ms at a time; it is
 * what fixtures stamp their beats with, and never ahead of the precise one. */
static uint64_t unbiased(void)
{
    hb_read_time *precise = hb_system()->unbiased_precise;
    ULONGLONG time = 0;

    if (precise != NULL) {
        precise(&time);
    } else {
        (void)QueryUnbiasedInterruptTime(&time); /* fails for NULL alone */
    }
    return time;
}

uint64_t hb_clock_ms(void)
{
    return unbiased() / 10000u;
}

uint64_t hb_clock_ns(void)
{
    return unbiased() * 100u;
}

int64_t hb_clock_unix_ms(void)
{
    FILETIME now;

    GetSystemTimePreciseAsFileTime(&now);
    int64_t time =
        (int64_t)((uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime);
    return (time - UNIX_EPOCH) / 10000;
}

uint64_t hb_clock_suspended_ms(void)
{
    const struct hb_system *system = hb_system();
    ULONGLONG all = 0;

    if (system->interrupt_time == NULL) {
        return 0;
    }
    uint64_t running = unbiased();
    system->interrupt_time(&all);
    return all > running ? (all - running) / 10000u : 0;
}
