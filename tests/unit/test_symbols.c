/* Where debuggers look for what --keep-symbols keeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/symbols.h"

static void expect_place(const char *file, const char *id, bool windows,
                         bool is_debug, const char *wanted)
{
    char place[256] = "";

    if (!hb_symbols_place(file, id, windows, is_debug, place, sizeof(place))) {
        place[0] = '\0';
    }
    assert_string_equal(place, wanted);
}

static void each_system_has_its_places(void **state)
{
    (void)state;
    expect_place("/b/parser", "abcdef01", false, false, ".build-id/ab/cdef01");
    expect_place("/b/parser.dbg", "abcdef01", false, true,
                 ".build-id/ab/cdef01.debug");
    expect_place("C:\\b\\Parser.exe", "65B0C1D27000", true, false,
                 "Parser.exe/65B0C1D27000/Parser.exe");
}

/* An id comes from a file that anybody may have made. */
static void an_id_that_leads_elsewhere_is_none(void **state)
{
    (void)state;
    expect_place("/b/parser", "", false, false, "");
    expect_place("/b/parser", "ab", false, false, "");
    expect_place("/b/parser", "../../x", false, false, "");
    expect_place("C:\\b\\", "65B0C1D27000", true, false, "");
}

static bool wanted(bool windows, const char *image, const char *path)
{
    struct hb_run_header header = { .host.windows = windows };
    struct hb_process_record process = { .source = HB_SOURCE_KERNEL };
    struct hb_result result = { .header = &header,
                                .processes = &process,
                                .process_count = 1 };
    struct hb_module module = { .base = 1 };

    (void)hb_text_copy(process.process.image, sizeof(process.process.image),
                       image);
    (void)hb_text_copy(module.path, sizeof(module.path), path);
    return hb_symbols_wants(&result, &module);
}

static void what_is_the_systems_is_not_kept(void **state)
{
    (void)state;
    assert_true(wanted(false, "parser", "/build/libparser.so"));
    assert_false(wanted(false, "parser", "/usr/lib/libc.so.6"));
    assert_true(wanted(false, "parser", "/usr/libexec/tests/parser"));
    assert_false(wanted(false, "parser", "[vdso]"));
    assert_true(wanted(true, "a.exe", "C:\\build\\b.dll"));
    assert_false(wanted(true, "a.exe", "c:\\WINDOWS\\system32\\ntdll.dll"));
    assert_false(wanted(true, "a.exe", ""));
    assert_false(wanted(true, "a.exe", "C"));
}

static void a_pe_file_has_time_and_size(void **state)
{
    unsigned char bytes[256] = "MZ";
    char id[40] = "";

    (void)state;
    bytes[60] = 128;
    memcpy(bytes + 128, "PE\0\0", 4);
    memcpy(bytes + 136, "\xD2\xC1\xB0\x65", 4);
    memcpy(bytes + 208, "\x00\x70\x00\x00", 4);
    assert_true(hb_symbols_pe_id(bytes, sizeof(bytes), id, sizeof(id)));
    assert_string_equal(id, "65B0C1D27000");
    for (size_t size = 0; size < 128 + 84; size++) {
        assert_false(hb_symbols_pe_id(bytes, size, id, sizeof(id)));
    }
    memset(bytes + 60, 0xff, 4);
    assert_false(hb_symbols_pe_id(bytes, sizeof(bytes), id, sizeof(id)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_system_has_its_places),
        cmocka_unit_test(an_id_that_leads_elsewhere_is_none),
        cmocka_unit_test(what_is_the_systems_is_not_kept),
        cmocka_unit_test(a_pe_file_has_time_and_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
