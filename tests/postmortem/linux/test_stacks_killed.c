/* The helper is killed at each of its steps: it is held at every system call
 * in turn, before and after, and ended there. */
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "stack_desk.h"

/* So many of its steps are tried, evenly spread. */
#define TRIES 20u

static struct stack_desk desk;
static char folder[200];

static int begin(void **state)
{
    (void)state;
    system_make_folder(folder, sizeof(folder));
    return 0;
}

static int end(void **state)
{
    (void)state;
    stack_desk_kill(&desk);
    return rmdir(folder);
}

/* Waits for its next stop; false if it has ended. */
static bool await_stop(pid_t pid)
{
    int status = 0;

    assert_int_equal(waitpid(pid, &status, __WALL), pid);
    return WIFSTOPPED(status);
}

static const char *const stacks[] = {
    POSTMORTEM_PATH, "--pid", desk.pid_text, "--stacks", "--locks",
    "--samples",     "2",     "--gap-ms",    "0",        NULL
};
static const char *const dumps[] = { POSTMORTEM_PATH, "--pid", desk.pid_text,
                                     "--dump",        "both",  "--folder",
                                     folder,          NULL };

/* The helper, held at its first instruction. */
static pid_t start_helper(const char *const *words)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        (void)!freopen("/dev/null", "w", stdout);
        (void)execv(words[0], (char *const *)words);
        _exit(127);
    }
    assert_true(await_stop(pid));
    return pid;
}

/* Lets it go on to the `step`th stop at a system call and kills it there;
 * returns the steps that it made, fewer if it ended before. */
static unsigned kill_at(const char *const *words, unsigned step)
{
    pid_t pid = start_helper(words);
    unsigned made = 0;

    while (made < step) {
        assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
        if (!await_stop(pid)) {
            return made;
        }
        made++;
    }
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_false(await_stop(pid));
    return made;
}

/* Removes what is in the folder; whatever has its name is a whole dump. */
static unsigned take_dumps(void)
{
    unsigned count = 0;
    char path[512];
    DIR *list = opendir(folder);

    assert_non_null(list);
    for (struct dirent *entry; (entry = readdir(list)) != NULL;) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (strstr(entry->d_name, ".part") != NULL) {
            fail_msg("'%s' was left", path);
        }
        TOLD_RUN("--file", path, "--stacks", "--limit-ms", "60000");
        told_is("stacks", 0, "captured", "");
        told_free();
        assert_int_equal(unlink(path), 0);
        count++;
    }
    (void)closedir(list);
    return count;
}

/* Tries that left none, one and two dumps. */
static unsigned seen[3];

static void kill_at_each_step(const char *const *words, unsigned whole)
{
    STACK_DESK_START(&desk, STACK_TARGET_PATH, "abba");
    stack_desk_await_deadlock(&desk);
    unsigned steps = kill_at(words, ~0u);
    assert_int_equal(take_dumps(), whole);
    memset(seen, 0, sizeof(seen));
    for (unsigned i = 0; i < TRIES; i++) {
        (void)kill_at(words, 1 + (unsigned)((uint64_t)steps * i / TRIES));
        stack_desk_is_free(&desk);
        unsigned count = take_dumps();
        assert_in_range(count, 0, 2);
        seen[count]++;
    }
}

static void at_each_step_to_the_stacks_it_leaves_the_target_free(void **state)
{
    (void)state;
    kill_at_each_step(stacks, 0);
}

static void at_each_step_to_the_dumps_it_leaves_whole_dumps_alone(void **state)
{
    (void)state;
    kill_at_each_step(dumps, 2);
    assert_true(seen[0] > 0 && seen[1] > 0); /* it was killed in between */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            at_each_step_to_the_stacks_it_leaves_the_target_free, begin, end),
        cmocka_unit_test_setup_teardown(
            at_each_step_to_the_dumps_it_leaves_whole_dumps_alone, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
