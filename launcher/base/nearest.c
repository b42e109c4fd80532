#include "base/text.h"

#include <string.h>

/* Longer words than this are no slip of a finger. */
#define WORD_MAX 48u

static char folded(char letter)
{
    bool large = letter >= 'A' && letter <= 'Z';

    return (char)(large ? letter - 'A' + 'a' : letter);
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Edits between two words of at most WORD_MAX bytes; two neighbours in the
 * wrong order are one edit, and a letter's case is none. */
static unsigned distance(const char *a, size_t a_size, const char *b,
                         size_t b_size)
{
    unsigned rows[3][WORD_MAX + 1] = { { 0 } };

    for (unsigned j = 0; j <= b_size; j++) {
        rows[0][j] = j;
    }
    for (unsigned i = 1; i <= a_size; i++) {
        unsigned *now = rows[i % 3];
        const unsigned *before = rows[(i + 2) % 3];
        const unsigned *two_before = rows[(i + 1) % 3];

        now[0] = i;
        for (unsigned j = 1; j <= b_size; j++) {
            char x = folded(a[i - 1]);
            char y = folded(b[j - 1]);

            now[j] = before[j - 1] + (x != y);
            now[j] = least(now[j], least(before[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && x == folded(b[j - 2]) &&
                folded(a[i - 2]) == y) {
                now[j] = least(now[j], two_before[j - 2] + 1);
            }
        }
    }
    return rows[a_size % 3][b_size];
}

const char *hb_text_nearest(const char *text, const char *const *names,
                            size_t count)
{
    size_t size = strlen(text);
    const char *nearest = NULL;
    /* One edit in a short word, more in a long one, never the whole word. */
    unsigned nearest_distance = (unsigned)(2 + size / 5);

    if (size < 2 || size > WORD_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        size_t name_size = strlen(names[i]);

        if (name_size > WORD_MAX) {
            continue;
        }

        unsigned edits = distance(text, size, names[i], name_size);

        if (edits < nearest_distance && edits < size) {
            nearest = names[i];
            nearest_distance = edits;
        }
    }
    return nearest;
}
