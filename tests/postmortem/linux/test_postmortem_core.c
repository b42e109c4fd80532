/* What a core holds. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core_desk.h"

static struct core_desk desk;
static struct core_bytes core;
static struct core_bytes other;

static int end(void **state)
{
    (void)state;
    core_bytes_free(&core);
    core_bytes_free(&other);
    if (desk.folder[0] != '\0') {
        core_desk_end(&desk);
    }
    return 0;
}

static void dump(enum hb_dump_depth depth)
{
    struct hb_core_wish wish = core_desk_wish(&desk, depth, false);

    assert_int_equal(core_desk_write(&desk, &wish).holes, 0);
    core_bytes_read(desk.path, false, &core);
}

static void check_threads(enum hb_dump_depth depth)
{
    struct hb_elf_core_thread thread;
    struct hb_elf_core_process process;
    char byte = 0;

    core_desk_begin(&desk, "threads", "4");
    dump(depth);
    for (size_t i = 0; i < 5; i++) {
        const struct hb_target_thread *stopped =
            hb_target_thread(desk.stopped, i);

        assert_true(hb_elf_core_thread(&core.core, i, &thread));
        assert_int_equal(thread.tid, stopped->tid);
        assert_int_equal(thread.signal, 0);
        assert_int_equal(thread.instruction, stopped->registers.rip);
        assert_int_equal(thread.stack, stopped->registers.rsp);
        assert_true(hb_elf_core_memory(&core.core, thread.stack, &byte, 1));
    }
    assert_false(hb_elf_core_thread(&core.core, 5, &thread));
    assert_true(hb_elf_core_process(&core.core, &process));
    assert_int_equal(process.pid, desk.target.pid);
    assert_int_equal(process.parent, getpid());
    assert_int_equal(process.user, getuid());
    assert_string_equal(process.name, "target_child");
    assert_non_null(strstr(process.arguments, "target_child threads 4"));
}

static void a_small_core_names_process_and_threads(void **state)
{
    (void)state;
    check_threads(HB_DUMP_SMALL);
}

static void a_full_core_names_process_and_threads(void **state)
{
    (void)state;
    check_threads(HB_DUMP_WHOLE);
}

static void the_blamed_thread_comes_first_with_its_signal(void **state)
{
    (void)state;
    struct hb_elf_core_thread thread;

    core_desk_begin(&desk, "threads", "3");
    struct hb_core_wish wish = core_desk_wish(&desk, HB_DUMP_SMALL, false);
    wish.blamed = hb_target_thread(desk.stopped, 2)->tid;
    wish.signal = SIGSEGV;
    (void)core_desk_write(&desk, &wish);
    core_bytes_read(desk.path, false, &core);
    assert_true(hb_elf_core_thread(&core.core, 0, &thread));
    assert_int_equal(thread.tid, wish.blamed);
    assert_int_equal(thread.signal, SIGSEGV);
    assert_true(hb_elf_core_thread(&core.core, 1, &thread));
    assert_int_equal(thread.tid, desk.target.pid);
    assert_int_equal(thread.signal, SIGSEGV); /* as in a core of the kernel */
    assert_true(hb_elf_core_thread(&core.core, 3, &thread));
}

static void the_files_are_where_they_were(void **state)
{
    (void)state;
    struct hb_elf_core_file file;
    struct hb_elf_core_thread thread;
    bool found = false;

    core_desk_begin(&desk, "threads", "1");
    dump(HB_DUMP_SMALL);
    assert_true(hb_elf_core_thread(&core.core, 0, &thread));
    for (size_t i = 0; hb_elf_core_file(&core.core, i, &file); i++) {
        assert_true(file.start < file.end);
        found = found || (strstr(file.path, "libc") != NULL &&
                          thread.instruction >= file.start &&
                          thread.instruction < file.end);
    }
    assert_true(found);
    assert_true(hb_elf_core_file(&core.core, 0, &file));
    assert_non_null(strstr(file.path, "target_child"));
    assert_true(core_bytes_say(&core, file.start,
                               "\x7f"
                               "ELF\x02\x01\x01"));
}

