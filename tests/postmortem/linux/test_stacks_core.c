#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "stack_desk.h"

static struct stack_desk desk;
static char folder[256];
static char core[600];

static int begin(void **state)
{
    (void)state;
    system_make_folder(folder, sizeof(folder));
    core[0] = '\0';
    return 0;
}

/* Calls `each` for every file of the folder. */
static size_t for_files(void (*each)(const char *path))
{
    DIR *list = opendir(folder);
    size_t count = 0;
    char path[600];

    assert_non_null(list);
    for (struct dirent *entry; (entry = readdir(list)) != NULL;) {
        if (entry->d_name[0] != '.') {
            assert_true(hb_text_format(path, sizeof(path), "%s/%s", folder,
                                       entry->d_name));
            each(path);
            count++;
        }
    }
    (void)closedir(list);
    return count;
}

static void remove_file(const char *path)
{
    (void)unlink(path);
}

static void take_as_core(const char *path)
{
    (void)hb_text_copy(core, sizeof(core), path);
}

static int end(void **state)
{
    (void)state;
    stack_desk_kill(&desk);
    told_free();
    (void)for_files(remove_file);
    return rmdir(folder); /* nothing else was left in it */
}

/* Runs a line of the shell; true if it ended with 0. */
static bool shell(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
static bool shell(const char *format, ...)
{
    char line[2048];
    const char *const command[] = { "/bin/sh", "-c", line, NULL };
    struct system_child child;
    char part[512];
    va_list arguments;

    va_start(arguments, format);
    assert_true(hb_text_format_list(line, sizeof(line), format, arguments));
    va_end(arguments);
    system_start(command, SYSTEM_NO_STDERR, &child);
    while (system_read(child.out, part, sizeof(part)) > 0) {
    }
    uint32_t status = system_wait(&child);
    system_close(&child.in);
    system_close(&child.out);
    system_close(&child.err);
    return status == 0;
}

static bool has_tool(const char *name)
{
    if (!shell("command -v %s", name)) {
        print_message("%s is not installed\n", name);
        return false;
    }
    return true;
}

/* The core of a program that fell, as the kernel writes it; false where it
 * gives its cores to somebody else. */
static bool crash(void)
{
    (void)shell("cd '%s' && ulimit -c unlimited && exec '%s' crash", folder,
                STACK_TARGET_PATH);
    if (for_files(take_as_core) != 1) {
        print_message("the kernel wrote no core here\n");
        return false;
    }
    return true;
}

static void tells_the_fall(void)
{
    assert_int_equal(told.status, 0);
    told_is("stacks", 0, "captured", "");
    assert_int_equal(told_count("exception"), 1);
    const cJSON *exception = told_find("exception", "code", 11);
    assert_non_null(exception);
    uint32_t tid = (uint32_t)told_number(exception, "tid");
    const cJSON *thread = told_thread(tid, 0);
    assert_true(
        cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(thread, "crashed")));
    assert_int_equal(told_place(thread, "fall"), 0);
    assert_true(told_place(thread, "main") > 0);
    const cJSON *frame = told_frame(thread, 0);
    assert_non_null(strstr(told_text(frame, "file"), "stack_target.c"));
    assert_string_equal(told_text(told_module(frame), "path"),
                        STACK_TARGET_PATH);
    assert_true(strlen(told_text(told_module(frame), "id")) >= 16);
    size_t vdso = 0; /* as it is called in a living process */
    for (size_t i = 0; i < told.count; i++) {
        vdso += strcmp(told_text(told.lines[i], "path"), "[vdso]") == 0;
    }
    assert_int_equal(vdso, 1);
}

static void a_core_of_the_kernel_tells_who_fell(void **state)
{
    (void)state;
    if (!crash()) {
        skip();
    }
    TOLD_RUN("--file", core, "--stacks");
    tells_the_fall();
}

static void a_core_that_is_packed_tells_the_same(void **state)
{
    (void)state;
    if (!has_tool("zstd") || !crash() || !shell("zstd -q --rm '%s'", core) ||
        for_files(take_as_core) != 1) {
        skip();
    }
    TOLD_RUN("--file", core, "--stacks");
    tells_the_fall();
    assert_int_equal(for_files(take_as_core), 1); /* nothing beside it */
}

static void all_threads_of_a_core_are_told(void **state)
{
    (void)state;
    if (!has_tool("gcore")) {
        skip();
    }
    STACK_DESK_START(&desk, STACK_TARGET_PATH, "abba");
    stack_desk_await_deadlock(&desk);
    if (!shell("cd '%s' && gcore -o core %u", folder, desk.pid) ||
        for_files(take_as_core) != 1) {
        skip(); /* it may not */
    }
    TOLD_RUN("--file", core, "--stacks");
    size_t inside = 0;

    assert_int_equal(told_count("thread"), 3);
    assert_int_equal(told_find("thread", "tid", desk.pid) != NULL, 1);
    for (size_t i = 0; i < told.count; i++) {
        inside += told_has(told.lines[i], "take_both");
    }
    assert_int_equal(inside, 2);
}

/* From a page to all but the last page. */
static void a_core_that_is_cut_anywhere_ends_in_words(void **state)
{
    (void)state;
    struct stat facts;

    if (!crash()) {
        skip();
    }
    assert_int_equal(stat(core, &facts), 0);
    for (int part = 63; part > 0; part -= 3) {
        assert_int_equal(truncate(core, facts.st_size * part / 64), 0);
        TOLD_RUN("--file", core, "--stacks", "--limit-ms", "20000");
        assert_int_equal(told.status, 0);
        (void)told_evidence("stacks", 0);
    }
    assert_int_equal(truncate(core, 100), 0);
    TOLD_RUN("--file", core, "--stacks");
    assert_int_equal(told.status, 0);
    told_is("stacks", 0, "failed", "core");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_core_of_the_kernel_tells_who_fell),
        CASE(a_core_that_is_packed_tells_the_same),
        CASE(all_threads_of_a_core_are_told),
        CASE(a_core_that_is_cut_anywhere_ends_in_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
