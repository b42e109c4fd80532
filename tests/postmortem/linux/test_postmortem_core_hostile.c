/* What can go wrong while a core is written: a reason, and nothing left. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core_desk.h"

static struct core_desk desk;
static struct hb_error err;

static int end(void **state)
{
    (void)state;
    if (desk.folder[0] != '\0') {
        core_desk_end(&desk);
    }
    memset(&err, 0, sizeof(err));
    return 0;
}

static void fail_to_write(const struct hb_core_wish *wish)
{
    struct hb_core_made made = { 77, 77 };

    assert_false(core_desk_try(&desk, wish, &made, &err));
    assert_int_equal(made.bytes, 77);
    assert_true(err.text[0] != '\0');
}

static void check_lost(enum hb_dump_depth depth)
{
    char text[80];
    char state[32] = "";

    core_desk_begin(&desk, "threads", "2");
    struct hb_core_wish wish = core_desk_wish(&desk, depth, true);
    assert_int_equal(kill(desk.target.pid, SIGKILL), 0);
    while (state[0] != 'Z') { /* it is gone, and its memory too */
        target_status(desk.target.pid, "State", state, sizeof(state));
    }
    fail_to_write(&wish);
    (void)snprintf(text, sizeof(text),
                   "cannot dump process %d: it ended meanwhile",
                   (int)desk.target.pid);
    assert_string_equal(err.text, text);
    assert_int_equal(core_desk_files(&desk), 0);
    hb_target_release(desk.stopped);
    desk.stopped = NULL;
    assert_int_equal(system_wait(&desk.target.child), 1000 + SIGKILL);
    desk.target.pid = 0;
}

static void a_process_that_ends_before_the_first_byte(void **state)
{
    (void)state;
    check_lost(HB_DUMP_SMALL);
}

static void a_process_that_ends_before_the_first_byte_of_all(void **state)
{
    (void)state;
    check_lost(HB_DUMP_WHOLE);
}

/* What this process has written so far. */
static uint64_t written(void)
{
    unsigned long long count = 0;
    FILE *file = fopen("/proc/self/io", "re");

    assert_non_null(file);
    assert_int_equal(fscanf(file, "rchar: %*u\nwchar: %llu", &count), 1);
    (void)fclose(file);
    return count;
}

static volatile uint64_t kill_at; /* so many bytes written */

static void *kill_in_the_middle(void *context)
{
    while (written() < kill_at) {
    }
    (void)kill(desk.target.pid, SIGKILL);
    return context;
}

/* It may be through before it is killed; then it is whole. */
static void a_process_that_ends_in_the_middle(void **state)
{
    (void)state;
    struct hb_core_made made;
    struct core_bytes core;
    pthread_t killer;

    for (uint64_t part = 0; part < 5; part++) {
        core_desk_begin(&desk, "memory", "0");
        struct hb_core_wish wish = core_desk_wish(&desk, HB_DUMP_WHOLE, false);
        kill_at = written() + (part << 20);
        assert_int_equal(
            pthread_create(&killer, NULL, kill_in_the_middle, NULL), 0);
        if (core_desk_try(&desk, &wish, &made, &err)) {
            core_bytes_read(desk.path, false, &core);
            core_bytes_free(&core);
        } else {
            assert_non_null(strstr(err.text, "it ended meanwhile"));
            assert_int_equal(core_desk_files(&desk), 0);
        }
        kill_at = 0;
        assert_int_equal(pthread_join(killer, NULL), 0);
        hb_target_release(desk.stopped);
        desk.stopped = NULL;
        assert_int_equal(system_wait(&desk.target.child), 1000 + SIGKILL);
        desk.target.pid = 0;
        core_desk_end(&desk);
    }
}

static void a_core_that_would_be_too_large(void **state)
{
    (void)state;
    core_desk_begin(&desk, "memory", "0");
    struct hb_core_wish wish = core_desk_wish(&desk, HB_DUMP_WHOLE, false);
    wish.size_max = 64 << 10;
    fail_to_write(&wish);
    assert_int_equal(err.os_code, EFBIG);
    assert_non_null(strstr(err.text, "it would be larger than 64 KiB"));
    assert_int_equal(core_desk_files(&desk), 0);
}

static void a_disk_that_others_need(void **state)
{
    (void)state;
    core_desk_begin(&desk, "threads", "1");
    struct hb_core_wish wish = core_desk_wish(&desk, HB_DUMP_SMALL, true);
    wish.disk_free = (uint64_t)1 << 60;
    fail_to_write(&wish);
    assert_int_equal(err.os_code, ENOSPC);
    assert_non_null(strstr(err.text, "of the disk would stay free"));
    assert_int_equal(core_desk_files(&desk), 0);
}

