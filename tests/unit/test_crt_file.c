/* What waits in a stream of Microsoft's C libraries, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "postmortem/crt_file.h"

#define BASE 0x10000u

static unsigned char bytes[1024];

static size_t read_bytes(void *context, uint64_t address, void *target,
                         size_t size)
{
    (void)context;
    if (address < BASE || address - BASE >= sizeof(bytes)) {
        return 0;
    }
    size_t at = (size_t)(address - BASE);
    size_t part = size < sizeof(bytes) - at ? size : sizeof(bytes) - at;

    memcpy(target, bytes + at, part);
    return part;
}

static const struct hb_memory memory = { read_bytes, NULL };

static void put(size_t at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bytes[at + i] = (unsigned char)(value >> (8 * i));
    }
}

/* Stream 1 of each layout, with nine bytes in a buffer of 4096. */
static int put_streams(void **state)
{
    (void)state;
    memset(bytes, 0, sizeof(bytes));
    put(48, 0x5009, 8);
    put(48 + 16, 0x5000, 8);
    put(48 + 24, 0x0a, 4);
    put(48 + 28, 1, 4);
    put(48 + 36, 4096, 4);
    put(512 + 88, 0x6009, 8);
    put(512 + 88 + 8, 0x6000, 8);
    put(512 + 88 + 20, 0x42, 4);
    put(512 + 88 + 24, 1, 4);
    put(512 + 88 + 32, 4096, 4);
    return 0;
}

static void what_waits_is_found(void **state)
{
    struct hb_crt_waiting waiting;

    (void)state;
    assert_true(hb_crt_waiting(&memory, HB_CRT_MSVCRT, BASE, 1, &waiting));
    assert_int_equal(waiting.from, 0x5000);
    assert_int_equal(waiting.bytes, 9);
    assert_true(
        hb_crt_waiting(&memory, HB_CRT_UNIVERSAL, BASE + 512, 1, &waiting));
    assert_int_equal(waiting.from, 0x6000);
    assert_int_equal(waiting.bytes, 9);
    put(48, 0, 8); /* no buffer yet */
    put(48 + 16, 0, 8);
    assert_true(hb_crt_waiting(&memory, HB_CRT_MSVCRT, BASE, 1, &waiting));
    assert_int_equal(waiting.bytes, 0);
}

static void what_cannot_be_is_no_stream(void **state)
{
    static const struct {
        size_t at;
        uint64_t value;
        size_t size;
    } table[] = {
        { 48, 0x4fff, 8 },     { 48, 0x6001, 8 },          { 48 + 24, 1, 4 },
        { 48 + 28, 3, 4 },     { 48 + 36, 8, 4 },          { 48 + 36, 0, 4 },
        { 48, UINT64_MAX, 8 }, { 48 + 36, UINT32_MAX, 4 },
    };
    struct hb_crt_waiting waiting;

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        (void)put_streams(state);
        put(table[i].at, table[i].value, table[i].size);
        assert_false(hb_crt_waiting(&memory, HB_CRT_MSVCRT, BASE, 1, &waiting));
    }
    assert_false(hb_crt_waiting(&memory, HB_CRT_MSVCRT, 8, 1, &waiting));
    assert_false(
        hb_crt_waiting(&memory, HB_CRT_MSVCRT, UINT64_MAX - 50, 1, &waiting));
}

static void the_code_of_a_function_tells_where_the_streams_are(void **state)
{
    static const unsigned char code[] = {
        0x8b, 0xc1,                               /* mov eax, ecx */
        0x48, 0x8d, 0x0d, 0xf0, 0x0f, 0x00, 0x00, /* lea rcx, [rip + 0xff0] */
        0x48, 0x6b, 0xc0, 0x58,                   /* imul rax, rax, 88 */
        0x48, 0x03, 0xc1, 0xc3,                   /* add rax, rcx; ret */
    };
    static const unsigned char backwards[] = { 0x48, 0x8d, 0x05, 0xf9,
                                               0xff, 0xff, 0xff };
    static const unsigned char returns[] = { 0xc3, 0x48, 0x8d, 0x05, 1, 0, 0 };

    (void)state;
    memcpy(bytes, code, sizeof(code));
    assert_int_equal(hb_crt_streams(&memory, BASE), BASE + 2 + 7 + 0xff0);
    put(256, 0xe9, 1); /* jmp to it */
    put(257, (uint64_t)(0 - 256 - 5), 4);
    assert_int_equal(hb_crt_streams(&memory, BASE + 256), BASE + 9 + 0xff0);
    memcpy(bytes, backwards, sizeof(backwards));
    assert_int_equal(hb_crt_streams(&memory, BASE), BASE);
    memcpy(bytes, returns, sizeof(returns));
    assert_int_equal(hb_crt_streams(&memory, BASE), 0);
    assert_int_equal(hb_crt_streams(&memory, BASE + sizeof(bytes) - 8), 0);
    assert_int_equal(hb_crt_streams(&memory, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_waits_is_found, put_streams),
        cmocka_unit_test_setup(what_cannot_be_is_no_stream, put_streams),
        cmocka_unit_test_setup(
            the_code_of_a_function_tells_where_the_streams_are, put_streams),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
