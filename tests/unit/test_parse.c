#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define UNTOUCHED UINT64_C(4711)

struct row {
    const char *text;
    uint64_t expected;
};

typedef bool parser(const char *text, uint64_t *out_value);

static void takes(parser *parse, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t value = UNTOUCHED;

        if (!parse(rows[i].text, &value) || value != rows[i].expected) {
            fail_msg("'%s' gives %llu", rows[i].text,
                     (unsigned long long)value);
        }
    }
}

static void refuses(parser *parse, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t value = UNTOUCHED;

        if (parse(texts[i], &value) || value != UNTOUCHED) {
            fail_msg("'%s' is taken as %llu", texts[i],
                     (unsigned long long)value);
        }
    }
}

static void a_duration_has_a_unit_or_is_seconds(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "0", 0 },
        { "0ms", 0 },
        { "250ms", 250 },
        { "2s", 2000 },
        { "2", 2000 },
        { "5m", 300000 },
        { "1h", 3600000 },
        { "1.5s", 1500 },
        { "1.5", 1500 },
        { "0.25h", 900000 },
        { "007s", 7000 },
        { "876600h", UINT64_C(3155760000000) }, /* 100 years */
    };

    takes(hb_parse_duration_ms, rows, COUNT(rows));
}

static void a_duration_is_rounded_up(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "1.1ms", 2 }, { "0.0011s", 2 },
        { "0.001", 1 }, { "1.0000000000001s", 1001 },
        { "0.000", 0 },
    };

    takes(hb_parse_duration_ms, rows, COUNT(rows));
}

static void what_is_no_duration_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "s",
        "10x",
        "-1s",
        "+1s",
        " 1s",
        "1s ",
        "1 s",
        ".5s",
        "1.s",
        "1.5.5",
        "1h30m",
        "1d",
        "1S",
        "1MS",
        "auto",
        "0x10",
        "1e3",
        "inf",
        "1,5s",
        "1.5\n",
        "ms",
        "876601h",
        "1.-5s",
        "0.9ms",
        "0.0001",
        "0.000999s",
        "0.000000000000000000001h",
        "876600.0001h",
        "99999999999999999999s",
        "18446744073709551615h",
    };

    refuses(hb_parse_duration_ms, texts, COUNT(texts));
}

static void units_of_size_are_powers_of_1024(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "0", 0 },
        { "4096", 4096 },
        { "512B", 512 },
        { "10k", 10240 },
        { "10K", 10240 },
        { "10kB", 10240 },
        { "10KiB", 10240 },
        { "3MB", 3 << 20 },
        { "64MiB", 64 << 20 },
        { "64mib", 64 << 20 },
        { "1G", 1 << 30 },
        { "2GiB", UINT64_C(2) << 30 },
        { "1T", UINT64_C(1) << 40 },
        { "18446744073709551615", UINT64_MAX },
        { "16777215T", UINT64_C(16777215) << 40 },
    };

    takes(hb_parse_size, rows, COUNT(rows));
}

static void what_is_no_size_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",          "M",
        "-1",        "1.5G",
        "1 M",       "1P",
        "1Mi",       "1BB",
        "1kk",       "1MiBs",
        "64Mib/s",   "0x10",
        "16777216T", "18446744073709551616",
    };

    refuses(hb_parse_size, texts, COUNT(texts));
}

static void a_number_is_decimal_or_hex(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "0", 0 },
        { "42", 42 },
        { "007", 7 },
        { "0x0", 0 },
        { "0xC0000005", 0xC0000005 },
        { "0Xff", 255 },
        { "18446744073709551615", UINT64_MAX },
        { "0xffffffffffffffff", UINT64_MAX },
        { "0x0000000000000000000001", 1 },
    };
    static const char *const texts[] = {
        "",
        " 1",
        "1 ",
        "+1",
        "-1",
        "0x",
        "0xg",
        "1a",
        "x1",
        "0x 1",
        "18446744073709551616",
        "0x10000000000000000",
    };

    takes(hb_parse_u64, rows, COUNT(rows));
    refuses(hb_parse_u64, texts, COUNT(texts));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_duration_has_a_unit_or_is_seconds),
        cmocka_unit_test(a_duration_is_rounded_up),
        cmocka_unit_test(what_is_no_duration_is_refused),
        cmocka_unit_test(units_of_size_are_powers_of_1024),
        cmocka_unit_test(what_is_no_size_is_refused),
        cmocka_unit_test(a_number_is_decimal_or_hex),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
