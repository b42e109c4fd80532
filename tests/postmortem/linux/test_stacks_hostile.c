#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "stack_desk.h"

static struct stack_desk desk;
static char folder[256];

static int begin(void **state)
{
    (void)state;
    system_make_folder(folder, sizeof(folder));
    return 0;
}

static void in_folder(const char *name, char *path, size_t size)
{
    assert_true(hb_text_format(path, size, "%s/%s", folder, name));
}

static void remove_file(const char *name)
{
    char path[300];

    in_folder(name, path, sizeof(path));
    (void)remove(path);
}

static int end(void **state)
{
    (void)state;
    stack_desk_kill(&desk);
    told_free();
    remove_file(".debug/apart.debug");
    remove_file(".debug");
    remove_file("program");
    remove_file("core");
    (void)rmdir(folder);
    return 0;
}

static size_t read_file(const char *path, char **out)
{
    FILE *file = fopen(path, "rb");
    size_t size = 0;

    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size = (size_t)ftell(file);
    rewind(file);
    *out = malloc(size + 1);
    assert_non_null(*out);
    assert_int_equal(fread(*out, 1, size, file), size);
    (void)fclose(file);
    return size;
}

static void copy_file(const char *from, const char *name)
{
    char path[300];
    char *bytes = NULL;
    size_t size = read_file(from, &bytes);

    in_folder(name, path, sizeof(path));
    system_write_file(path, bytes, size, true);
    free(bytes);
}

/* The program whose debug file stands in ".debug" beside it, as we make it. */
static void start_apart(char *debug, size_t size)
{
    char path[300];

    in_folder(".debug", path, sizeof(path));
    assert_int_equal(mkdir(path, 0700), 0);
    copy_file(STACK_MADE "/apart", "program");
    in_folder("program", path, sizeof(path));
    in_folder(".debug/apart.debug", debug, size);
    STACK_DESK_START(&desk, path, "nested");
}

/* All frames are there; their words are not. */
static void has_frames_without_words(void)
{
    TOLD_RUN("--pid", desk.pid_text, "--stacks", "--limit-ms", "20000");
    assert_int_equal(told.status, 0);
    const cJSON *thread = told_thread(desk.pid, 0);
    assert_string_equal(told_text(thread, "cut_short"), "");
    assert_true(told_frame_count(thread) >= 5);
    assert_false(told_has(thread, "outer"));
    told_is("stacks", desk.pid, "captured", "");
    stack_desk_is_free(&desk);
}

static void a_debug_file_that_is_a_fifo_is_not_waited_for(void **state)
{
    (void)state;
    char debug[300];

    start_apart(debug, sizeof(debug));
    assert_int_equal(mkfifo(debug, 0600), 0);
    has_frames_without_words();
}

static void a_debug_file_of_garbage_costs_the_words_only(void **state)
{
    (void)state;
    char debug[300];
    char garbage[8192] = { 0 };

    static const unsigned char head[] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };

    start_apart(debug, sizeof(debug));
    memset(garbage, 0xd3, sizeof(garbage));
    memcpy(garbage, head, sizeof(head));
    system_write_file(debug, garbage, sizeof(garbage), false);
    has_frames_without_words();
}

static void a_debug_file_of_another_build_is_not_believed(void **state)
{
    (void)state;
    char debug[300];

    start_apart(debug, sizeof(debug));
    copy_file(STACK_TARGET_PLAIN_PATH, ".debug/apart.debug");
    has_frames_without_words();
}

/* Every section of it is scribbled over, but for what identifies it. */
static void a_debug_file_that_is_damaged_ends_nothing(void **state)
{
    (void)state;
    char debug[300];
    char *bytes = NULL;
    size_t size = read_file(STACK_MADE "/.debug/apart.debug", &bytes);
    unsigned random = 4711;

    start_apart(debug, sizeof(debug));
    for (size_t at = 4096; at + 4096 < size; at += 1 + random % 61) {
        random = random * 1103515245u + 12345u;
        bytes[at] = (char)(random >> 16);
    }
    system_write_file(debug, bytes, size, false);
    free(bytes);
    TOLD_RUN("--pid", desk.pid_text, "--stacks", "--limit-ms", "20000");
    stack_desk_is_free(&desk);
    assert_int_equal(stack_desk_end(&desk), 0);
}

