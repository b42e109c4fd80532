/* Linux alone: a program that links nothing of ours is held as it leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <linux/capability.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "collect.h"
#include "os/door.h"
#include "os/linux/hold.h"

#define FOR_EVER_MS 600000u

static struct collect run;

static int end_run(void **state)
{
    (void)state;
    collect_free(&run);
    return 0;
}

static void start(const char *script, uint32_t hold_ms)
{
    struct hb_process_spec spec = { .hold_exit = true, .hold_ms = hold_ms };

    collect_start_command(&run, WORDS("sh", "-c", script), spec);
    if (hb_process_hold_warning(run.process) != NULL &&
        strstr(hb_process_hold_warning(run.process), "not held") != NULL) {
        print_message("skip: %s\n", hb_process_hold_warning(run.process));
        skip();
    }
}

/* Takes events until it stands at the door. */
static struct hb_leaving await_leaving(void)
{
    struct hb_event event = { 0 };
    struct hb_error err = { 0 };

    while (event.kind != HB_EVENT_LEAVING) {
        assert_true(hb_process_next(run.process, UINT64_MAX, &event, &err));
        assert_int_not_equal(event.kind, HB_EVENT_EXIT);
        if (event.kind == HB_EVENT_OUTPUT) {
            memcpy(run.output[event.stream] + run.kept[event.stream],
                   event.bytes, event.size);
            run.kept[event.stream] += event.size;
        }
    }
    assert_int_equal(event.leaving.pid, run.pid);
    return event.leaving;
}

static bool has_ended(void)
{
    siginfo_t ended = { 0 };

    assert_int_equal(
        waitid(P_PID, run.pid, &ended, WEXITED | WNOHANG | WNOWAIT), 0);
    return ended.si_pid != 0;
}

static void expect_leaving(const char *script, unsigned kind, uint32_t value)
{
    start(script, FOR_EVER_MS);
    struct hb_leaving leaving = await_leaving();

    assert_false(has_ended());
    assert_int_equal(leaving.tid, run.pid);
    assert_int_equal(leaving.kind, kind);
    assert_int_equal(leaving.value, value);
    hb_process_let_leave(run.process);
    collect_all(&run);
    assert_int_equal(run.exit.kind,
                     kind == HB_LEAVING_CODE ? HB_EXIT_CODE : HB_EXIT_SIGNAL);
    assert_int_equal(run.exit.value, value);
}

static void an_exit_waits_until_it_may_go_on(void **state)
{
    (void)state;
    expect_leaving("exit 3", HB_LEAVING_CODE, 3);
}

static void a_kill_of_itself_waits_too(void **state)
{
    (void)state;
    expect_leaving("kill -9 $$", HB_LEAVING_SIGNAL, 9);
    collect_free(&run);
    expect_leaving("kill -TERM $$", HB_LEAVING_SIGNAL, 15);
}

static void signals_that_end_nobody_pass(void **state)
{
    (void)state;
    expect_leaving("trap : USR1; trap '' HUP; kill -0 $$; kill -CHLD $$; "
                   "kill -USR1 $$; kill -HUP $$; exit 6",
                   HB_LEAVING_CODE, 6);
}

static void descendants_go_as_they_like(void **state)
{
    (void)state;
    expect_leaving("(exit 4); a=$?; sh -c 'kill -9 $$'; "
                   "echo through $a $?; exit 5",
                   HB_LEAVING_CODE, 5);
    assert_non_null(strstr(run.output[HB_STDOUT], "through 4 137\n"));
}

/* Whoever looks at its registers interrupts the call, which then begins
 * anew. */
static void who_is_stopped_meanwhile_is_still_held(void **state)
{
    int status = 0;

    (void)state;
    start("exit 3", FOR_EVER_MS);
    (void)await_leaving();
    for (int i = 0; i < 100; i++) {
        assert_int_equal(ptrace(PTRACE_SEIZE, run.pid, NULL, NULL), 0);
        assert_int_equal(ptrace(PTRACE_INTERRUPT, run.pid, NULL, NULL), 0);
        assert_int_equal(waitpid((pid_t)run.pid, &status, __WALL), run.pid);
        assert_true(WIFSTOPPED(status));
        assert_int_equal(ptrace(PTRACE_DETACH, run.pid, NULL, NULL), 0);
    }
    assert_false(has_ended());
    hb_process_let_leave(run.process);
    collect_all(&run);
    assert_int_equal(run.exit.value, 3);
}

