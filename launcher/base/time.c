#include "base/text.h"

#include <string.h>

/* 0000-01-01 and the end of 9999, in seconds since 1970: what RFC 3339 can
 * say. */
#define FIRST_SECOND INT64_C(-62167219200)
#define LAST_SECOND INT64_C(253402300799)
#define DAY_SECONDS INT64_C(86400)

struct moment {
    int year;
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
    int hour;
    int minute;
    int second;
    int ms;
};

static bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

/* Days since 1970-01-01. The year is taken to begin in March, so that the leap
 * day is its last; 400 years are 146097 days. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = month <= 2 ? (int64_t)year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

/* The reverse of days_of(). */
static void date_of(int64_t days, struct moment *moment)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
                           day_of_era / 146096) /
                          365;
    int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* 0 is March */

    moment->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    moment->month = (int)(month < 10 ? month + 3 : month - 9);
    moment->year = (int)(year_of_era + era * 400 + (moment->month <= 2));
}

static int days_in_month(int year, int month)
{
    static const int days[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

/* Reads exactly `count` digits at `*at`, at most `most`. */
static bool read_digits(const char **at, int count, int most, int *out_value)
{
    int value = 0;

    for (int i = 0; i < count; i++) {
        if (!is_digit((*at)[i])) {
            return false;
        }
        value = value * 10 + ((*at)[i] - '0');
    }
    *at += count;
    *out_value = value;
    return value <= most;
}

static bool read_letter(const char **at, const char *allowed)
{
    if (**at == '\0' || strchr(allowed, **at) == NULL) {
        return false;
    }
    (*at)++;
    return true;
}

/* Reads ".25" at `*at`, if it stands there, down to milliseconds. */
static bool read_fraction(const char **at, int *out_ms)
{
    int step = 100;

    *out_ms = 0;
    if (**at != '.') {
        return true;
    }
    (*at)++;
    if (!is_digit(**at)) {
        return false;
    }
    for (; is_digit(**at); (*at)++) {
        *out_ms += (**at - '0') * step;
        step /= 10;
    }
    return true;
}

/* "Z" or "+02:00". */
static bool read_offset(const char **at, int *out_minutes)
{
    int hours = 0;
    int minutes = 0;
    char sign = **at;

    *out_minutes = 0;
    if (read_letter(at, "Zz")) {
        return true;
    }
    if (!read_letter(at, "+-") || !read_digits(at, 2, 23, &hours) ||
        !read_letter(at, ":") || !read_digits(at, 2, 59, &minutes)) {
        return false;
    }
    *out_minutes = (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

static bool read_date(const char **at, struct moment *moment)
{
    return read_digits(at, 4, 9999, &moment->year) && read_letter(at, "-") &&
           read_digits(at, 2, 12, &moment->month) && moment->month >= 1 &&
           read_letter(at, "-") && read_digits(at, 2, 31, &moment->day) &&
           moment->day >= 1 &&
           moment->day <= days_in_month(moment->year, moment->month);
}

/* Second 60 is a leap second and counts as the next one's 0. */
static bool read_clock(const char **at, struct moment *moment)
{
    return read_digits(at, 2, 23, &moment->hour) && read_letter(at, ":") &&
           read_digits(at, 2, 59, &moment->minute) && read_letter(at, ":") &&
           read_digits(at, 2, 60, &moment->second) &&
           read_fraction(at, &moment->ms);
}

static bool parse_rfc3339(const char *text, int64_t *out_unix_ms)
{
    struct moment moment = { 0 };
    int offset = 0;

    if (!read_date(&text, &moment) || !read_letter(&text, "Tt ") ||
        !read_clock(&text, &moment) || !read_offset(&text, &offset) ||
        *text != '\0') {
        return false;
    }

    int64_t seconds =
        days_of(moment.year, moment.month, moment.day) * DAY_SECONDS +
        moment.hour * INT64_C(3600) + (moment.minute - offset) * INT64_C(60) +
        moment.second;

    *out_unix_ms = seconds * 1000 + moment.ms;
    return true;
}

/* Beyond the year 9999 they are no seconds but somebody's milliseconds. */
static bool parse_unix(const char *text, int64_t *out_unix_ms)
{
    int64_t seconds = 0;
    int ms = 0;

    if (!is_digit(*text)) {
        return false;
    }
    for (; is_digit(*text); text++) {
        seconds = seconds * 10 + (*text - '0');
        if (seconds > LAST_SECOND) {
            return false;
        }
    }
    if (!read_fraction(&text, &ms) || *text != '\0') {
        return false;
    }
    *out_unix_ms = seconds * 1000 + ms;
    return true;
}

bool hb_parse_time_ms(const char *text, int64_t *out_unix_ms)
{
    return parse_unix(text, out_unix_ms) || parse_rfc3339(text, out_unix_ms);
}

static void moment_of(int64_t unix_ms, struct moment *moment)
{
    int64_t ms = unix_ms % 1000;
    int64_t seconds = unix_ms / 1000 - (ms < 0);

    if (seconds < FIRST_SECOND) {
        seconds = FIRST_SECOND;
    } else if (seconds > LAST_SECOND) {
        seconds = LAST_SECOND;
    }

    int64_t days = seconds / DAY_SECONDS - (seconds % DAY_SECONDS < 0);
    int rest = (int)(seconds - days * DAY_SECONDS);

    date_of(days, moment);
    moment->hour = rest / 3600;
    moment->minute = rest / 60 % 60;
    moment->second = rest % 60;
    moment->ms = (int)(ms < 0 ? ms + 1000 : ms);
}

void hb_format_time(char *target, int64_t unix_ms)
{
    struct moment m = { 0 };

    moment_of(unix_ms, &m);
    (void)hb_text_format(target, HB_TIME_SIZE,
                         "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", m.year, m.month,
                         m.day, m.hour, m.minute, m.second, m.ms);
}

void hb_format_time_compact(char *target, int64_t unix_ms)
{
    struct moment m = { 0 };

    moment_of(unix_ms, &m);
    (void)hb_text_format(target, HB_TIME_SIZE,
                         "%04d%02d%02dT%02d%02d%02d.%03dZ", m.year, m.month,
                         m.day, m.hour, m.minute, m.second, m.ms);
}
