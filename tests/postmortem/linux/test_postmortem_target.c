/* A living process that is stopped for a moment: see target.h. */
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "postmortem/linux/maps.h"
#include "target_desk.h"

static struct target_desk desk;
static struct hb_target *target;

static int end_desk(void **state)
{
    (void)state;
    hb_target_release(target);
    target = NULL;
    if (desk.pid != 0) { /* a case that failed */
        (void)kill(desk.pid, SIGKILL);
        (void)system_wait(&desk.child);
    }
    memset(&desk, 0, sizeof(desk));
    return 0;
}

static void start(const char *word, const char *count)
{
    target_desk_start(&desk, word, count);
}

static void stop(void)
{
    target = target_desk_stop(&desk);
}

static void release(void)
{
    hb_target_release(target);
    target = NULL;
}

static void every_thread_stops_with_its_name_and_registers(void **state)
{
    (void)state;
    struct hb_maps maps = { 0 };
    struct hb_error err = { 0 };

    start("threads", "4");
    stop();
    assert_int_equal(hb_target_count(target), 5);
    assert_true(hb_maps_read(desk.pid, &maps, &err));
    for (size_t i = 0; i < 5; i++) {
        const struct hb_target_thread *thread = hb_target_thread(target, i);
        char name[32];

        (void)snprintf(name, sizeof(name),
                       i == 0 ? "target_child" : "worker-%u", (unsigned)i - 1);
        assert_string_equal(thread->name, name);
        assert_true(thread->has_registers);
        assert_int_equal(thread->stop_signal, 0);
        assert_true(thread->state == 'S' || thread->state == 'R');
        const struct hb_mapping *code =
            hb_maps_find(&maps, thread->registers.rip);
        assert_true(code != NULL && code->executable);
        const struct hb_mapping *stack =
            hb_maps_find(&maps, thread->registers.rsp);
        assert_true(stack != NULL && stack->writable);
    }
    assert_int_equal(hb_target_thread(target, 0)->tid, desk.pid);
    hb_maps_free(&maps);
}

static void a_thread_has_its_extended_registers_while_it_stands(void **state)
{
    (void)state;
    char bytes[65536];

    start("threads", "1");
    stop();
    assert_int_equal(hb_target_registers(target, 1, 2 /* NT_PRFPREG */, bytes,
                                         sizeof(bytes)),
                     512);
    assert_true(hb_target_registers(target, 1, 0x202 /* NT_X86_XSTATE */, bytes,
                                    sizeof(bytes)) > 512);
    assert_int_equal(hb_target_pause_us(target), 0);
    hb_target_go_on(target);
    assert_true(hb_target_pause_us(target) > 0);
    assert_int_equal(hb_target_registers(target, 1, 2, bytes, sizeof(bytes)),
                     0);
    assert_int_equal(hb_target_count(target), 2);
}

static void the_target_goes_on_and_nobody_traces_it(void **state)
{
    (void)state;
    start("threads", "4");
    stop();
    assert_int_equal(target_status_number(desk.pid, "TracerPid"), getpid());
    release();
    assert_int_equal(target_status_number(desk.pid, "TracerPid"), 0);
    for (int i = 0; i < 4; i++) {
        target_desk_ask(&desk, 'o');
    }
    target_desk_end(&desk);
}

static void memory_holds_still_and_moves_again(void **state)
{
    (void)state;
    start("spin", "3");
    for (int i = 0; i < 20; i++) {
        stop();
        uint64_t turns = target_desk_facts(&desk).turns;
        for (int look = 0; look < 1000; look++) {
            assert_int_equal(target_desk_facts(&desk).turns, turns);
        }
        release();
        while (target_desk_facts(&desk).turns == turns) {
        }
    }
    target_desk_end(&desk);
}

static void threads_that_are_born_meanwhile_are_stopped_too(void **state)
{
    (void)state;
    start("births", "2");
    for (int i = 0; i < 50; i++) {
        size_t alive = 0;

        stop();
        uint64_t turns = target_desk_facts(&desk).turns;
        for (size_t at = 0; at < hb_target_count(target); at++) {
            alive += hb_target_thread(target, at)->has_registers;
        }
        /* Of those that ended in the meantime, some are not buried yet. */
        assert_true(target_status_number(desk.pid, "Threads") <=
                    hb_target_count(target));
        assert_true(alive >= 3);
        assert_int_equal(target_desk_facts(&desk).turns, turns);
        release();
    }
    target_desk_end(&desk);
}

