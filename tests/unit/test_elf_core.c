/* Cores of a dying process, whole, cut and torn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/elf_core.h"

#define ROOM 16384u

/* A core that is put together by hand, as the format says. */
static unsigned char bytes[ROOM];
static size_t size;
static size_t segments;
static struct hb_elf_core_source source;
static struct hb_elf_core core;
static struct hb_error err;

static void put(size_t at, uint64_t value, size_t width)
{
    for (size_t i = 0; i < width; i++) {
        bytes[at + i] = (unsigned char)(value >> (8 * i));
    }
}

static void add_segment(uint32_t type, uint64_t offset, uint64_t address,
                        uint64_t length)
{
    size_t at = 64 + segments++ * 56;

    put(at, type, 4);
    put(at + 8, offset, 8);
    put(at + 16, address, 8);
    put(at + 32, length, 8);
    put(at + 40, length, 8);
    put(56, segments, 2);
}

/* Returns where the note's own bytes begin. */
static size_t add_note(uint32_t type, size_t length)
{
    size_t at = size;

    put(at, 5, 4);
    put(at + 4, length, 4);
    put(at + 8, type, 4);
    memcpy(bytes + at + 12, "CORE", 5);
    size = at + 20 + (length + 3) / 4 * 4;
    return at + 20;
}

static void add_thread(uint32_t tid, uint32_t signal)
{
    size_t at = add_note(1, 336);

    put(at + 12, signal, 2);
    put(at + 32, tid, 4);
    put(at + 240, 0x401000u + tid, 8);
    put(at + 264, 0x7ff000u + tid, 8);
}

static void add_files(void)
{
    static const char names[] = "/bin/one\0/lib/two words.so";
    size_t at = add_note(0x46494c45, 16 + 2 * 24 + sizeof(names));

    put(at, 2, 8);
    put(at + 8, 4096, 8);
    for (size_t i = 0; i < 2; i++) {
        put(at + 16 + i * 24, 0x400000 + i * 0x100000, 8);
        put(at + 24 + i * 24, 0x410000 + i * 0x100000, 8);
        put(at + 32 + i * 24, i, 8);
    }
    memcpy(bytes + at + 64, names, sizeof(names));
}

static void add_process(void)
{
    size_t at = add_note(3, 136);

    put(at + 16, 1000, 4);
    put(at + 24, 4711, 4);
    put(at + 28, 4700, 4);
    static const char name[16] = "sixteen bytes ab"; /* no NUL */
    static const char words[] = "program --with word";
    memcpy(bytes + at + 40, name, sizeof(name));
    (void)snprintf((char *)bytes + at + 56, 80, "%s", words);
}

static void add_signal(uint32_t signal, uint32_t code, uint64_t address)
{
    size_t at = add_note(0x53494749, 128);

    put(at, signal, 4);
    put(at + 8, code, 4);
    put(at + 16, address, 8);
}

static bool read_bytes(void *context, uint64_t at, void *target, size_t length)
{
    (void)context;
    assert_true(at <= source.size && length <= source.size - at);
    memcpy(target, bytes + at, length);
    return true;
}

static bool open_core(void)
{
    source = (struct hb_elf_core_source){ size, read_bytes, NULL };
    memset(&err, 0, sizeof(err));
    return hb_elf_core_open(&source, &core, &err);
}

static int begin(void **state)
{
    static const char magic[] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };

    (void)state;
    memset(bytes, 0, sizeof(bytes));
    memcpy(bytes, magic, sizeof(magic));
    put(16, 4, 2);
    put(18, 62, 2);
    put(32, 64, 8);
    put(54, 56, 2);
    segments = 0;
    size = 1024;
    add_thread(4711, 11);
    add_process();
    add_signal(11, 1, 0xdead);
    add_files();
    add_thread(4712, 0);
    add_segment(4, 1024, 0, size - 1024);
    add_segment(1, size, 0x10000, 16);
    add_segment(1, size + 16, 0x10010, 16);
    (void)snprintf((char *)bytes + size, 32, "%s",
                   "memory of two segments, joined.");
    size += 32;
    return 0;
}

static void it_says_who_died_of_what(void **state)
{
    (void)state;
    struct hb_elf_core_process process;
    struct hb_elf_core_thread thread;
    uint64_t address = 0;

    assert_true(open_core());
    assert_true(hb_elf_core_check(&core, &err));
    assert_true(hb_elf_core_process(&core, &process));
    assert_int_equal(process.pid, 4711);
    assert_int_equal(process.parent, 4700);
    assert_int_equal(process.user, 1000);
    assert_string_equal(process.name, "sixteen bytes ab");
    assert_string_equal(process.arguments, "program --with word");
    assert_true(hb_elf_core_thread(&core, 0, &thread));
    assert_int_equal(thread.tid, 4711);
    assert_int_equal(thread.signal, 11);
    assert_int_equal(thread.instruction, 0x401000 + 4711);
    assert_int_equal(thread.stack, 0x7ff000 + 4711);
    assert_true(hb_elf_core_thread(&core, 1, &thread));
    assert_int_equal(thread.tid, 4712);
    assert_false(hb_elf_core_thread(&core, 2, &thread));
    assert_true(hb_elf_core_fault(&core, &address));
    assert_int_equal(address, 0xdead);
}