static void a_program_that_was_replaced_is_read_as_it_was(void **state)
{
    (void)state;
    char path[300];

    copy_file(STACK_TARGET_PATH, "program");
    in_folder("program", path, sizeof(path));
    STACK_DESK_START(&desk, path, "nested");
    assert_int_equal(unlink(path), 0);
    copy_file(STACK_TARGET_PLAIN_PATH, "program");
    TOLD_RUN("--pid", desk.pid_text, "--stacks");
    const cJSON *thread = told_thread(desk.pid, 0);
    (void)told_place(thread, "outer");
    assert_string_equal(told_text(thread, "cut_short"), "");
}

static void a_process_that_is_gone_is_told_as_that(void **state)
{
    (void)state;
    struct stack_desk gone = { 0 };

    STACK_DESK_START(&gone, STACK_TARGET_PATH, "nested");
    STACK_DESK_START(&desk, STACK_TARGET_PATH, "nested");
    assert_int_equal(stack_desk_end(&gone), 0);
    uint32_t pid = gone.child.pid;
    TOLD_RUN("--pid", gone.pid_text, "--pid", desk.pid_text, "--stacks",
             "--locks");
    assert_int_equal(told.status, 0);
    told_is("stacks", pid, "skipped", "has ended");
    told_is("locks", pid, "skipped", "has ended");
    told_is("stacks", desk.pid, "captured", ""); /* the others are looked at */
    (void)told_place(told_thread(desk.pid, 0), "outer");
}

static void a_process_of_somebody_elses_keeps_its_tracer(void **state)
{
    (void)state;
    char tracer[48];

    STACK_DESK_START(&desk, STACK_TARGET_PATH, "nested");
    assert_int_equal(ptrace(PTRACE_SEIZE, (pid_t)desk.pid, NULL, NULL), 0);
    TOLD_RUN("--pid", desk.pid_text, "--stacks", "--locks");
    (void)snprintf(tracer, sizeof(tracer), "%d", (int)getpid());
    told_is("stacks", desk.pid, "failed", tracer);
    told_is("locks", desk.pid, "captured", ""); /* they need no stop */
    assert_int_equal(ptrace(PTRACE_INTERRUPT, (pid_t)desk.pid, NULL, NULL), 0);
    assert_int_equal(waitpid((pid_t)desk.pid, NULL, __WALL), (int)desk.pid);
    assert_int_equal(ptrace(PTRACE_DETACH, (pid_t)desk.pid, NULL, NULL), 0);
    stack_desk_is_free(&desk);
}

static void a_file_that_is_no_core_is_refused_in_words(void **state)
{
    (void)state;
    char path[300];

    TOLD_RUN("--file", STACK_TARGET_PATH, "--stacks");
    assert_int_equal(told.status, 0);
    told_is("stacks", 0, "failed", "is no core file");
    TOLD_RUN("--file", "/nonexistent/core", "--stacks");
    told_is("stacks", 0, "failed", "cannot open");
    in_folder("core", path, sizeof(path));
    assert_int_equal(mkfifo(path, 0600), 0);
    TOLD_RUN("--file", path, "--stacks");
    told_is("stacks", 0, "failed", "is no file");
}

static void a_wrong_command_line_is_refused(void **state)
{
    (void)state;
    TOLD_RUN("--stacks");
    assert_int_equal(told.status, 125);
    assert_int_equal(told.count, 0);
    assert_non_null(strstr(told.errors, "either --pid or --file"));
}

static void at_its_limit_it_ends_and_leaves_the_target_free(void **state)
{
    (void)state;
    static const char *const limits[] = { "1000", "8000", "30000" };

    STACK_DESK_START(&desk, STACK_TARGET_PATH, "nested");
    /* On a machine with much to do a second may not be enough for a stack. */
    for (size_t i = 0; i < 3 && told_find("thread", "tid", desk.pid) == NULL;
         i++) {
        TOLD_RUN("--pid", desk.pid_text, "--stacks", "--samples", "2",
                 "--gap-ms", "60000", "--limit-ms", limits[i]);
    }
    assert_int_equal(told.status, 124);
    (void)told_place(told_thread(desk.pid, 0), "outer"); /* what it had */
    assert_null(told_find("done", "pid", 0));
    stack_desk_is_free(&desk);
}

