/* What is read of the kernel's files, from recorded ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "folder.h"
#include "os/file.h"
#include "os/linux/machine.h"

static struct hb_machine machine;

#define GROUP "/sys/fs/cgroup/ci/job"

static const char *const folders[] = {
    "/proc",   "/proc/self",     "/proc/pressure",    "/sys",
    "/sys/fs", "/sys/fs/cgroup", "/sys/fs/cgroup/ci", GROUP,
};

static const struct {
    const char *path;
    const char *text;
} files[] = {
    { "/proc/loadavg", "12.34 0.50 100.00 3/512 4711\n" },
    { "/proc/meminfo", "MemTotal:       16314960 kB\n"
                       "MemFree:          331096 kB\n"
                       "MemAvailable:    9063580 kB\n"
                       "SwapCached:            0 kB\n"
                       "SwapTotal:       2097148 kB\n"
                       "SwapFree:              0 kB\n" },
    { "/proc/pressure/cpu",
      "some avg10=50.09 avg60=4.55 avg300=1.00 total=123\n" },
    { "/proc/pressure/memory",
      "some avg10=0.00 avg60=12.30 avg300=1.00 total=123\n"
      "full avg10=100.00 avg60=0.99 avg300=0.00 total=9\n" },
    { "/proc/self/cgroup", "5:cpu:/other\n0::/ci/job\n" },
    { "/proc/self/schedstat", "123456789 4000000000 17\n" },
    { GROUP "/memory.max", "max\n" },
    { GROUP "/memory.current", "1024\n" },
    { GROUP "/cpu.max", "max 100000\n" },
    { GROUP "/io.pressure", "some avg10=1.50 avg60=0 avg300=0 total=1\n" },
    { "/sys/fs/cgroup/ci/memory.max", "1073741824\n" },
    { "/sys/fs/cgroup/ci/memory.current", "1072693248\n" },
    { "/sys/fs/cgroup/ci/memory.events",
      "low 0\nhigh 1\nmax 44\noom 3\noom_kill 2\noom_group_kill 0\n" },
    { "/sys/fs/cgroup/ci/cpu.max", "150000 100000\n" },
    { "/sys/fs/cgroup/ci/cpu.stat",
      "usage_usec 5\nnr_throttled 9\nthrottled_usec 2500000\n" },
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static int make_files(void **state)
{
    struct hb_error err = { 0 };

    if (folder_make(state) != 0) {
        return -1;
    }
    for (size_t i = 0; i < COUNT(folders); i++) {
        if (mkdir(in_folder(folders[i] + 1), 0700) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < COUNT(files); i++) {
        if (!hb_file_replace(in_folder(files[i].path + 1), files[i].text,
                             strlen(files[i].text), &err)) {
            return -1;
        }
    }
    return 0;
}

static int remove_files(void **state)
{
    for (size_t i = 0; i < COUNT(files); i++) {
        hb_file_remove(in_folder(files[i].path + 1));
    }
    for (size_t i = COUNT(folders); i > 0; i--) {
        hb_folder_remove(in_folder(folders[i - 1] + 1));
    }
    return folder_remove(state);
}

static int begin(void **state)
{
    (void)state;
    hb_machine_clear(&machine);
    return 0;
}

static void put(const char *path, const char *text)
{
    struct hb_error err = { 0 };

    assert_true(hb_file_replace(in_folder(path + 1), text, strlen(text), &err));
}

static void load_and_memory_are_read(void **state)
{
    (void)state;
    hb_machine_read_numbers(folder_path(), &machine);
    assert_int_equal(machine.load_1m_percent, 1234);
    assert_int_equal(machine.load_5m_percent, 50);
    assert_int_equal(machine.load_15m_percent, 10000);
    assert_int_equal(machine.memory_total_kib, 16314960);
    assert_int_equal(machine.memory_available_kib, 9063580);
    assert_int_equal(machine.swap_total_kib, 2097148);
    assert_int_equal(machine.swap_free_kib, 0);
    assert_int_equal(machine.launcher_ran_ms, 123);
    assert_int_equal(machine.launcher_waited_ms, 4000);
}

static void pressure_is_read_line_by_line(void **state)
{
    (void)state;
    hb_machine_read_numbers(folder_path(), &machine);
    assert_int_equal(machine.pressure_count, 3); /* there is none of io */
    assert_string_equal(machine.pressures[0].name, "cpu");
    assert_int_equal(machine.pressures[0].some_10s_permille, 500);
    assert_int_equal(machine.pressures[0].some_60s_permille, 45);
    assert_true(machine.pressures[0].full_10s_permille == HB_NOT_KNOWN);
    assert_int_equal(machine.pressures[1].some_10s_permille, 0);
    assert_int_equal(machine.pressures[1].some_60s_permille, 123);
    assert_int_equal(machine.pressures[1].full_10s_permille, 1000);
    assert_int_equal(machine.pressures[1].full_60s_permille, 9);
    assert_string_equal(machine.pressures[2].name, "container-io");
    assert_int_equal(machine.pressures[2].some_10s_permille, 15);
}

static void the_limit_of_a_group_above_counts(void **state)
{
    (void)state;
    hb_machine_read_numbers(folder_path(), &machine);
    assert_int_equal(machine.limit_memory_kib, 1024 * 1024);
    assert_int_equal(machine.limit_used_kib, 1023 * 1024);
    assert_true(machine.limit_peak_kib == HB_NOT_KNOWN);
    assert_int_equal(machine.limit_hit_count, 44);
    assert_int_equal(machine.limit_kill_count, 2);
    assert_int_equal(machine.limit_cpu_percent, 150);
    assert_int_equal(machine.limit_throttled_ms, 2500);
}

/* As it is within a container. */
static void the_group_at_the_root_counts_as_well(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/memory.max", "2048\n");
    hb_machine_read_numbers(folder_path(), &machine);
    hb_file_remove(in_folder("sys/fs/cgroup/memory.max"));
    put("/proc/self/cgroup", "5:cpu:/other\n0::/ci/job\n");
    assert_int_equal(machine.limit_memory_kib, 2);
}

static void what_is_no_such_text_is_not_known(void **state)
{
    (void)state;
    put("/proc/loadavg", "nonsense 99999999999999999999.9 .\n");
    put("/sys/fs/cgroup/ci/cpu.max", "100000 0\n");
    put("/proc/self/schedstat", "1\n");
    hb_machine_read_numbers(folder_path(), &machine);
    assert_true(machine.load_1m_percent == HB_NOT_KNOWN);
    assert_true(machine.load_5m_percent == HB_NOT_KNOWN);
    assert_true(machine.limit_cpu_percent == HB_NOT_KNOWN);
    assert_true(machine.launcher_ran_ms == HB_NOT_KNOWN);
}

static void a_system_that_tells_nothing_is_not_known(void **state)
{
    (void)state;
    hb_machine_read_numbers("/no/such/root", &machine);
    assert_true(machine.memory_total_kib == HB_NOT_KNOWN);
    assert_int_equal(machine.pressure_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(load_and_memory_are_read, begin),
        cmocka_unit_test_setup(pressure_is_read_line_by_line, begin),
        cmocka_unit_test_setup(the_limit_of_a_group_above_counts, begin),
        cmocka_unit_test_setup(the_group_at_the_root_counts_as_well, begin),
        cmocka_unit_test_setup(what_is_no_such_text_is_not_known, begin),
        cmocka_unit_test_setup(a_system_that_tells_nothing_is_not_known, begin),
    };

    return cmocka_run_group_tests(tests, make_files, remove_files);
}
