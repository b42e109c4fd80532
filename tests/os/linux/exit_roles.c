#include "os/linux/exit_roles.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hbtest/hbtest.h>

static int role_returns(void)
{
    (void)hbtest_start();
    return 5;
}

static int role_exit(void)
{
    (void)hbtest_start();
    exit(5);
}

static int role_exit_now(void)
{
    (void)hbtest_start();
    _exit(5);
}

static int role_exit_now_as_c_has_it(void)
{
    (void)hbtest_start();
    _Exit(5);
}

static int role_quick_exit(void)
{
    (void)hbtest_start();
    quick_exit(5);
}

static int role_kill(void)
{
    (void)hbtest_start();
    (void)kill(getpid(), SIGKILL);
    return 9;
}

static int role_raise(void)
{
    (void)hbtest_start();
    (void)raise(SIGTERM);
    return 9;
}

static void *leave(void *argument)
{
    (void)argument;
    exit(5);
}

static int role_thread(void)
{
    pthread_t thread;

    (void)hbtest_start();
    (void)pthread_create(&thread, NULL, leave, NULL);
    (void)pthread_join(thread, NULL);
    return 9;
}

static pthread_barrier_t together;

static void *leave_together(void *argument)
{
    (void)argument;
    (void)pthread_barrier_wait(&together);
    _exit(5);
}

static int role_crowd(void)
{
    pthread_t thread;

    (void)hbtest_start();
    (void)pthread_barrier_init(&together, NULL, 9);
    for (int i = 0; i < 8; i++) {
        (void)pthread_create(&thread, NULL, leave_together, NULL);
    }
    (void)leave_together(NULL);
    return 9;
}

/* Those below are not held. */

static int role_done(void)
{
    (void)hbtest_start();
    hbtest_case_begin("suite", "case");
    hbtest_goodbye(0);
    _exit(5);
}

static int role_done_and_returns(void)
{
    (void)hbtest_start();
    hbtest_goodbye(0);
    return 5;
}

static int role_done_and_begins_again(void)
{
    (void)hbtest_start();
    hbtest_goodbye(0);
    hbtest_case_begin("suite", "case");
    _exit(5);
}

static int await(pid_t child)
{
    int status = 0;

    (void)waitpid(child, &status, 0);
    hbtest_goodbye(0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

static int role_forked(void)
{
    (void)hbtest_start();
    pid_t child = fork();
    if (child == 0) {
        _exit(5);
    }
    return await(child);
}

static int role_forked_exit(void)
{
    (void)hbtest_start();
    pid_t child = fork();
    if (child == 0) {
        exit(5);
    }
    return await(child);
}

static int role_forked_and_spoke(void)
{
    (void)hbtest_start();
    pid_t child = fork();
    if (child == 0) {
        hbtest_note("child");
        _exit(5);
    }
    return await(child);
}

static int role_forked_kill(void)
{
    (void)hbtest_start();
    pid_t child = fork();
    if (child == 0) {
        (void)kill(getpid(), SIGKILL);
    }
    return await(child) == 109 ? 5 : 9;
}

static int role_vforked(void)
{
    (void)hbtest_start();
    pid_t child = vfork();
    if (child == 0) {
        _exit(5);
    }
    return await(child);
}

static void get_over_it(int number)
{
    (void)number;
}

/* Signals that do not end the program. */
static int role_survives(void)
{
    struct sigaction action = { .sa_handler = get_over_it };
    sigset_t term;

    (void)hbtest_start();
    (void)kill(getpid(), 0);
    (void)raise(SIGCHLD);
    (void)sigaction(SIGUSR1, &action, NULL);
    (void)raise(SIGUSR1);
    (void)kill(getpid(), SIGUSR1);
    (void)sigemptyset(&term);
    (void)sigaddset(&term, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &term, NULL);
    (void)raise(SIGTERM);
    hbtest_goodbye(0);
    return 5;
}

static int role_not_started(void)
{
    _exit(5);
}

static const struct {
    const char *name;
    int (*run)(void);
} roles[] = {
    { "returns", role_returns },
    { "exit", role_exit },
    { "_exit", role_exit_now },
    { "_Exit", role_exit_now_as_c_has_it },
    { "quick_exit", role_quick_exit },
    { "kill", role_kill },
    { "raise", role_raise },
    { "thread", role_thread },
    { "crowd", role_crowd },
    { "done", role_done },
    { "done-and-returns", role_done_and_returns },
    { "done-and-begins-again", role_done_and_begins_again },
    { "forked", role_forked },
    { "forked-exit", role_forked_exit },
    { "forked-and-spoke", role_forked_and_spoke },
    { "forked-kill", role_forked_kill },
    { "vforked", role_vforked },
    { "survives", role_survives },
    { "not-started", role_not_started },
};

int exit_role(const char *name)
{
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        if (strcmp(roles[i].name, name) == 0) {
            return roles[i].run();
        }
    }
    return 98;
}
