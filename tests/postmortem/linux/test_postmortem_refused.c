/* Why a process cannot be stopped, in words. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "target_desk.h"

#define NOBODY 65534u

static struct target_desk desk;

static void start(const char *word)
{
    target_desk_start(&desk, word, "1");
}

static int end_desk(void **state)
{
    (void)state;
    target_desk_end(&desk);
    return 0;
}

/* The reason, as a process that first does `become` hears it. */
static void refusal(bool (*become)(void), pid_t pid, struct hb_error *out_err)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct hb_target *target = NULL;
        struct hb_error err = { 0 };

        if (!become()) {
            (void)hb_fail(&err, HB_ERR_USAGE, 0, "cannot become so");
        } else if (hb_target_stop(pid, 100, &target, &err)) {
            hb_target_release(target);
        }
        _exit(write(ends[1], &err, sizeof(err)) == sizeof(err) ? 0 : 1);
    }
    assert_int_equal(read(ends[0], out_err, sizeof(*out_err)),
                     sizeof(*out_err));
    (void)close(ends[0]);
    (void)close(ends[1]);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static bool nothing(void)
{
    return true;
}

static bool another_user(void)
{
    return geteuid() != 0 || (setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
}

static void a_process_that_is_not_there_is_named(void **state)
{
    (void)state;
    struct hb_error err = { 0 };

    refusal(nothing, 0x3ffffff, &err);
    assert_string_equal(err.text,
                        "cannot stop process 67108863: there is none");
}

static void a_process_that_has_ended_is_named(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    siginfo_t info;
    char text[80];

    pid_t pid = fork();
    if (pid == 0) {
        _exit(0);
    }
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    refusal(nothing, pid, &err);
    (void)snprintf(text, sizeof(text), "cannot stop process %d: it has ended",
                   (int)pid);
    assert_string_equal(err.text, text);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void who_traces_it_is_named(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    char text[96];

    start("threads");
    assert_int_equal(ptrace(PTRACE_SEIZE, desk.pid, 0, 0), 0);
    refusal(nothing, desk.pid, &err);
    (void)snprintf(text, sizeof(text), "is traced by process %d ('test_post",
                   (int)getpid());
    assert_non_null(strstr(err.text, text));
    assert_int_equal(ptrace(PTRACE_INTERRUPT, desk.pid, 0, 0), 0);
    assert_int_equal(waitpid(desk.pid, NULL, __WALL), desk.pid);
    assert_int_equal(ptrace(PTRACE_DETACH, desk.pid, 0, 0), 0);
}

static void the_user_is_named(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    pid_t pid = 1;

    if (geteuid() == 0) {
        start("threads");
        pid = desk.pid;
    }
    refusal(another_user, pid, &err);
    assert_non_null(strstr(err.text, "it runs as user 0, we as"));
    assert_non_null(strstr(err.text, "without CAP_SYS_PTRACE"));
}

/* Of our own user, and not to be read: a program that holds a secret. */
static void a_process_that_is_not_dumpable_is_named(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    int told[2];
    char byte = 0;

    assert_int_equal(pipe(told), 0);
    pid_t pid = fork();
    if (pid == 0) {
        (void)(another_user() && prctl(PR_SET_DUMPABLE, 0) == 0 &&
               write(told[1], "x", 1) == 1 && pause());
        _exit(0);
    }
    assert_int_equal(read(told[0], &byte, 1), 1);
    refusal(another_user, pid, &err);
    assert_true(strstr(err.text, "or no right to read its program's file") !=
                    NULL ||
                strstr(err.text, "Yama") != NULL ||
                strstr(err.text, "runs as user 0") != NULL);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    (void)close(told[0]);
    (void)close(told[1]);
}

static void a_process_that_has_no_thread_to_stop_is_named(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    char text[32] = "";

    start("all-held");
    while (text[0] != 'D') {
        target_status(desk.pid, "State", text, sizeof(text));
    }
    refusal(nothing, desk.pid, &err);
    assert_non_null(strstr(err.text, "no thread of it stopped within 100 ms"));
    assert_non_null(strstr(err.text, "(state D)"));
}

/* Ends the process as soon as somebody traces it; many threads, so that this
 * is before all of them are. */
static pid_t start_killer(void)
{
    pid_t killer = fork();

    assert_true(killer >= 0);
    if (killer == 0) {
        while (target_status_number(desk.pid, "TracerPid") == 0) {
        }
        (void)kill(desk.pid, SIGKILL);
        _exit(0);
    }
    return killer;
}

static void one_that_is_killed_meanwhile_has_ended(void **state)
{
    (void)state;

    for (int i = 0; i < 10; i++) {
        struct hb_target *target = NULL;
        struct hb_error err = { 0 };

        target_desk_start(&desk, "threads", "300");
        pid_t killer = start_killer();
        if (hb_target_stop(desk.pid, 3000, &target, &err)) {
            hb_target_release(target);
        } else if (strstr(err.text, "it has ended") == NULL) {
            fail_msg("%s", err.text);
        }
        (void)kill(killer, SIGKILL); /* it may have come too late */
        (void)kill(desk.pid, SIGKILL);
        assert_int_equal(waitpid(killer, NULL, 0), killer);
        assert_int_equal(system_wait(&desk.child), 1000 + SIGKILL);
        desk.pid = 0;
    }
}

#define CASE(name) cmocka_unit_test_teardown(name, end_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_process_that_is_not_there_is_named),
        CASE(a_process_that_has_ended_is_named),
        CASE(who_traces_it_is_named),
        CASE(the_user_is_named),
        CASE(a_process_that_is_not_dumpable_is_named),
        CASE(a_process_that_has_no_thread_to_stop_is_named),
        CASE(one_that_is_killed_meanwhile_has_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
