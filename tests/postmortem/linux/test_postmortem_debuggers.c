/* Cores as those see them who will read them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core_desk.h"

#define SAID_MOST ((size_t)1 << 20)

static struct core_desk desk;
static char *said;

static int end(void **state)
{
    (void)state;
    free(said);
    said = NULL;
    if (desk.folder[0] != '\0') {
        core_desk_end(&desk);
    }
    return 0;
}

static void run(const char *const *command)
{
    struct system_child child;
    size_t used = 0;
    size_t got = 1;

    if (access(command[0], X_OK) != 0) {
        print_message("skipped: there is no '%s'\n", command[0]);
        skip();
    }
    said = calloc(1, SAID_MOST);
    assert_non_null(said);
    system_start(command, 0, &child);
    while (got > 0 && used + 1 < SAID_MOST) {
        got = system_read(child.out, said + used, SAID_MOST - used - 1);
        used += got;
    }
    (void)system_wait(&child);
}

static size_t count(const char *text)
{
    size_t found = 0;

    for (const char *at = said; (at = strstr(at, text)) != NULL; at++) {
        found++;
    }
    return found;
}

/* Four workers in three functions of ours, and the leader in two. */
static void check_stacks(void)
{
    if (count("wait_in_the_innermost") != 4 ||
        count("wait_in_the_middle") != 4 || count("wait_in_thread") < 4 ||
        count("start_thread") < 4 || count("serve") < 1 || count("main") < 1) {
        fail_msg("not all are there:\n%s", said);
    }
}

static void dump(enum hb_dump_depth depth)
{
    core_desk_begin(&desk, "threads", "4");
    struct hb_core_wish wish = core_desk_wish(&desk, depth, false);
    (void)core_desk_write(&desk, &wish);
    hb_target_release(desk.stopped);
    desk.stopped = NULL;
}

static void check_gdb(enum hb_dump_depth depth)
{
    dump(depth);
    run((const char *const[]){ GDB_PATH, "-batch", "-nx", "-ex",
                               "thread apply all bt", TARGET_CHILD_PATH,
                               desk.path, NULL });
    check_stacks();
    assert_int_equal(count("?? ()"), 0);
}

static void gdb_reads_a_small_core(void **state)
{
    (void)state;
    check_gdb(HB_DUMP_SMALL);
}

static void gdb_reads_a_full_core(void **state)
{
    (void)state;
    check_gdb(HB_DUMP_WHOLE);
}

static void gdb_finds_variables_and_the_heap(void **state)
{
    (void)state;
    char heap[64];

    core_desk_begin(&desk, "memory", "0");
    struct target_facts facts = target_desk_facts(&desk.target);
    struct hb_core_wish wish = core_desk_wish(&desk, HB_DUMP_WHOLE, false);
    (void)core_desk_write(&desk, &wish);
    (void)snprintf(heap, sizeof(heap), "x/s %#llx",
                   (unsigned long long)facts.heap);
    run((const char *const[]){ GDB_PATH, "-batch", "-nx", "-ex", heap, "-ex",
                               "print facts.zeros", "-ex",
                               "print *(char*)facts.zeros", TARGET_CHILD_PATH,
                               desk.path, NULL });
    assert_int_equal(count("\"" TARGET_HEAP "\""), 1);
    (void)snprintf(heap, sizeof(heap), "$1 = %llu",
                   (unsigned long long)facts.zeros);
    assert_int_equal(count(heap), 1);
    assert_int_equal(count("$2 = 0 '\\000'"), 1);
}

static void check_lldb(enum hb_dump_depth depth)
{
    dump(depth);
    run((const char *const[]){ LLDB_PATH, "--no-lldbinit", "--batch", "-o",
                               "thread backtrace all", "-c", desk.path,
                               TARGET_CHILD_PATH, NULL });
    check_stacks();
}

static void lldb_reads_a_small_core(void **state)
{
    (void)state;
    check_lldb(HB_DUMP_SMALL);
}

static void lldb_reads_a_full_core(void **state)
{
    (void)state;
    check_lldb(HB_DUMP_WHOLE);
}

static void check_eu_stack(enum hb_dump_depth depth)
{
    dump(depth);
    run((const char *const[]){ EU_STACK_PATH, "--core", desk.path, NULL });
    check_stacks();
}

static void eu_stack_reads_a_small_core(void **state)
{
    (void)state;
    check_eu_stack(HB_DUMP_SMALL);
}

static void eu_stack_reads_a_full_core(void **state)
{
    (void)state;
    check_eu_stack(HB_DUMP_WHOLE);
}

#define CASE(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(gdb_reads_a_small_core),
        CASE(gdb_reads_a_full_core),
        CASE(gdb_finds_variables_and_the_heap),
        CASE(lldb_reads_a_small_core),
        CASE(lldb_reads_a_full_core),
        CASE(eu_stack_reads_a_small_core),
        CASE(eu_stack_reads_a_full_core),
    };

    (void)setenv("DEBUGINFOD_URLS", "", 1); /* no network in a test */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