static void it_says_which_files_were_mapped(void **state)
{
    (void)state;
    struct hb_elf_core_file file;

    assert_true(open_core());
    assert_true(hb_elf_core_file(&core, 1, &file));
    assert_int_equal(file.start, 0x500000);
    assert_int_equal(file.end, 0x510000);
    assert_int_equal(file.offset, 4096);
    assert_string_equal(file.path, "/lib/two words.so");
    assert_true(hb_elf_core_file(&core, 0, &file));
    assert_string_equal(file.path, "/bin/one");
    assert_false(hb_elf_core_file(&core, 2, &file));
}

static void memory_is_joined_from_its_segments(void **state)
{
    (void)state;
    char text[32];

    assert_true(open_core());
    assert_true(hb_elf_core_memory(&core, 0x10000, text, 32));
    assert_string_equal(text, "memory of two segments, joined.");
    assert_true(hb_elf_core_memory(&core, 0x1000e, text, 4));
    assert_false(hb_elf_core_memory(&core, 0x1001f, text, 2));
    assert_false(hb_elf_core_memory(&core, 0xffff, text, 2));
}

/* kill() has no address, whatever stands where one would. */
static void a_signal_that_was_sent_has_no_address(void **state)
{
    (void)state;
    uint64_t address = 77;

    size = 1024;
    segments = 0;
    add_signal(11, 0, 0xdead);
    add_segment(4, 1024, 0, size - 1024);
    assert_true(open_core());
    assert_false(hb_elf_core_fault(&core, &address));
    assert_int_equal(address, 77);
}

static void a_core_that_is_cut_says_so_and_what_it_has(void **state)
{
    (void)state;
    struct hb_elf_core_thread thread;
    char text[64];

    size_t whole = size;
    size -= 20;
    assert_true(open_core());
    assert_false(hb_elf_core_check(&core, &err));
    (void)snprintf(text, sizeof(text), "the core is cut: it has %u bytes of %u",
                   (unsigned)size, (unsigned)whole);
    assert_string_equal(err.text, text);
    assert_true(hb_elf_core_thread(&core, 1, &thread));
}

/* Every length that a full disk can leave. */
static void no_cut_is_too_much(void **state)
{
    (void)state;
    struct hb_elf_core_thread thread;
    struct hb_elf_core_process process;
    struct hb_elf_core_file file;
    size_t whole = size;
    size_t threads = 0;

    for (size = 0; size < whole; size++) {
        if (!open_core()) {
            assert_true(err.text[0] != '\0');
            continue;
        }
        assert_false(hb_elf_core_check(&core, &err));
        size_t found = 0;
        while (hb_elf_core_thread(&core, found, &thread)) {
            found++;
        }
        assert_true(found >= threads); /* never fewer of a longer one */
        threads = found;
        (void)hb_elf_core_process(&core, &process);
        (void)hb_elf_core_file(&core, 0, &file);
    }
    assert_int_equal(threads, 2);
}

static void other_files_are_no_cores(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        unsigned value;
        const char *why;
    } wrong[] = {
        { 0, 'E', "as a 64-bit ELF file" }, { 4, 1, "as a 64-bit ELF file" },
        { 16, 3, "of another kind" },       { 18, 40, "of another kind" },
        { 54, 57, "not as they must be" },
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        unsigned char right = bytes[wrong[i].at];

        bytes[wrong[i].at] = (unsigned char)wrong[i].value;
        assert_false(open_core());
        assert_non_null(strstr(err.text, wrong[i].why));
        bytes[wrong[i].at] = right;
    }
}

static void counts_and_places_are_not_believed(void **state)
{
    (void)state;
    struct hb_elf_core_file file;
    struct hb_elf_core_thread thread;
    char text[8];

    put(64 + 56 + 8, UINT64_MAX - 4, 8); /* where memory stands */
    put(64 + 56 + 32, UINT64_MAX, 8);
    assert_true(open_core());
    assert_false(hb_elf_core_check(&core, &err));
    assert_false(hb_elf_core_memory(&core, 0x10000, text, 8));
    put(1024 + 4, UINT32_MAX, 4); /* size of the first note */
    assert_true(open_core());
    assert_false(hb_elf_core_thread(&core, 0, &thread));
    assert_false(hb_elf_core_file(&core, 0, &file));
    put(56, 0xffff, 2); /* counted in a section that is not there */
    put(40, UINT64_MAX - 10, 8);
    assert_false(open_core());
}

#define CASE(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(it_says_who_died_of_what),
        CASE(it_says_which_files_were_mapped),
        CASE(memory_is_joined_from_its_segments),
        CASE(a_signal_that_was_sent_has_no_address),
        CASE(a_core_that_is_cut_says_so_and_what_it_has),
        CASE(no_cut_is_too_much),
        CASE(other_files_are_no_cores),
        CASE(counts_and_places_are_not_believed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