#ifdef __SANITIZE_ADDRESS__
#define CAN_LIMIT_MEMORY 0
#else
#define CAN_LIMIT_MEMORY 1
#endif

/* Looks with so much memory at most; true if it told a stack. Libraries that
 * find none may crash: that costs the stacks, and not the dump. */
static bool look_with(uint64_t bytes)
{
    struct rlimit before;
    struct rlimit least;

    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    least = before;
    least.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_AS, &least), 0);
    TOLD_RUN("--pid", desk.pid_text, "--stacks", "--dump", "mini", "--folder",
             folder, "--limit-ms", "20000");
    assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
    if (told.status != 0 || told_evidence("dump", desk.pid) == NULL ||
        told_evidence("stacks", desk.pid) == NULL) {
        fail_msg("with %llu bytes its status is %u", (unsigned long long)bytes,
                 told.status);
    }
    remove_file("core.zst");
    stack_desk_is_free(&desk);
    return told_find("thread", "tid", desk.pid) != NULL;
}

static void memory_that_it_cannot_have_ends_nothing(void **state)
{
    (void)state;
    bool told_none = false;
    bool told_some = false;

    if (!CAN_LIMIT_MEMORY) {
        skip();
    }
    STACK_DESK_START(&desk, STACK_TARGET_PATH, "nested");
    for (uint64_t bytes = 6 << 20; bytes < 40 << 20; bytes += 1 << 20) {
        bool some = look_with(bytes);

        told_some = told_some || some;
        told_none = told_none || !some;
    }
    assert_true(told_none && told_some);
    assert_int_equal(stack_desk_end(&desk), 0);
}

static void start_helper(struct system_child *helper)
{
    const char *const command[] = { POSTMORTEM_PATH, "--pid",     desk.pid_text,
                                    "--stacks",      "--samples", "2",
                                    "--gap-ms",      "0",         NULL };

    system_start(command, 0, helper);
}

static void kill_helper(struct system_child *helper)
{
    system_kill(helper->pid);
    (void)system_wait(helper);
    system_close(&helper->in);
    system_close(&helper->out);
    system_close(&helper->err);
}

/* After each of its lines, and before the first. */
static void a_helper_that_is_killed_leaves_the_target_free(void **state)
{
    (void)state;
    bool was_done = false;

    STACK_DESK_START(&desk, STACK_TARGET_PATH, "nested");
    for (int lines = 0; !was_done; lines++) {
        struct system_child helper;
        char byte = 0;
        int seen = 0;

        start_helper(&helper);
        while (seen < lines && system_read(helper.out, &byte, 1) == 1) {
            seen += byte == '\n';
        }
        was_done = seen < lines;
        kill_helper(&helper);
        stack_desk_is_free(&desk);
    }
    assert_int_equal(stack_desk_end(&desk), 0);
}

/* Many threads, so that it holds them for a moment. */
static void a_helper_that_is_killed_while_it_holds_it_lets_go(void **state)
{
    (void)state;
    STACK_DESK_START(&desk, STACK_TARGET_PATH, "threads", "300");
    for (int i = 0; i < 5; i++) {
        struct system_child helper;
        uint32_t tracer = 0;

        start_helper(&helper);
        while (tracer == 0 && system_is_alive(helper.pid)) {
            tracer = stack_desk_tracer(&desk);
        }
        kill_helper(&helper);
        assert_true(tracer == 0 || tracer == helper.pid);
        stack_desk_is_free(&desk);
    }
    assert_int_equal(stack_desk_end(&desk), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_debug_file_that_is_a_fifo_is_not_waited_for),
        CASE(a_debug_file_of_garbage_costs_the_words_only),
        CASE(a_debug_file_of_another_build_is_not_believed),
        CASE(a_debug_file_that_is_damaged_ends_nothing),
        CASE(a_program_that_was_replaced_is_read_as_it_was),
        CASE(a_process_that_is_gone_is_told_as_that),
        CASE(a_process_of_somebody_elses_keeps_its_tracer),
        CASE(a_file_that_is_no_core_is_refused_in_words),
        CASE(a_wrong_command_line_is_refused),
        CASE(at_its_limit_it_ends_and_leaves_the_target_free),
        CASE(memory_that_it_cannot_have_ends_nothing),
        CASE(a_helper_that_is_killed_leaves_the_target_free),
        CASE(a_helper_that_is_killed_while_it_holds_it_lets_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
