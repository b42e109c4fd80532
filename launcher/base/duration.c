#include "base/text.h"

#include <inttypes.h>
#include <string.h>

/* "2 s", "2.5 s", "2.25 s": hundredths below ten seconds, then tenths, cut
 * and not rounded, so that 59.99 s is never called a minute. */
static void format_seconds(char *target, uint64_t ms)
{
    uint64_t hundredths = ms / 10;

    if (ms >= 10000) {
        hundredths -= hundredths % 10;
    }
    (void)hb_text_format(target, HB_TIME_SIZE, "%" PRIu64 ".%02u",
                         hundredths / 100, (unsigned)(hundredths % 100));

    size_t length = strlen(target);

    while (target[length - 1] == '0') {
        length--;
    }
    if (target[length - 1] == '.') {
        length--;
    }
    (void)hb_text_copy(target + length, HB_TIME_SIZE - length, " s");
}

/* A count of the larger unit and, if there is a rest, of the smaller one. */
static void format_pair(char *target, uint64_t value, unsigned ratio,
                        const char *large, const char *small)
{
    unsigned rest = (unsigned)(value % ratio);

    if (rest == 0) {
        (void)hb_text_format(target, HB_TIME_SIZE, "%" PRIu64 " %s",
                             value / ratio, large);
    } else {
        (void)hb_text_format(target, HB_TIME_SIZE, "%" PRIu64 " %s %u %s",
                             value / ratio, large, rest, small);
    }
}

void hb_format_duration(char *target, uint64_t ms)
{
    const uint64_t minute = 60000;
    const uint64_t hour = 60 * minute;

    if (ms < 1000) {
        (void)hb_text_format(target, HB_TIME_SIZE, "%u ms", (unsigned)ms);
    } else if (ms < minute) {
        format_seconds(target, ms);
    } else if (ms < hour) {
        format_pair(target, ms / 1000, 60, "min", "s");
    } else if (ms < 24 * hour) {
        format_pair(target, ms / minute, 60, "h", "min");
    } else {
        format_pair(target, ms / hour, 24, "d", "h");
    }
}
