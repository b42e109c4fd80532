/* What is said of a machine, and how much of it is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/machine.h"
#include "os/machine.h"

static struct hb_machine machine;
static struct hb_run_header header;
static struct hb_result result;
static struct hb_supervisor supervisor;

static int begin(void **state)
{
    (void)state;
    hb_machine_clear(&machine);
    memset(&header, 0, sizeof(header));
    memset(&result, 0, sizeof(result));
    memset(&supervisor, 0, sizeof(supervisor));
    header.host.cpus = 2;
    result.header = &header;
    result.machine = &machine;
    result.verdict = HB_VERDICT_HANG;
    result.pid = 100;
    return 0;
}

static void expect_story(const char *wanted)
{
    struct hb_buffer out = { 0 };

    hb_machine_describe(&result, &out);
    assert_string_equal(out.bytes != NULL ? out.bytes : "", wanted);
    hb_buffer_free(&out);
}

static void a_machine_that_is_well_or_unknown_is_not_told_of(void **state)
{
    (void)state;
    expect_story("");
    machine.memory_total_kib = 1000 * 1024;
    machine.memory_available_kib = 60 * 1024;
    machine.limit_memory_kib = 1000;
    machine.limit_used_kib = 900;
    machine.limit_kill_count = 0;
    machine.load_1m_percent = 599;
    machine.handle_total = 800;
    machine.handle_limit = 1024;
    machine.pressure_count = 1;
    (void)hb_text_copy(machine.pressures[0].name, 20, "memory");
    machine.pressures[0].some_10s_permille = 99;
    expect_story("");
}

static void what_is_short_is_told(void **state)
{
    (void)state;
    machine.memory_total_kib = 1000 * 1024;
    machine.memory_available_kib = 49 * 1024;
    expect_story("49 of 1000 MiB memory available");
    machine.memory_available_kib = HB_NOT_KNOWN;
    machine.limit_memory_kib = 200 * 1024;
    machine.limit_used_kib = 199 * 1024;
    machine.limit_kill_count = 2;
    expect_story("the container uses 199 of the 200 MiB that it may, the "
                 "kernel has ended 2 of the container's processes for want of "
                 "memory since it began");
}

static void who_waits_is_told(void **state)
{
    (void)state;
    machine.load_1m_percent = 650;
    machine.launcher_ran_ms = 20;
    machine.launcher_waited_ms = 1500;
    machine.pressure_count = 2;
    (void)hb_text_copy(machine.pressures[0].name, 20, "container-cpu");
    machine.pressures[0].some_10s_permille = 873;
    (void)hb_text_copy(machine.pressures[1].name, 20, "io");
    machine.pressures[1].some_10s_permille = 399;
    expect_story("tasks waited for container-cpu in 87 % of the last 10 s, "
                 "load 6 on 2 processors, the launcher itself waited 1500 ms "
                 "for a processor");
}

static void what_runs_full_is_told(void **state)
{
    (void)state;
    machine.space_count = 1;
    (void)hb_text_copy(machine.spaces[0].path, 20, "/tmp");
    machine.spaces[0].free_kib = 5 * 1024;
    machine.handle_total = 1000;
    machine.handle_limit = 1024;
    expect_story("5 MiB free on the disk of '/tmp', the test has 1000 of 1024 "
                 "descriptors open");
}

static void it_does_not_matter_to_a_test_that_failed(void **state)
{
    (void)state;
    machine.load_1m_percent = 100000;
    result.verdict = HB_VERDICT_FAIL;
    expect_story("");
    assert_false(hb_machine_matters(&result));
    result.verdict = HB_VERDICT_CRASH;
    assert_true(hb_machine_matters(&result));
    result.machine = NULL;
    assert_false(hb_machine_matters(&result));
}

static bool wanted(enum hb_exit_kind kind, uint32_t value)
{
    result.machine = NULL;
    result.ended = true;
    result.exit = (struct hb_exit){ .kind = kind, .value = value };
    return hb_machine_wanted(&result, &supervisor);
}

static void it_is_wanted_of_what_may_have_died(void **state)
{
    (void)state;
    assert_true(wanted(HB_EXIT_SIGNAL, 11));
    assert_true(wanted(HB_EXIT_NTSTATUS, 0xC0000005u));
    assert_false(wanted(HB_EXIT_CODE, 0));
    assert_false(wanted(HB_EXIT_CODE, 1));
    result.attached = true;
    assert_true(wanted(HB_EXIT_CODE, 0));
    supervisor.complete[HB_SOURCE_RECORDER] = true;
    assert_false(wanted(HB_EXIT_CODE, 0));
    assert_true(wanted(HB_EXIT_SIGNAL, 9));
    (void)hb_text_copy(result.interrupted_by, 8, "SIGINT");
    assert_false(wanted(HB_EXIT_SIGNAL, 9));
}

static void the_largest_and_the_busiest_are_kept(void **state)
{
    struct hb_busy busy = { 0 };

    (void)state;
    for (uint64_t i = 1; i <= 20; i++) {
        struct hb_busy_process process = {
            .pid = i,
            .rss_kib = i * 100,
            .cpu_ms = i == 3 ? 900 : 20 - i,
            .age_ms = 1000,
        };

        hb_busy_tell(&busy, &process);
    }
    hb_busy_finish(&busy, &machine);
    assert_int_equal(machine.process_count, 10);
    assert_int_equal(machine.processes[0].pid, 20);
    assert_int_equal(machine.processes[4].pid, 16);
    assert_int_equal(machine.processes[5].pid, 3);
    assert_int_equal(machine.processes[6].pid, 1);
}

static void one_that_is_both_is_kept_once(void **state)
{
    struct hb_busy busy = { 0 };
    struct hb_busy_process process = { .pid = 7, .cpu_ms = 9, .age_ms = 10 };

    (void)state;
    hb_busy_tell(&busy, &process);
    hb_busy_finish(&busy, &machine);
    assert_int_equal(machine.process_count, 1);
}

static void handles_with_the_worst_of_names_are_bounded(void **state)
{
    struct hb_open_handle handle = { .number = 1 };
    size_t used = 0;

    (void)state;
    memset(handle.name, '\x01', sizeof(handle.name) - 1);
    for (int i = 0; i < 1000; i++) {
        hb_machine_keep_handle(&machine, &handle, &used);
    }
    assert_in_range(machine.handle_count, 30, 40);
    assert_string_equal(machine.handles_missing, "only the first are listed");
}

static void only_so_many_handles_are_kept(void **state)
{
    struct hb_open_handle handle = { .number = 1 };
    size_t used = 0;

    (void)state;
    for (size_t i = 0; i < HB_HANDLES_MAX; i++) {
        hb_machine_keep_handle(&machine, &handle, &used);
    }
    assert_int_equal(machine.handle_count, HB_HANDLES_MAX);
    assert_string_equal(machine.handles_missing, "");
    hb_machine_keep_handle(&machine, &handle, &used);
    assert_int_equal(machine.handle_count, HB_HANDLES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_machine_that_is_well_or_unknown_is_not_told_of,
                               begin),
        cmocka_unit_test_setup(what_is_short_is_told, begin),
        cmocka_unit_test_setup(who_waits_is_told, begin),
        cmocka_unit_test_setup(what_runs_full_is_told, begin),
        cmocka_unit_test_setup(it_does_not_matter_to_a_test_that_failed, begin),
        cmocka_unit_test_setup(it_is_wanted_of_what_may_have_died, begin),
        cmocka_unit_test_setup(the_largest_and_the_busiest_are_kept, begin),
        cmocka_unit_test_setup(one_that_is_both_is_kept_once, begin),
        cmocka_unit_test_setup(handles_with_the_worst_of_names_are_bounded,
                               begin),
        cmocka_unit_test_setup(only_so_many_handles_are_kept, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
