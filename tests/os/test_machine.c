#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "folder.h"
#include "os/file.h"
#include "os/machine.h"
#include "system.h"

static struct hb_machine machine;

static void the_machine_has_memory_disks_and_processes(void **state)
{
    bool ours = false;

    (void)state;
    hb_machine_read(folder_path(), 0, &machine);
    assert_in_range(machine.memory_total_kib, 16 * 1024, UINT64_C(1) << 40);
    assert_true(machine.memory_available_kib <= machine.memory_total_kib);
    assert_int_equal(machine.space_count, 2);
    assert_string_equal(machine.spaces[0].name, "artifacts");
    assert_string_equal(machine.spaces[0].path, folder_path());
    assert_true(machine.spaces[0].free_kib <= machine.spaces[0].total_kib);
    assert_string_equal(machine.spaces[1].name, "temp");
    assert_true(machine.process_count > 0);
    for (size_t i = 0; i < machine.process_count; i++) {
        assert_true(machine.processes[i].pid != 0);
        ours = ours || machine.processes[i].rss_kib > 0;
    }
    assert_true(ours || system_is_windows); /* Wine tells 0 */
    assert_true(machine.handle_total == HB_NOT_KNOWN);
    assert_int_equal(machine.handle_count, 0);
}

static const struct hb_open_handle *find_handle(const char *part)
{
    for (size_t i = 0; i < machine.handle_count; i++) {
        if (strstr(machine.handles[i].name, part) != NULL) {
            return &machine.handles[i];
        }
    }
    return NULL;
}

static void an_open_file_is_listed_with_its_name(void **state)
{
    struct hb_appender *file = NULL;
    struct hb_error err = { 0 };
    const struct hb_open_handle *found;

    (void)state;
    assert_true(hb_appender_open(in_folder("held-open"), &file, &err));
    hb_machine_read(folder_path(), system_pid(), &machine);
    hb_appender_close(file);
    assert_int_equal(machine.handle_pid, system_pid());
    assert_true(machine.handle_total != HB_NOT_KNOWN &&
                machine.handle_total >= machine.handle_count);
    found = find_handle("held-open");
    assert_non_null(found);
    assert_string_equal(found->type, system_is_windows ? "File" : "file");
    hb_machine_read(folder_path(), system_pid(), &machine);
    assert_null(find_handle("held-open"));
    hb_file_remove(in_folder("held-open"));
}

/* Who asks a pipe for its name while somebody reads it may wait for ever. */
static void
a_process_that_waits_at_a_pipe_is_looked_at_all_the_same(void **state)
{
    const char *command[] = { OS_CHILD_PATH, "cat", NULL };
    struct system_child child;

    (void)state;
    system_start(command, 0, &child);
    for (int i = 0; i < 5; i++) { /* it may not have come to read yet */
        hb_machine_read(folder_path(), child.pid, &machine);
        assert_int_equal(machine.handle_pid, child.pid);
        assert_true(machine.handle_total != HB_NOT_KNOWN);
    }
    system_kill(child.pid);
    (void)system_wait(&child);
    system_close(&child.in);
    system_close(&child.out);
    system_close(&child.err);
}

static void of_a_process_that_is_gone_the_reason_is_told(void **state)
{
    (void)state;
    hb_machine_read(folder_path(), 0x7ffffff0u, &machine);
    assert_int_equal(machine.handle_count, 0);
    assert_string_not_equal(machine.handles_missing, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_machine_has_memory_disks_and_processes),
        cmocka_unit_test(an_open_file_is_listed_with_its_name),
        cmocka_unit_test(
            a_process_that_waits_at_a_pipe_is_looked_at_all_the_same),
        cmocka_unit_test(of_a_process_that_is_gone_the_reason_is_told),
    };

    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