/* In a process of its own, which may not write that much. */
static void a_disk_that_is_full_in_the_middle(void **state)
{
    (void)state;
    int status = 0;

    core_desk_begin(&desk, "memory", "0");
    hb_target_release(desk.stopped);
    desk.stopped = NULL;
    pid_t pid = fork();
    if (pid == 0) {
        const struct rlimit little = { 1 << 20, 1 << 20 };
        struct sigaction ignore = { .sa_handler = SIG_IGN };
        struct hb_core_wish wish = core_desk_wish(&desk, HB_DUMP_WHOLE, false);
        struct hb_core_made made;

        (void)sigaction(SIGXFSZ, &ignore, NULL);
        (void)setrlimit(RLIMIT_FSIZE, &little);
        _exit(hb_target_stop(desk.target.pid, 10000, &desk.stopped, &err) &&
                      !core_desk_try(&desk, &wish, &made, &err) &&
                      err.os_code == EFBIG &&
                      strncmp(err.text, "cannot write '", 14) == 0
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(core_desk_files(&desk), 0);
    target_desk_ask(&desk.target, '.');
}

static void a_folder_that_is_not_there(void **state)
{
    (void)state;
    core_desk_begin(&desk, "threads", "1");
    struct hb_core_wish wish = core_desk_wish(&desk, HB_DUMP_SMALL, true);
    wish.path = "/nowhere/at/all/core";
    fail_to_write(&wish);
    assert_int_equal(err.os_code, ENOENT);
    assert_string_equal(err.text, "cannot write '/nowhere/at/all/core'");
}

static void remove_folder(void *context)
{
    (void)context;
    assert_int_equal(rmdir(desk.folder), 0);
}

static void a_folder_that_goes_away_meanwhile(void **state)
{
    (void)state;
    core_desk_begin(&desk, "memory", "0");
    struct hb_core_wish wish = core_desk_wish(&desk, HB_DUMP_WHOLE, false);
    wish.read_all = remove_folder;
    fail_to_write(&wish);
    assert_int_equal(err.os_code, ENOENT);
}

static void a_file_that_is_there_already(void **state)
{
    (void)state;
    core_desk_begin(&desk, "threads", "1");
    struct hb_core_wish wish = core_desk_wish(&desk, HB_DUMP_SMALL, false);
    system_write_file(desk.path, "mine", 4, false);
    fail_to_write(&wish);
    assert_int_equal(err.os_code, EEXIST);
    assert_int_equal(core_desk_files(&desk), 1);
}

static void a_time_that_is_over(void **state)
{
    (void)state;
    core_desk_begin(&desk, "memory", "0");
    struct hb_core_wish wish = core_desk_wish(&desk, HB_DUMP_WHOLE, true);
    wish.until_ms = 1;
    fail_to_write(&wish);
    assert_int_equal(err.os_code, ETIMEDOUT);
    assert_int_equal(core_desk_files(&desk), 0);
}

static void die(void *context)
{
    (void)context;
    (void)kill(getpid(), SIGKILL);
}

static void a_writer_that_is_killed(void **state)
{
    (void)state;
    int status = 0;

    core_desk_begin(&desk, "memory", "0");
    hb_target_release(desk.stopped);
    desk.stopped = NULL;
    pid_t pid = fork();
    if (pid == 0) {
        struct hb_core_wish wish = core_desk_wish(&desk, HB_DUMP_WHOLE, true);
        struct hb_core_made made;

        wish.read_all = die;
        (void)(hb_target_stop(desk.target.pid, 10000, &desk.stopped, &err) &&
               core_desk_try(&desk, &wish, &made, &err));
        _exit(1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(core_desk_files(&desk), 0);
    target_desk_ask(&desk.target, '.');
}

#define CASE(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_process_that_ends_before_the_first_byte),
        CASE(a_process_that_ends_before_the_first_byte_of_all),
        CASE(a_process_that_ends_in_the_middle),
        CASE(a_core_that_would_be_too_large),
        CASE(a_disk_that_others_need),
        CASE(a_disk_that_is_full_in_the_middle),
        CASE(a_folder_that_is_not_there),
        CASE(a_folder_that_goes_away_meanwhile),
        CASE(a_file_that_is_there_already),
        CASE(a_time_that_is_over),
        CASE(a_writer_that_is_killed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
