#include "core/notify.h"

#include <string.h>

#include "base/text.h"

#define STATUS_SIZE 256 /* as much of STATUS= as a report shows */

/* One line of a datagram: KEY=VALUE, borrowed, without a NUL. */
struct line {
    const char *bytes;
    size_t size;
};

static bool is(struct line line, const char *text)
{
    return line.size == strlen(text) &&
           memcmp(line.bytes, text, line.size) == 0;
}

/* The value of `key` ("STATUS="), or false if the line is of another key. */
static bool value_of(struct line line, const char *key, char *value,
                     size_t size)
{
    size_t length = strlen(key);

    if (line.size < length || memcmp(line.bytes, key, length) != 0) {
        return false;
    }
    (void)hb_text_copy_bytes(value, size, line.bytes + length,
                             line.size - length);
    return true;
}

/* WATCHDOG_USEC=: half a millisecond is no "off", so it counts as one. */
static uint64_t to_ms(uint64_t microseconds)
{
    return microseconds / 1000 + (microseconds % 1000 != 0);
}

static void read_line(struct line line, struct hb_observation *seen,
                      char *value)
{
    uint64_t microseconds = 0;

    if (is(line, "WATCHDOG=1")) {
        seen->kind = HB_OBS_BEAT;
        seen->count = 1;
    } else if (is(line, "READY=1")) {
        seen->kind = HB_OBS_READY;
    } else if (is(line, "STOPPING=1")) {
        seen->kind = HB_OBS_STOPPING;
    } else if (value_of(line, "STATUS=", value, STATUS_SIZE)) {
        seen->kind = HB_OBS_NOTE;
        seen->text = value;
    } else if (value_of(line, "WATCHDOG_USEC=", value, STATUS_SIZE) &&
               hb_parse_u64(value, &microseconds)) {
        seen->kind = HB_OBS_HANG_AFTER;
        seen->count = to_ms(microseconds);
    }
}

void hb_notify_read(const char *bytes, size_t size, uint32_t pid,
                    uint64_t at_ms, hb_observe *observe, void *context)
{
    size_t at = 0;

    while (at < size) {
        const char *end = memchr(bytes + at, '\n', size - at);
        size_t length = end != NULL ? (size_t)(end - bytes) - at : size - at;
        char value[STATUS_SIZE];
        struct hb_observation seen = { .kind = HB_OBS_NONE,
                                       .source = HB_SOURCE_NOTIFY,
                                       .at_ms = at_ms,
                                       .pid = pid };

        read_line((struct line){ bytes + at, length }, &seen, value);
        if (seen.kind != HB_OBS_NONE) {
            observe(context, &seen);
        }
        at += length + 1;
    }
}
