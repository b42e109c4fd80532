#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/minidump.h"
#include "fakes/minidump_bytes.h"

static struct dump made;
static struct hb_minidump_source source;

/* Opens what is in `made`; false as hb_minidump_open() says. */
static bool open_made(struct hb_minidump *out_dump)
{
    struct hb_error err = { 0 };

    source = dump_source(&made);
    bool ok = hb_minidump_open(&source, out_dump, &err);

    assert_int_equal(ok, err.code == HB_OK);
    return ok;
}

/* True if it can be opened and is found good. */
static bool is_good(char *text, size_t size)
{
    struct hb_minidump dump;
    struct hb_error err = { 0 };

    bool ok = open_made(&dump) && hb_minidump_check(&dump, &err);
    (void)hb_text_copy(text, size, err.text);
    return ok;
}

static void a_whole_dump_is_good(void **state)
{
    (void)state;
    char why[200];

    dump_make(&made);
    assert_true(is_good(why, sizeof(why)));
    assert_string_equal(why, "");
}

static void the_exception_of_a_fast_fail_has_its_subcode(void **state)
{
    (void)state;
    struct hb_minidump dump;
    struct hb_minidump_exception found;

    dump_make(&made);
    assert_true(open_made(&dump));
    assert_true(hb_minidump_exception(&dump, &found));
    assert_int_equal(found.tid, DUMP_TID + 1);
    assert_int_equal(found.code, 0xC0000409);
    assert_int_equal(found.flags, 1);
    assert_true(found.address == DUMP_INSTRUCTION);
    assert_int_equal(found.parameter_count, 1);
    assert_int_equal(found.parameters[0], 7);
    assert_int_equal(found.context.size, 1232);

    dump_put_32(&made, DUMP_EXCEPTION + 32, 16);
    assert_true(hb_minidump_exception(&dump, &found));
    assert_int_equal(found.parameter_count, 0);
}

static void system_process_and_registers_are_read(void **state)
{
    (void)state;
    struct hb_minidump dump;
    struct hb_minidump_system system;
    struct hb_minidump_registers registers;
    struct hb_minidump_place context = { DUMP_CONTEXT, 1232 };
    uint32_t pid = 0;

    dump_make(&made);
    assert_true(open_made(&dump));
    assert_true(hb_minidump_system(&dump, &system));
    assert_int_equal(system.processor, HB_MINIDUMP_AMD64);
    assert_int_equal(system.build, 20348);
    assert_true(hb_minidump_pid(&dump, &pid));
    assert_int_equal(pid, DUMP_PID);
    assert_true(hb_minidump_registers(&dump, &context, &registers));
    assert_true(registers.instruction == DUMP_INSTRUCTION);
    assert_true(registers.stack == DUMP_STACK_ADDRESS + 8);

    context.size = 0x9F;
    assert_false(hb_minidump_registers(&dump, &context, &registers));
}

static void the_registers_of_a_32_bit_dump_are_32_bits_wide(void **state)
{
    (void)state;
    struct hb_minidump dump;
    struct hb_minidump_registers registers;
    struct hb_minidump_place context = { DUMP_CONTEXT, 716 };

    dump_make(&made);
    dump_put_32(&made, DUMP_SYSTEM, HB_MINIDUMP_X86);
    dump_put_64(&made, DUMP_CONTEXT + 0xB8, 0x1111111100401000ull);
    dump_put_64(&made, DUMP_CONTEXT + 0xC4, 0x111111110012F000ull);
    assert_true(open_made(&dump));
    assert_true(hb_minidump_registers(&dump, &context, &registers));
    assert_true(registers.instruction == 0x401000);
    assert_true(registers.stack == 0x12F000);
}

static void threads_have_their_names(void **state)
{
    (void)state;
    struct hb_minidump dump;
    struct hb_minidump_thread thread;

    dump_make(&made);
    assert_true(open_made(&dump));
    assert_int_equal(hb_minidump_thread_count(&dump), 2);
    assert_true(hb_minidump_thread(&dump, 0, &thread));
    assert_int_equal(thread.tid, DUMP_TID);
    assert_string_equal(thread.name, "");
    assert_true(hb_minidump_thread(&dump, 1, &thread));
    assert_int_equal(thread.tid, DUMP_TID + 1);
    assert_string_equal(thread.name, "worker");
    assert_true(thread.stack == DUMP_STACK_ADDRESS);
    assert_false(hb_minidump_thread(&dump, 2, &thread));
}