static void who_is_let_go_before_is_not_held(void **state)
{
    (void)state;
    start("read -r line; exit 3", FOR_EVER_MS);
    hb_process_let_leave(run.process);
    collect_all(&run);
    assert_int_equal(run.exit.kind, HB_EXIT_CODE);
}

static void nobody_is_held_for_ever(void **state)
{
    (void)state;
    start("exit 3", 30);
    collect_all(&run);
    assert_int_equal(run.exit.value, 3);
}

static void who_is_held_can_be_killed(void **state)
{
    struct hb_error err = { 0 };

    (void)state;
    start("exit 3", FOR_EVER_MS);
    (void)await_leaving();
    assert_true(hb_process_kill(run.process, &err));
    collect_all(&run);
    assert_int_equal(run.exit.kind, HB_EXIT_SIGNAL);
}

static void a_start_that_fails_is_told_as_ever(void **state)
{
    const char *const command[] = { "/no/such/program", NULL };
    struct hb_process_spec spec = {
        .command = command, .count = 1, .hold_exit = true, .hold_ms = 1000
    };
    struct hb_error err = { 0 };
    uint32_t pid = 0;

    (void)state;
    assert_true(hb_process_prepare(&spec, &run.process, &err));
    assert_false(hb_process_start(run.process, &pid, &err));
    assert_int_equal(err.code, HB_ERR_NOT_FOUND);
}

/* In a process of its own, which says how it went: */

static void in_a_child(int (*play)(void))
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        _exit(play());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static bool starts_with_warning(const char *warning)
{
    const char *const command[] = { "true", NULL };
    struct hb_process_spec spec = {
        .command = command, .count = 1, .hold_exit = true, .hold_ms = 1000
    };
    struct hb_error err = { 0 };
    uint32_t pid = 0;
    const char *said = NULL;

    if (hb_process_prepare(&spec, &run.process, &err) &&
        hb_process_start(run.process, &pid, &err)) {
        said = hb_process_hold_warning(run.process);
    }
    hb_process_free(run.process);
    return said != NULL && strstr(said, warning) != NULL;
}

static int play_without_rights(void)
{
    struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct none[2] = { { 0 } };

    return syscall(SYS_capset, &head, none) == 0 &&
                   starts_with_warning("no_new_privs")
               ? 0
               : 1;
}

static void who_has_no_rights_says_what_that_costs(void **state)
{
    (void)state;
    in_a_child(play_without_rights);
}

static int play_within_another(void)
{
    const char *why = NULL;
    struct hb_hold *outer = hb_hold_open(1000, &why);

    if (outer == NULL) {
        return 2;
    }
    hb_hold_let_go(outer);
    hb_hold_child(outer);
    (void)hb_hold_started(outer);
    return starts_with_warning("another seccomp listener") ? 0 : 1;
}

static void within_another_nobody_is_held(void **state)
{
    (void)state;
    in_a_child(play_within_another);
}

#define CASE(name) cmocka_unit_test_teardown(name, end_run)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_exit_waits_until_it_may_go_on),
        CASE(a_kill_of_itself_waits_too),
        CASE(signals_that_end_nobody_pass),
        CASE(descendants_go_as_they_like),
        CASE(who_is_stopped_meanwhile_is_still_held),
        CASE(who_is_let_go_before_is_not_held),
        CASE(nobody_is_held_for_ever),
        CASE(who_is_held_can_be_killed),
        CASE(a_start_that_fails_is_told_as_ever),
        cmocka_unit_test(who_has_no_rights_says_what_that_costs),
        cmocka_unit_test(within_another_nobody_is_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
