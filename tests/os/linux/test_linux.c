/* Promises of launcher/os/ that only Linux can keep or break. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "collect.h"
#include "folder.h"
#include "os/clock.h"
#include "os/console.h"
#include "os/file.h"
#include "skip.h"
#include "system.h"

static struct collect run;
static int end_run(void **state)
{
    (void)state;
    collect_free(&run);
    return 0;
}

static void expect_mode(const char *path, mode_t mode)
{
    struct stat about;

    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, mode);
}

static void files_and_folders_are_private_whatever_the_umask(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    struct hb_log *log = NULL;
    mode_t before = umask(0);

    assert_true(hb_folder_make(in_folder("d"), &err));
    expect_mode(in_folder("d"), 0700);
    assert_true(hb_file_replace(in_folder("d/f"), "x", 1, &err));
    expect_mode(in_folder("d/f"), 0600);
    assert_true(hb_log_open(in_folder("d/l"), 10, &log, &err));
    expect_mode(in_folder("d/l"), 0600);
    assert_true(hb_log_close(log, &err));
    (void)umask(before);
    hb_file_remove(in_folder("d/f"));
    hb_file_remove(in_folder("d/l"));
    hb_folder_remove(in_folder("d"));
}

static void each_signal_is_told_from_an_exit_code(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t value;
    } signals[] = {
        { "1", 1 }, { "6", 6 }, { "9", 9 }, { "11", 11 }, { "15", 15 }
    };

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        collect_run(&run, WORDS("signal", signals[i].text));
        assert_int_equal(run.exit.kind, HB_EXIT_SIGNAL);
        assert_int_equal(run.exit.value, signals[i].value);
        collect_free(&run);
    }
}

static void a_daemon_comes_back_with_its_true_status(void **state)
{
    (void)state;
    bool seen = false;

    collect_run(&run, WORDS("daemon", "42"));
    while (hb_process_tree(run.process, NULL, 0) > 0 || run.end_count == 0) {
        collect_until(&run, HB_EVENT_CHILD_EXIT);
    }
    collect_now(&run);
    for (size_t i = 0; i < run.end_count; i++) {
        seen = seen || (run.ends[i].exit.kind == HB_EXIT_CODE &&
                        run.ends[i].exit.value == 42);
    }
    assert_true(seen);
    assert_true(run.child_count > 0);
}

static void
a_daemon_in_a_session_of_its_own_is_killed_with_the_rest(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    struct hb_tree_process left[4];

    collect_start_command(
        &run,
        WORDS("/bin/sh", "-c",
              "setsid sh -c 'exec sleep 60 >/dev/null 2>&1' & exit 0"),
        (struct hb_process_spec){ .recorder = true });
    collect_until(&run, HB_EVENT_EXIT);
    assert_int_equal(hb_process_tree(run.process, left, 4), 1);
    assert_true(hb_process_kill(run.process, &err));
    assert_false(system_is_alive(left[0].pid));
}

static void a_datagram_comes_with_its_sender(void **state)
{
    (void)state;
    collect_run(&run, WORDS("notify", "READY=1\nSTATUS=x"));
    assert_int_equal(run.exit.value, 0);
    collect_now(&run);
    assert_string_equal(run.notify, "READY=1\nSTATUS=x");
    assert_int_equal(run.notify_pid, run.pid);
}

static void a_stopped_program_is_seen_as_stopped_and_can_be_killed(void **state)
{
    (void)state;
    struct hb_thread_sample sample = { 0 };
    struct hb_dialog dialog;
    struct hb_error err = { 0 };

    collect_start(&run, WORDS("stop"));
    while (sample.state != HB_THREAD_STOPPED) {
        assert_true(hb_process_sample(run.process, &sample, 1, &dialog) > 0);
        assert_int_not_equal(sample.state, HB_THREAD_DEAD);
    }
    assert_true(hb_process_stop(run.process, &err));
    collect_all(&run);
    assert_int_equal(run.exit.kind, HB_EXIT_SIGNAL);
    assert_int_equal(run.exit.value, SIGTERM);
}

/* Looks until the program is in that state, or, if `is` is false, is not. */
static void await_state(enum hb_thread_state wanted, bool is)
{
    struct hb_thread_sample sample = { 0 };
    struct hb_dialog dialog;

    do {
        assert_true(hb_process_sample(run.process, &sample, 1, &dialog) > 0);
        assert_int_not_equal(sample.state, HB_THREAD_DEAD);
    } while ((sample.state == wanted) != is);
}