static void a_second_stop_is_as_good_as_the_first(void **state)
{
    (void)state;
    start("threads", "200");
    for (int i = 0; i < 3; i++) {
        stop();
        assert_int_equal(hb_target_count(target), 201);
        assert_true(hb_target_thread(target, 200)->has_registers);
        release();
    }
    target_desk_ask(&desk, '.');
    target_desk_end(&desk);
}

static void a_leader_that_has_ended_hides_no_thread(void **state)
{
    (void)state;
    struct hb_maps maps = { 0 };
    struct hb_error err = { 0 };
    char text[32] = "";

    start("leaderless", "1");
    while (text[0] != 'Z') {
        target_status(desk.pid, "State", text, sizeof(text));
    }
    stop();
    assert_int_equal(hb_target_count(target), 2);
    assert_int_equal(hb_target_thread(target, 0)->tid, desk.pid);
    assert_int_equal(hb_target_thread(target, 0)->state, 'Z');
    assert_false(hb_target_thread(target, 0)->has_registers);
    const struct hb_target_thread *living = hb_target_thread(target, 1);
    assert_true(living->has_registers);
    assert_true(hb_maps_read(living->tid, &maps, &err));
    assert_non_null(hb_maps_find(&maps, living->registers.rip));
    hb_maps_free(&maps);
    release();
    target_desk_ask(&desk, '.');
    target_desk_end(&desk);
}

/* Runs `act` in a process of its own, which ends without a word. */
static void act_elsewhere(void (*act)(void))
{
    int status = 0;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        act();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void stop_and_leave(void)
{
    struct hb_error err = { 0 };

    if (!hb_target_stop(desk.pid, 10000, &target, &err)) {
        _exit(1);
    }
}

static void our_own_death_lets_the_target_go_on(void **state)
{
    (void)state;
    start("threads", "4");
    act_elsewhere(stop_and_leave);
    assert_int_equal(target_status_number(desk.pid, "TracerPid"), 0);
    for (int i = 0; i < 4; i++) {
        target_desk_ask(&desk, 'o');
    }
    target_desk_end(&desk);
}

/* Until the second thread of the target is held. */
static void await_uninterruptible(void)
{
    char path[40];
    char text[32] = "";
    uint64_t tid = 0;

    (void)snprintf(path, sizeof(path), "/proc/%d/task", (int)desk.pid);
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        (void)hb_parse_u64(entry->d_name, &tid); /* the last one is it */
    }
    (void)closedir(folder);
    while (text[0] != 'D') {
        target_status((pid_t)tid, "State", text, sizeof(text));
    }
}

/* 1, 2: a bare status says which expectation broke. */
static void stop_the_unstoppable(void)
{
    struct hb_error err = { 0 };

    if (!hb_target_stop(desk.pid, 100, &target, &err)) {
        _exit(1);
    }
    const struct hb_target_thread *held = hb_target_thread(target, 1);
    if (hb_target_count(target) != 2 || held->has_registers ||
        held->state != 'D') {
        _exit(2);
    }
    hb_target_release(target);
    if (!hb_target_stop(desk.pid, 100, &target, &err)) { /* once more */
        _exit(3);
    }
}

static void a_thread_that_cannot_be_stopped_is_left_out(void **state)
{
    (void)state;
    start("held", "1");
    await_uninterruptible();
    act_elsewhere(stop_the_unstoppable);
    target_desk_ask(&desk, 'o');
    while (target_desk_facts(&desk).turns == 0) { /* it is let go */
    }
    target_desk_end(&desk);
}

#define CASE(name) cmocka_unit_test_teardown(name, end_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_thread_stops_with_its_name_and_registers),
        CASE(a_thread_has_its_extended_registers_while_it_stands),
        CASE(the_target_goes_on_and_nobody_traces_it),
        CASE(memory_holds_still_and_moves_again),
        CASE(threads_that_are_born_meanwhile_are_stopped_too),
        CASE(a_second_stop_is_as_good_as_the_first),
        CASE(a_leader_that_has_ended_hides_no_thread),
        CASE(our_own_death_lets_the_target_go_on),
        CASE(a_thread_that_cannot_be_stopped_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