static void modules_have_path_and_id(void **state)
{
    (void)state;
    struct hb_minidump dump;
    struct hb_minidump_module module;

    dump_make(&made);
    assert_true(open_made(&dump));
    assert_int_equal(hb_minidump_module_count(&dump), 1);
    assert_true(hb_minidump_module(&dump, 0, &module));
    assert_true(module.base == DUMP_MODULE_ADDRESS);
    assert_int_equal(module.size, 0x8000);
    assert_int_equal(module.time, 0x5F5E1000);
    assert_string_equal(module.path, "C:\\build\\test_parser.exe");
    assert_string_equal(module.id, "1312111015141716"
                                   "18191A1B1C1D1E1F2A");
}

static void a_first_item_may_be_aligned(void **state)
{
    (void)state;
    struct hb_minidump dump;
    struct hb_minidump_module module;

    dump_make(&made);
    memmove(made.bytes + DUMP_MODULES + 8, made.bytes + DUMP_MODULES + 4, 108);
    dump_put_32(&made, DUMP_DIRECTORY + 3 * 12 + 4, 8 + 108);
    assert_true(open_made(&dump));
    assert_true(hb_minidump_module(&dump, 0, &module));
    assert_true(module.base == DUMP_MODULE_ADDRESS);
}

static void other_ids_are_read_too(void **state)
{
    (void)state;
    static const unsigned char old[16] = "NB10\0\0\0\0\x78\x56\x34\x12\x0B";
    static const unsigned char elf[9] = "LEpB\x01\xAB\xCD\xEF";
    char id[80] = "";

    assert_true(hb_codeview_id(old, sizeof(old), id, sizeof(id)));
    assert_string_equal(id, "12345678B");
    assert_true(hb_codeview_id(elf, 8, id, sizeof(id)));
    assert_string_equal(id, "01ABCDEF");
    assert_false(hb_codeview_id(old, 15, id, sizeof(id)));
    assert_false(hb_codeview_id((const unsigned char *)"none", 4, id, 80));
}

static void memory_is_found_by_its_address(void **state)
{
    (void)state;
    struct hb_minidump dump;
    unsigned char bytes[200] = { 0 };

    dump_make(&made);
    assert_true(open_made(&dump));
    assert_int_equal(
        hb_minidump_memory(&dump, DUMP_STACK_ADDRESS + 5, bytes, 3), 3);
    assert_memory_equal(bytes, "\x05\x06\x07", 3);
    assert_int_equal(
        hb_minidump_memory(&dump, DUMP_STACK_ADDRESS + 100, bytes, 200), 28);
    assert_int_equal(
        hb_minidump_memory(&dump, DUMP_STACK_ADDRESS + 128, bytes, 1), 0);
    assert_int_equal(
        hb_minidump_memory(&dump, DUMP_STACK_ADDRESS - 1, bytes, 1), 0);

    dump_put_32(&made, DUMP_DIRECTORY + 5 * 12, 0); /* no list: the threads' */
    assert_true(open_made(&dump));
    assert_int_equal(
        hb_minidump_memory(&dump, DUMP_STACK_ADDRESS + 5, bytes, 3), 3);
}

