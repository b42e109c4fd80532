#include "os/linux/crash_roles.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hbtest/hbtest.h>

static int *volatile nowhere = NULL;

static void begin(void)
{
    struct rlimit none = { 0, 0 };

    (void)setrlimit(RLIMIT_CORE, &none); /* nothing is to be left anywhere */
    (void)hbtest_start();
}

static int role_fault(void)
{
    begin();
    *nowhere = 1;
    return 0;
}

static int role_abort(void)
{
    begin();
    abort();
}

static int role_breakpoint(void)
{
    begin();
    __asm__ volatile("int3");
    return 9; /* the signal was lost */
}

static int role_raise(void)
{
    begin();
    (void)raise(SIGBUS);
    return 9;
}

static unsigned deeper(unsigned level)
{
    volatile char room[4096];

    room[level % sizeof(room)] = (char)level;
    if (level < 1000000000u) {
        level = deeper(level + 1);
    }
    return level + (unsigned)room[level % sizeof(room)];
}

static void *fill_the_stack(void *argument)
{
    (void)argument;
    (void)deeper(0);
    return NULL;
}

static int role_overflow(void)
{
    begin();
    return (int)deeper(0);
}

static int role_thread_overflow(void)
{
    pthread_t thread;

    begin();
    if (pthread_create(&thread, NULL, fill_the_stack, NULL) == 0) {
        (void)pthread_join(thread, NULL);
    }
    return 9;
}

static pthread_barrier_t together;

static void *write_together(void *argument)
{
    (void)pthread_barrier_wait(&together);
    *nowhere = 1;
    return argument;
}

static int role_crowd(void)
{
    pthread_t thread;

    begin();
    (void)pthread_barrier_init(&together, NULL, 9);
    for (int i = 0; i < 8; i++) {
        (void)pthread_create(&thread, NULL, write_together, NULL);
    }
    (void)write_together(NULL);
    return 9;
}

static size_t count_mappings(void)
{
    FILE *file = fopen("/proc/self/maps", "r");
    size_t lines = 0;

    for (int c = 0; file != NULL && (c = fgetc(file)) != EOF;) {
        lines += c == '\n';
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return lines;
}

static void *do_nothing(void *argument)
{
    return argument;
}

static void run_threads(int count)
{
    pthread_t thread;

    for (int i = 0; i < count; i++) {
        if (pthread_create(&thread, NULL, do_nothing, NULL) == 0) {
            (void)pthread_join(thread, NULL);
        }
    }
}

static int role_many_threads(void)
{
    begin();
    run_threads(4);
    size_t before = count_mappings();
    run_threads(500);
    return count_mappings() < before + 100 ? 0 : 9;
}

static void leave(int number)
{
    (void)number;
    _exit(7);
}

static int role_own_handler_before(void)
{
    struct sigaction action = { .sa_handler = leave };

    (void)sigaction(SIGSEGV, &action, NULL);
    return role_fault();
}

static int role_own_handler_after(void)
{
    struct sigaction action = { .sa_handler = leave };

    begin();
    (void)sigaction(SIGSEGV, &action, NULL);
    *nowhere = 1;
    return 0;
}

static int role_ignored(void)
{
    struct sigaction action = { .sa_handler = SIG_IGN };

    (void)sigaction(SIGTRAP, &action, NULL);
    begin();
    (void)raise(SIGTRAP);
    return 5;
}

static int role_child(void)
{
    int status = 0;

    begin();
    pid_t child = fork();
    if (child == 0) {
        *nowhere = 1;
    }
    (void)waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 99;
}

static const struct {
    const char *name;
    int (*run)(void);
} roles[] = {
    { "fault", role_fault },
    { "abort", role_abort },
    { "breakpoint", role_breakpoint },
    { "raise", role_raise },
    { "overflow", role_overflow },
    { "thread-overflow", role_thread_overflow },
    { "crowd", role_crowd },
    { "many-threads", role_many_threads },
    { "own-handler-before", role_own_handler_before },
    { "own-handler-after", role_own_handler_after },
    { "ignored", role_ignored },
    { "child", role_child },
};

int crash_role(const char *name)
{
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        if (strcmp(roles[i].name, name) == 0) {
            return roles[i].run();
        }
    }
    return 98;
}
