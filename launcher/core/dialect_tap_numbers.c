#include <string.h>

#include "core/dialect_tap.h"

/*
 * A plan has all its points when each of its numbers came, not when so many
 * points came: "ok 1" twice is no number 2. Numbers beyond the map are only
 * counted.
 */

/* Lost cases of which only the number is known: more are not listed. */
#define MISSING_MAX 1000u

static bool came(const struct hb_tap_numbers *numbers, uint64_t number)
{
    return (numbers->bits[(number - 1) / 64] >> ((number - 1) % 64) & 1) != 0;
}

void hb_tap_number_take(struct hb_tap_numbers *numbers, uint64_t number)
{
    numbers->points++;
    if (number == 0 || number > HB_TAP_NUMBERS) { /* 0: it went round */
        numbers->beyond++;
        return;
    }
    numbers->bits[(number - 1) / 64] |= (uint64_t)1 << ((number - 1) % 64);
    while (numbers->row < HB_TAP_NUMBERS && came(numbers, numbers->row + 1)) {
        numbers->row++;
    }
}

static uint64_t mapped(uint64_t plan)
{
    return plan < HB_TAP_NUMBERS ? plan : HB_TAP_NUMBERS;
}

bool hb_tap_numbers_are_all(const struct hb_tap_numbers *numbers, uint64_t plan)
{
    return numbers->row >= mapped(plan) &&
           numbers->beyond >= plan - mapped(plan);
}

/* Of a plan that is only cut short the record knows what is lost. */
void hb_tap_numbers_missing(const struct hb_tap_numbers *numbers, uint64_t plan,
                            const struct hb_voice *voice)
{
    uint64_t missing = 0;

    for (uint64_t i = 1; i <= mapped(plan); i++) {
        missing += !came(numbers, i);
    }
    if (numbers->points == numbers->row || plan > HB_TAP_NUMBERS ||
        missing > MISSING_MAX) {
        return;
    }
    for (uint64_t i = 1; i <= plan; i++) {
        unsigned long long number = i;
        char name[32];

        if (!came(numbers, i)) {
            (void)hb_text_format(name, sizeof(name), "#%llu", number);
            hb_say(voice, (struct hb_observation){ .kind = HB_OBS_EXPECTED,
                                                   .source = HB_SOURCE_TAP,
                                                   .name = name });
        }
    }
}
