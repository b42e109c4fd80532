/* Dumps that the helper writes, and the stacks that it reads from them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "os/file.h"
#include "stack_desk.h"

static struct stack_desk first;
static struct stack_desk second;
static char folder[200];
static char dump[256];
static char other[256];

static int begin(void **state)
{
    (void)state;
    system_make_folder(folder, sizeof(folder));
    return 0;
}

static int end(void **state)
{
    (void)state;
    stack_desk_kill(&first);
    stack_desk_kill(&second);
    told_free();
    hb_file_remove(dump);
    hb_file_remove(other);
    return rmdir(folder); /* nothing else was left in it */
}

static void start(struct stack_desk *desk)
{
    STACK_DESK_START(desk, STACK_TARGET_PATH, "abba");
    stack_desk_await_deadlock(desk);
}

static void check_evidence(const struct stack_desk *desk, const char *path)
{
    const cJSON *evidence = told_evidence("dump", desk->pid);

    assert_string_equal(told_text(evidence, "status"), "captured");
    assert_string_equal(told_text(evidence, "path"), path);
    assert_true(told_number(evidence, "bytes") > 0);
    assert_true(told_number(evidence, "pause_us") > 0);
    assert_true(hb_file_exists(path));
}

static void check(const char *kind)
{
    start(&first);
    start(&second);
    (void)snprintf(dump, sizeof(dump), "%s/core.zst", folder);
    (void)snprintf(other, sizeof(other), "%s/core.%u.zst", folder, second.pid);
    TOLD_RUN("--pid", first.pid_text, "--pid", second.pid_text, "--dump", kind,
             "--folder", folder, "--limit-ms", "60000");
    assert_int_equal(told.status, 0);
    check_evidence(&first, dump);
    check_evidence(&second, other);
    stack_desk_is_free(&first);
    stack_desk_is_free(&second);
    TOLD_RUN("--file", other, "--stacks", "--limit-ms", "60000");
    told_is("stacks", 0, "captured", "");
    assert_int_equal(told_count("thread"), 3);
    const cJSON *leader = told_thread(second.pid, 0);
    assert_non_null(leader);
    assert_true(told_has(leader, "main"));
}

static void a_small_dump_of_each_process_is_read_again(void **state)
{
    (void)state;
    check("mini");
}

static void a_full_dump_of_each_process_is_read_again(void **state)
{
    (void)state;
    check("full");
}

static void a_dump_that_cannot_be_written_says_why(void **state)
{
    (void)state;
    start(&first);
    (void)snprintf(dump, sizeof(dump), "%s/gone", folder);
    TOLD_RUN("--pid", first.pid_text, "--dump", "mini", "--folder", dump,
             "--limit-ms", "60000");
    assert_int_equal(told.status, 0);
    told_is("dump", first.pid, "failed", "/gone/core.zst'");
    stack_desk_is_free(&first);
}

static void a_dump_of_a_process_that_is_gone_is_skipped(void **state)
{
    (void)state;
    TOLD_RUN("--pid", "67108863", "--dump", "mini", "--folder", folder,
             "--limit-ms", "60000");
    told_is("dump", 67108863, "failed", "there is none");
}

/* A second sample that is a minute away stands for a walk without end. */
static void stacks_that_take_too_long_cost_no_dump(void **state)
{
    (void)state;
    start(&first);
    (void)snprintf(dump, sizeof(dump), "%s/core.zst", folder);
    TOLD_RUN("--pid", first.pid_text, "--stacks", "--samples", "2", "--gap-ms",
             "60000", "--dump", "mini", "--folder", folder, "--limit-ms",
             "6000");
    assert_int_equal(told.status, 0);
    told_is("stacks", first.pid, "failed", "not read within 3000 ms");
    assert_non_null(told_thread(first.pid, 0)); /* what it had */
    check_evidence(&first, dump);
    stack_desk_is_free(&first);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_small_dump_of_each_process_is_read_again),
        CASE(a_full_dump_of_each_process_is_read_again),
        CASE(a_dump_that_cannot_be_written_says_why),
        CASE(a_dump_of_a_process_that_is_gone_is_skipped),
        CASE(stacks_that_take_too_long_cost_no_dump),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
