#include "fakes/random.h"

#include <string.h>

/* xorshift64 */
static uint64_t next(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random;
}

bool random_chance(uint64_t *random)
{
    return next(random) % 2 == 0;
}

unsigned random_below(uint64_t *random, unsigned count)
{
    return (unsigned)(next(random) % count);
}

uint64_t random_number(uint64_t *random)
{
    static const uint64_t edges[] = {
        0,
        1,
        UINT32_MAX,
        (UINT64_C(1) << 53) - 1,
        UINT64_C(1) << 53,
        (UINT64_C(1) << 53) + 1,
        UINT64_MAX - 1,
    };

    return random_chance(random) ? edges[random_below(random, 7)]
                                 : next(random) >> random_below(random, 64);
}

uint32_t random_small(uint64_t *random)
{
    return (uint32_t)random_number(random);
}

void random_fill(uint64_t *random, char *text, size_t size)
{
    static const char *const pieces[] = {
        "a",
        " ",
        "\"",
        "\\",
        "\n",
        "\x01",
        "\xc3\xbc",
        "\xe2\x82\xac",
        "\xf0\x9f\x92\xa5",
        "\x7f",
        "\xff",
        "\xc3",
        "\xed\xa0\x80",
    };
    unsigned kinds = random_chance(random) ? 10 : 13;
    size_t length = 0;

    for (unsigned left = random_below(random, 12); left > 0; left--) {
        const char *piece = pieces[random_below(random, kinds)];
        size_t more = strlen(piece);

        if (length + more < size) {
            memcpy(text + length, piece, more);
            length += more;
        }
    }
    text[length] = '\0';
}