static void a_full_core_holds_the_memory_and_no_zeros(void **state)
{
    (void)state;
    struct stat about;
    char zeros[4096] = "x";
    static const char none[4096];

    core_desk_begin(&desk, "memory", "0");
    struct target_facts facts = target_desk_facts(&desk.target);
    dump(HB_DUMP_WHOLE);
    assert_true(core_bytes_say(&core, facts.heap + 61440, TARGET_HEAP));
    assert_true(core_bytes_say(&core, facts.sparse, TARGET_SPARSE));
    assert_true(core_bytes_say(&core, facts.guarded, TARGET_GUARDED));
    assert_true(core_bytes_say(&core, facts.shared, TARGET_SHARED));
    assert_false(core_bytes_say(&core, facts.left_out, TARGET_LEFT_OUT));
    assert_false(
        core_bytes_hold(&core, TARGET_LEFT_OUT, strlen(TARGET_LEFT_OUT)));
    assert_true(hb_elf_core_memory(&core.core, facts.zeros + TARGET_ZEROS / 2,
                                   zeros, sizeof(zeros)));
    assert_memory_equal(zeros, none, sizeof(none));
    assert_int_equal(stat(desk.path, &about), 0);
    assert_true((uint64_t)about.st_size > TARGET_ZEROS);
    assert_true((uint64_t)about.st_blocks * 512 < TARGET_ZEROS / 2);
    assert_int_equal(about.st_mode & 07777, 0600);
}

static void a_small_core_is_small_whatever_the_process_holds(void **state)
{
    (void)state;
    core_desk_begin(&desk, "memory", "0");
    struct target_facts facts = target_desk_facts(&desk.target);
    struct hb_core_wish wish = core_desk_wish(&desk, HB_DUMP_SMALL, true);
    assert_true(core_desk_write(&desk, &wish).bytes < 200 << 10);
    core_bytes_read(desk.path, true, &core);
    assert_false(core_bytes_say(&core, facts.heap + 32768, TARGET_HEAP));
}

static void check_compressed(enum hb_dump_depth depth)
{
    core_desk_begin(&desk, "memory", "0");
    dump(depth);
    assert_int_equal(unlink(desk.path), 0);
    struct hb_core_wish wish = core_desk_wish(&desk, depth, true);
    struct hb_core_made made = core_desk_write(&desk, &wish);
    assert_true(made.bytes < core.size / 2);
    core_bytes_read(desk.path, true, &other);
    assert_int_equal(other.size, core.size);
    assert_memory_equal(other.bytes, core.bytes, core.size);
}

static void a_small_core_is_the_same_compressed(void **state)
{
    (void)state;
    check_compressed(HB_DUMP_SMALL);
}

static void a_full_core_is_the_same_compressed(void **state)
{
    (void)state;
    check_compressed(HB_DUMP_WHOLE);
}

static void go_on(void *context)
{
    struct core_desk *moved = context;

    hb_target_go_on(moved->stopped);
    target_desk_ask(&moved->target, 'o'); /* a thread ends */
}

static void a_small_core_is_written_while_the_process_goes_on(void **state)
{
    (void)state;
    struct hb_elf_core_thread thread;

    core_desk_begin(&desk, "threads", "4");
    struct hb_core_wish wish = core_desk_wish(&desk, HB_DUMP_SMALL, false);
    wish.read_all = go_on;
    wish.context = &desk;
    (void)core_desk_write(&desk, &wish);
    core_bytes_read(desk.path, false, &core);
    assert_true(hb_elf_core_thread(&core.core, 4, &thread));
}

static void the_filter_of_the_process_is_obeyed(void **state)
{
    (void)state;
    char path[64];

    core_desk_begin(&desk, "memory", "0");
    struct target_facts facts = target_desk_facts(&desk.target);
    (void)snprintf(path, sizeof(path), "/proc/%d/coredump_filter",
                   (int)desk.target.pid);
    FILE *filter = fopen(path, "we");
    assert_non_null(filter);
    assert_true(fputs("0x1\n", filter) >= 0); /* private memory alone */
    assert_int_equal(fclose(filter), 0);
    dump(HB_DUMP_WHOLE);
    assert_true(core_bytes_say(&core, facts.heap, TARGET_HEAP));
    assert_false(core_bytes_say(&core, facts.shared, TARGET_SHARED));
}

#define CASE(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_small_core_names_process_and_threads),
        CASE(a_full_core_names_process_and_threads),
        CASE(the_blamed_thread_comes_first_with_its_signal),
        CASE(the_files_are_where_they_were),
        CASE(a_full_core_holds_the_memory_and_no_zeros),
        CASE(a_small_core_is_small_whatever_the_process_holds),
        CASE(a_small_core_is_the_same_compressed),
        CASE(a_full_core_is_the_same_compressed),
        CASE(a_small_core_is_written_while_the_process_goes_on),
        CASE(the_filter_of_the_process_is_obeyed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