/* Another process, which holds the program until it is killed. */
static pid_t start_debugger(pid_t target)
{
    int ready[2];
    char byte = 0;

    assert_int_equal(pipe(ready), 0);
    pid_t debugger = fork();
    if (debugger == 0) {
        bool holds = ptrace(PTRACE_SEIZE, target, NULL, NULL) == 0 &&
                     ptrace(PTRACE_INTERRUPT, target, NULL, NULL) == 0;

        (void)!write(ready[1], holds ? "y" : "n", 1);
        for (;;) {
            (void)pause();
        }
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    (void)close(ready[0]);
    (void)close(ready[1]);
    if (byte != 'y') {
        (void)kill(debugger, SIGKILL);
        skip_because("ptrace is not allowed here");
    }
    return debugger;
}

static void a_program_that_a_debugger_holds_is_seen_as_traced(void **state)
{
    (void)state;

    collect_start(&run, WORDS("ready"));
    collect_until_line(&run, "ready");
    pid_t debugger = start_debugger((pid_t)run.pid);
    await_state(HB_THREAD_TRACED, true);
    assert_int_equal(kill(debugger, SIGKILL), 0);
    await_state(HB_THREAD_TRACED, false);
}

static void a_program_that_has_itself_traced_goes_on(void **state)
{
    (void)state;

    collect_run(&run, WORDS("trace-me"));
    assert_int_equal(run.exit.kind, HB_EXIT_SIGNAL);
    assert_int_equal(run.exit.value, SIGUSR1);
    collect_free(&run);
    collect_run(&run, WORDS("trace-me", "exec"));
    assert_string_equal(run.output[HB_STDOUT], "1\n");
    assert_int_equal(run.exit.kind, HB_EXIT_CODE);
}

static void expect_request(int signal, const char *name)
{
    struct hb_event event = { 0 };
    struct hb_error err = { 0 };

    assert_int_equal(kill(getpid(), signal), 0);
    assert_true(hb_process_next(run.process, UINT64_MAX, &event, &err));
    assert_int_equal(event.kind, HB_EVENT_STOP_REQUEST);
    assert_int_equal(event.signal, signal);
    assert_string_equal(event.signal_name, name);
    assert_int_equal(event.pid, getpid());
}

static void requests_to_stop_come_with_name_and_sender(void **state)
{
    (void)state;
    collect_start(&run, WORDS("ready"));
    collect_until_line(&run, "ready");
    expect_request(SIGTERM, "SIGTERM");
    expect_request(SIGINT, "SIGINT");
    expect_request(SIGHUP, "SIGHUP");
    expect_request(SIGQUIT, "SIGQUIT");
}

static void the_same_request_twice_at_once_is_one(void **state)
{
    (void)state;
    struct hb_event event = { 0 };
    struct hb_error err = { 0 };

    collect_start(&run, WORDS("ready"));
    collect_until_line(&run, "ready");
    expect_request(SIGTERM, "SIGTERM");
    assert_int_equal(kill(getpid(), SIGTERM), 0);
    assert_true(hb_process_next(run.process, hb_clock_ms() + 20, &event, &err));
    assert_int_equal(event.kind, HB_EVENT_NONE);
}

static void the_flags_of_our_own_stdout_are_left_alone(void **state)
{
    (void)state;
    int ends[2];
    int before = dup(STDOUT_FILENO);

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
    int flags = fcntl(ends[1], F_GETFL);
    collect_run(&run, WORDS("flood", "60000"));
    assert_int_equal(dup2(before, STDOUT_FILENO), STDOUT_FILENO);
    assert_int_equal(fcntl(ends[1], F_GETFL), flags);
    (void)close(before);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

/* How a child of ours ends that runs `end`. */
static int ended_by(void (*end)(void))
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        end();
        _exit(99);
    }
    assert_true(waitpid(pid, &status, 0) == pid);
    return status;
}

static void die_of_segv(void)
{
    hb_console_die(SIGSEGV);
}

static void die_of_something_harmless(void)
{
    hb_console_die(SIGCHLD);
}

static void become_true(void)
{
    struct hb_error err;

    (void)hb_console_become(WORDS("/bin/sh", "-c", "exit 21"), 3, &err);
}

/* As hbtest-launch does for a program that it only passes through. */
static void become_a_crash_under_the_guard(void)
{
    struct hb_error err;

    (void)hb_guard_start(&err);
    (void)hb_console_become(WORDS(collect_child_path(), "signal", "11"), 3,
                            &err);
}

static void become_nothing(void)
{
    struct hb_error err = { 0 };

    bool ok = hb_console_become(WORDS("no-such-program"), 1, &err);
    _exit(!ok && err.code == HB_ERR_NOT_FOUND ? 33 : 34);
}

static void our_own_end_is_exact_and_leaves_no_core(void **state)
{
    (void)state;
    int status = ended_by(die_of_segv);

    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    assert_false(WCOREDUMP(status));
    assert_int_equal(WEXITSTATUS(ended_by(die_of_something_harmless)),
                     128 + SIGCHLD);
    assert_int_equal(WEXITSTATUS(ended_by(become_true)), 21);
    assert_int_equal(WEXITSTATUS(ended_by(become_nothing)), 33);
    status = ended_by(become_a_crash_under_the_guard);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

#define CASE(name) cmocka_unit_test_teardown(name, end_run)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(files_and_folders_are_private_whatever_the_umask),
        CASE(each_signal_is_told_from_an_exit_code),
        CASE(a_daemon_comes_back_with_its_true_status),
        CASE(a_daemon_in_a_session_of_its_own_is_killed_with_the_rest),
        CASE(a_datagram_comes_with_its_sender),
        CASE(a_stopped_program_is_seen_as_stopped_and_can_be_killed),
        CASE(a_program_that_a_debugger_holds_is_seen_as_traced),
        CASE(a_program_that_has_itself_traced_goes_on),
        CASE(requests_to_stop_come_with_name_and_sender),
        CASE(the_same_request_twice_at_once_is_one),
        CASE(the_flags_of_our_own_stdout_are_left_alone),
        CASE(our_own_end_is_exact_and_leaves_no_core),
    };

    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
