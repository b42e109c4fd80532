#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "collect.h"
#include "os/host.h"
#include "skip.h"
#include "system.h"

#define ROOM 32

static struct collect run;
static struct hb_thread_sample samples[ROOM];
static struct hb_dialog dialog;

static int end_run(void **state)
{
    (void)state;
    collect_free(&run);
    return 0;
}

/* Wine does not tell what a thread waits for, nor whether it runs. */
static void need_waits(void)
{
    struct hb_ability abilities[32];
    size_t count = hb_host_abilities(abilities, 32);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(abilities[i].name, "wait_channels") == 0 &&
            !abilities[i].available) {
            skip_because(abilities[i].detail);
        }
    }
}

/* Looks until at least `count` threads of the program itself wait for `wait`,
 * or run, as `thread_state` says; how many threads there are then. */
static size_t look_until(enum hb_thread_state thread_state,
                         enum hb_wait_kind wait, size_t count)
{
    need_waits();
    for (int i = 0; i < 2000; i++) {
        size_t all = hb_process_sample(run.process, samples, ROOM, &dialog);
        size_t found = 0;

        for (size_t j = 0; j < all; j++) {
            found += samples[j].pid == run.pid &&
                     samples[j].state == thread_state &&
                     samples[j].wait == wait;
        }
        if (found >= count) {
            return all;
        }
        system_sleep_ms(5);
    }
    fail_msg("never seen: state %d, wait %d; the first was %d, %d ('%s')",
             (int)thread_state, (int)wait, (int)samples[0].state,
             (int)samples[0].wait, samples[0].wait_name);
    return 0;
}

static void start(const char *const *words)
{
    collect_start(&run, words);
    collect_until_line(&run, "ready");
}

static void a_spinning_thread_runs_and_uses_time(void **state)
{
    (void)state;
    start(WORDS("spin"));
    (void)look_until(HB_THREAD_RUNNING, HB_WAIT_NONE, 1);
    uint64_t first = samples[0].cpu_us;

    while (samples[0].cpu_us < first + 5000) {
        assert_true(hb_process_sample(run.process, samples, ROOM, &dialog) > 0);
    }
}

static void a_blocked_read_waits_for_input(void **state)
{
    (void)state;
    system_silence_input();
    start(WORDS("read"));
    (void)look_until(HB_THREAD_WAITING, HB_WAIT_IO, 1);
}

static void a_sleeping_thread_waits_for_a_time(void **state)
{
    (void)state;
    start(WORDS("ready"));
    (void)look_until(HB_THREAD_WAITING, HB_WAIT_SLEEP, 1);
}

static void threads_in_a_deadlock_wait_for_locks(void **state)
{
    (void)state;
    start(WORDS("mutex"));
    assert_true(look_until(HB_THREAD_WAITING, HB_WAIT_LOCK, 2) >= 2);
    uint64_t last_us;

    do { /* the first thread may be on its way to wait for them */
        last_us = samples[0].cpu_us;
        assert_true(hb_process_sample(run.process, samples, ROOM, &dialog) > 0);
    } while (samples[0].cpu_us != last_us);
}

static void a_parent_waits_for_its_child_and_both_are_seen(void **state)
{
    (void)state;
    start(WORDS("inner", "ready", ""));
    size_t count = look_until(HB_THREAD_WAITING, HB_WAIT_CHILD, 1);
    bool child = false;

    assert_int_equal(samples[0].pid, run.pid); /* the program itself first */
    for (size_t i = 0; i < count; i++) {
        child = child || samples[i].pid != run.pid;
    }
    assert_true(child);
}

static void no_more_samples_than_there_is_room(void **state)
{
    (void)state;
    start(WORDS("mutex"));
    (void)look_until(HB_THREAD_WAITING, HB_WAIT_LOCK, 2);
    assert_int_equal(hb_process_sample(run.process, samples, 1, &dialog), 1);
    assert_int_equal(hb_process_sample(run.process, NULL, 0, &dialog), 0);
}

static void without_a_message_box_the_dialog_is_all_zero(void **state)
{
    (void)state;
    static const struct hb_dialog none;

    start(WORDS("ready"));
    memset(&dialog, 0x55, sizeof(dialog));
    (void)hb_process_sample(run.process, samples, ROOM, &dialog);
    assert_memory_equal(&dialog, &none, sizeof(none));
}

/* Uses far more of the processor than a sleeper does from now on. */
static void work(void)
{
    for (volatile unsigned i = 0; i < 100000000;) {
        i = i + 1;
    }
}

static void our_own_cpu_time_is_not_the_programs(void **state)
{
    (void)state;
    uint64_t first = 0;
    uint64_t now = 0;

    start(WORDS("ready"));
    assert_true(hb_process_cpu_us(run.process, &first));
    work();
    assert_true(hb_process_cpu_us(run.process, &now));
    assert_true(now < first + 20000);
}

static void after_the_end_there_is_nothing_to_see(void **state)
{
    (void)state;
    collect_run(&run, WORDS("exit", "0"));
    assert_int_equal(hb_process_sample(run.process, samples, ROOM, &dialog), 0);
}

#define CASE(name) cmocka_unit_test_teardown(name, end_run)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_spinning_thread_runs_and_uses_time),
        CASE(a_blocked_read_waits_for_input),
        CASE(a_sleeping_thread_waits_for_a_time),
        CASE(threads_in_a_deadlock_wait_for_locks),
        CASE(a_parent_waits_for_its_child_and_both_are_seen),
        CASE(no_more_samples_than_there_is_room),
        CASE(without_a_message_box_the_dialog_is_all_zero),
        CASE(our_own_cpu_time_is_not_the_programs),
        CASE(after_the_end_there_is_nothing_to_see),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
