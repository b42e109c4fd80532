#include "core/dialect_pairs.h"

#include <string.h>

/* Where the two bytes of `pair` come next, or `end`. A first byte at the very
 * end may be the half of one. */
static const char *find_pair(const char *at, const char *end, const char *pair)
{
    while (at < end) {
        at = memchr(at, pair[0], (size_t)(end - at));
        if (at == NULL) {
            return end;
        }
        if (at + 1 == end || at[1] == pair[1]) {
            return at;
        }
        at++;
    }
    return end;
}

bool hb_pairs_in(struct hb_span line, const char *pairs)
{
    const char *end = line.bytes + line.size;

    for (size_t i = 0; pairs[i] != '\0'; i += 2) {
        if (end - find_pair(line.bytes, end, pairs + i) > 1) {
            return true;
        }
    }
    return false;
}

size_t hb_pairs_skip(struct hb_outlook *outlook, const char *pairs,
                     const char *at, const char *end)
{
    const char *first = end;

    if (pairs == NULL) {
        return 0;
    }
    if (outlook->pairs != pairs) {
        *outlook = (struct hb_outlook){ .pairs = pairs };
    }
    for (size_t i = 0; pairs[2 * i] != '\0'; i++) {
        if (outlook->next[i] == NULL || outlook->next[i] < at) {
            outlook->next[i] = find_pair(at, end, pairs + 2 * i);
        }
        if (outlook->next[i] < first) {
            first = outlook->next[i];
        }
    }
    while (first > at && first[-1] != '\n') {
        first--;
    }
    return (size_t)(first - at);
}