/* What is written over a good dump, and what is then said of it. */
static const struct {
    size_t at;
    uint32_t value;
    const char *why;
} breaks[] = {
    { 0, 0x504D444E, "" },
    { 4, 0xA794, "" },
    { 8, 0, "" },
    { 8, 100000, "" },
    { 12, DUMP_SIZE - 11, "" },
    { DUMP_DIRECTORY + 8, DUMP_SIZE - 55, "a stream lies outside" },
    { DUMP_DIRECTORY, 0x1234, "no word of the system" },
    { DUMP_DIRECTORY + 12, 0x1234, "no threads" },
    { DUMP_THREADS, 0, "no threads" },
    { DUMP_THREADS, 3, "no threads" },
    { DUMP_THREADS, 0xFFFFFFFF, "no threads" },
    { DUMP_THREADS + 4 + 36, DUMP_SIZE, "a thread lies outside" },
    { DUMP_THREADS + 4 + 48 + 44, DUMP_SIZE, "a thread lies outside" },
    { DUMP_MODULES, 2, "a module lies outside" },
    { DUMP_MODULES + 24, DUMP_SIZE - 3, "a module lies outside" },
    { DUMP_TEXTS, 0xFFFFFFFE, "a module lies outside" },
    { DUMP_MODULES + 84, DUMP_SIZE, "a module lies outside" },
    { DUMP_MODULES + 88, DUMP_SIZE + 1, "a module lies outside" },
    { DUMP_MEMORY + 16, DUMP_SIZE, "memory lies outside" },
    { DUMP_NAMES + 12, 1, "the name of a thread lies outside" },
    { DUMP_EXCEPTION + 164, DUMP_SIZE, "the exception lies outside" },
};

static void a_break_of_each_kind_is_found(void **state)
{
    (void)state;
    char why[200];

    for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
        dump_make(&made);
        dump_put_32(&made, breaks[i].at, breaks[i].value);
        if (is_good(why, sizeof(why)) || strstr(why, breaks[i].why) == NULL) {
            fail_msg("row %zu: '%s'", i, why);
        }
    }
}

static void a_directory_of_zeros_is_no_dump(void **state)
{
    (void)state;
    char why[200];

    dump_make(&made);
    memset(made.bytes + DUMP_DIRECTORY, 0, sizeof(made.bytes) - DUMP_DIRECTORY);
    assert_false(is_good(why, sizeof(why)));
    assert_non_null(strstr(why, "all zero"));
}

static void no_cut_of_a_dump_is_good(void **state)
{
    (void)state;
    char why[200];

    dump_make(&made);
    for (made.size = 0; made.size < DUMP_STACK + 128; made.size++) {
        assert_false(is_good(why, sizeof(why)));
    }
    assert_true(is_good(why, sizeof(why)));
}

/* The whole memory of a process: one list, and its bytes last in the file. */
static void make_whole_memory(uint64_t size)
{
    dump_make(&made);
    dump_put_32(&made, DUMP_DIRECTORY + 5 * 12, 9);
    dump_put_32(&made, DUMP_DIRECTORY + 5 * 12 + 4, 16 + 2 * 16);
    dump_put_32(&made, DUMP_DIRECTORY + 5 * 12 + 8, 2600);
    made.size = 2900;
    dump_put_64(&made, 2600, 2);
    dump_put_64(&made, 2608, 2700);
    dump_put_64(&made, 2616, 0x10000);
    dump_put_64(&made, 2624, 100);
    dump_put_64(&made, 2632, 0x20000);
    dump_put_64(&made, 2640, size);
    made.bytes[2805] = 0xAB;
}

static void whole_memory_follows_itself(void **state)
{
    (void)state;
    struct hb_minidump dump;
    unsigned char byte = 0;
    char why[200];

    make_whole_memory(100);
    assert_true(is_good(why, sizeof(why)));
    assert_true(open_made(&dump));
    assert_int_equal(hb_minidump_memory(&dump, 0x20005, &byte, 1), 1);
    assert_int_equal(byte, 0xAB);

    make_whole_memory(101);
    assert_false(is_good(why, sizeof(why)));
    make_whole_memory(UINT64_MAX - 50); /* the sum goes round */
    assert_false(is_good(why, sizeof(why)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_dump_is_good),
        cmocka_unit_test(the_exception_of_a_fast_fail_has_its_subcode),
        cmocka_unit_test(system_process_and_registers_are_read),
        cmocka_unit_test(the_registers_of_a_32_bit_dump_are_32_bits_wide),
        cmocka_unit_test(threads_have_their_names),
        cmocka_unit_test(modules_have_path_and_id),
        cmocka_unit_test(a_first_item_may_be_aligned),
        cmocka_unit_test(other_ids_are_read_too),
        cmocka_unit_test(memory_is_found_by_its_address),
        cmocka_unit_test(a_break_of_each_kind_is_found),
        cmocka_unit_test(a_directory_of_zeros_is_no_dump),
        cmocka_unit_test(no_cut_of_a_dump_is_good),
        cmocka_unit_test(whole_memory_follows_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
