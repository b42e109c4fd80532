#include "stack_desk.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "os/clock.h"
#include "os/linux/stat.h"

#define PATIENCE_MS 10000u

void stack_desk_start(struct stack_desk *desk, const char *program,
                      const char *const *words)
{
    const char *command[8] = { program };
    char said[16] = "";
    size_t size = 0;

    for (size_t i = 0; words[i] != NULL; i++) {
        assert_true(i + 2 < sizeof(command) / sizeof(command[0]));
        command[i + 1] = words[i];
    }
    system_start(command, 0, &desk->child);
    desk->pid = desk->child.pid;
    (void)snprintf(desk->pid_text, sizeof(desk->pid_text), "%u", desk->pid);
    while (size < strlen("ready\n")) {
        size_t got =
            system_read(desk->child.out, said + size, sizeof(said) - 1 - size);

        assert_int_not_equal(got, 0);
        size += got;
    }
    assert_string_equal(said, "ready\n");
}

/* How many of its threads have `text` in the file of that name. */
static size_t count_threads(uint32_t pid, const char *file, const char *text)
{
    char path[300];
    char found[512];
    size_t count = 0;

    (void)snprintf(path, sizeof(path), "/proc/%u/task", pid);
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        (void)snprintf(path, sizeof(path), "%u/task/%s/%s", pid, entry->d_name,
                       file);
        count += hb_proc_read(path, found, sizeof(found)) > 0 &&
                 strstr(found, text) != NULL;
    }
    (void)closedir(folder);
    return count;
}

static void await(const struct stack_desk *desk, const char *file,
                  const char *text, size_t count)
{
    uint64_t until_ms = hb_clock_ms() + PATIENCE_MS;

    while (count_threads(desk->pid, file, text) < count) {
        assert_true(hb_clock_ms() < until_ms);
        system_sleep_ms(1);
    }
}

void stack_desk_await_sleepers(const struct stack_desk *desk, size_t count)
{
    await(desk, "stat", ") S ", count);
}

void stack_desk_await_deadlock(const struct stack_desk *desk)
{
    await(desk, "syscall", " 0x80 0x2 ", 2); /* in futex(), for a mutex */
    await(desk, "syscall", " 0x109 ", 1);    /* in futex(), for a thread */
}

void stack_desk_await_zombie(const struct stack_desk *desk)
{
    await(desk, "stat", ") Z ", 1);
}

uint32_t stack_desk_tracer(const struct stack_desk *desk)
{
    char path[32];
    char text[4096];
    uint64_t tracer = 0;

    (void)snprintf(path, sizeof(path), "%u/status", desk->pid);
    assert_true(hb_proc_read(path, text, sizeof(text)) > 0);
    const char *at = strstr(text, "\nTracerPid:\t");
    assert_non_null(at);
    at += strlen("\nTracerPid:\t");
    assert_true(hb_proc_number(&at, &tracer));
    return (uint32_t)tracer;
}

void stack_desk_is_free(const struct stack_desk *desk)
{
    assert_int_equal(count_threads(desk->pid, "stat", ") t "), 0);
    assert_int_equal(count_threads(desk->pid, "stat", ") T "), 0);
    assert_int_equal(stack_desk_tracer(desk), 0);
}

static void close_streams(struct stack_desk *desk)
{
    system_close(&desk->child.in);
    system_close(&desk->child.out);
    system_close(&desk->child.err);
}

uint32_t stack_desk_end(struct stack_desk *desk)
{
    system_close(&desk->child.in);
    uint32_t status = system_wait(&desk->child);
    close_streams(desk);
    desk->pid = 0;
    return status;
}

void stack_desk_kill(struct stack_desk *desk)
{
    if (desk->pid != 0) {
        system_kill(desk->pid);
        (void)system_wait(&desk->child);
        close_streams(desk);
        desk->pid = 0;
    }
}
