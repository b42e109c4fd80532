#include "base/text.h"

#include <string.h>

#define CENTURY_MS (UINT64_C(36525) * 24 * 60 * 60 * 1000)
#define NANO UINT64_C(1000000000)

static bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

static char folded(char letter)
{
    bool large = letter >= 'A' && letter <= 'Z';

    return (char)(large ? letter - 'A' + 'a' : letter);
}

/* Reads digits at `*at` and moves it behind them. False if there is none, or
 * if they do not fit. */
static bool read_decimal(const char **at, uint64_t *out_value)
{
    uint64_t value = 0;
    const char *digit = *at;

    if (!is_digit(*digit)) {
        return false;
    }
    for (; is_digit(*digit); digit++) {
        uint64_t add = (uint64_t)(*digit - '0');

        if (value > (UINT64_MAX - add) / 10) {
            return false;
        }
        value = value * 10 + add;
    }
    *at = digit;
    *out_value = value;
    return true;
}

/* Reads ".25" at `*at`, in billionths, rounded up; without a point it is 0. */
static bool read_fraction(const char **at, uint64_t *out_nano)
{
    uint64_t nano = 0;
    uint64_t step = NANO / 10;
    bool more = false;
    const char *digit = *at;

    if (*digit == '.') {
        digit++;
        if (!is_digit(*digit)) {
            return false;
        }
        for (; is_digit(*digit); digit++) {
            nano += (uint64_t)(*digit - '0') * step;
            more = more || (step == 0 && *digit != '0');
            step /= 10;
        }
    }
    *at = digit;
    *out_nano = nano + more;
    return true;
}

static bool unit_of_duration(const char *unit, uint64_t *out_ms)
{
    static const struct {
        const char *name;
        uint64_t ms;
    } units[] = {
        { "", 1000 },   { "ms", 1 },      { "s", 1000 },
        { "m", 60000 }, { "h", 3600000 },
    };

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(unit, units[i].name) == 0) {
            *out_ms = units[i].ms;
            return true;
        }
    }
    return false;
}

bool hb_parse_duration_ms(const char *text, uint64_t *out_ms)
{
    uint64_t whole = 0;
    uint64_t nano = 0;
    uint64_t unit = 0;

    if (!read_decimal(&text, &whole) || !read_fraction(&text, &nano) ||
        !unit_of_duration(text, &unit) || whole > CENTURY_MS / unit) {
        return false;
    }

    /* Up, so that a limit never comes early. Less than one would become 0,
     * which is "off", or many times as long. */
    uint64_t ms = whole * unit + (nano * unit + NANO - 1) / NANO;
    bool too_short = whole == 0 && nano > 0 && nano * unit < NANO;

    if (too_short || ms > CENTURY_MS) {
        return false;
    }
    *out_ms = ms;
    return true;
}

/* "", "B", "k", "kB" or "kiB", in any case; the shift that it stands for. */
static bool unit_of_size(const char *unit, unsigned *out_shift)
{
    static const char letters[] = "kmgt";
    const char *letter = *unit == '\0' ? NULL : strchr(letters, folded(*unit));

    if (letter == NULL) {
        *out_shift = 0;
    } else {
        *out_shift = 10 * (unsigned)(letter - letters + 1);
        unit++;
        if (folded(*unit) == 'i' && folded(unit[1]) == 'b') {
            unit++;
        }
    }
    if (folded(*unit) == 'b') {
        unit++;
    }
    return *unit == '\0';
}

bool hb_parse_size(const char *text, uint64_t *out_bytes)
{
    uint64_t value = 0;
    unsigned shift = 0;

    if (!read_decimal(&text, &value) || !unit_of_size(text, &shift) ||
        value > (UINT64_MAX >> shift)) {
        return false;
    }
    *out_bytes = value << shift;
    return true;
}

static bool parse_hex(const char *text, uint64_t *out_value)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t value = 0;

    if (*text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        const char *digit = strchr(digits, folded(*text));

        if (digit == NULL || value > (UINT64_MAX >> 4)) {
            return false;
        }
        value = value << 4 | (uint64_t)(digit - digits);
    }
    *out_value = value;
    return true;
}

bool hb_parse_u64(const char *text, uint64_t *out_value)
{
    uint64_t value = 0;

    if (text[0] == '0' && folded(text[1]) == 'x') {
        return parse_hex(text + 2, out_value);
    }
    if (!read_decimal(&text, &value) || *text != '\0') {
        return false;
    }
    *out_value = value;
    return true;
}
