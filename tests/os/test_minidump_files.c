/*
 * Dumps that other programs wrote. They are not ours to ship: without the
 * folder HB_DUMPS the test says so and is skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/minidump.h"
#include "core/status.h"
#include "os/file.h"
#include "os/reader.h"

static struct hb_reader *reader;
static struct hb_minidump_source source;

static bool read_reader(void *context, uint64_t at, void *bytes, size_t size)
{
    return hb_reader_read(context, at, bytes, size);
}

static bool open_file(const char *name, struct hb_minidump *out_dump)
{
    char path[1024];
    struct hb_error err = { 0 };

    (void)snprintf(path, sizeof(path), HB_DUMPS "/%s", name);
    assert_true(hb_reader_open(path, &reader, &err));
    source = (struct hb_minidump_source){ .size = hb_reader_size(reader),
                                          .read = read_reader,
                                          .context = reader };
    return hb_minidump_open(&source, out_dump, &err);
}

static int close_file(void **state)
{
    (void)state;
    hb_reader_close(reader);
    reader = NULL;
    return 0;
}

static void open_good(const char *name, struct hb_minidump *out_dump)
{
    struct hb_error err = { 0 };

    assert_true(open_file(name, out_dump));
    if (!hb_minidump_check(out_dump, &err)) {
        fail_msg("%s: %s", name, err.text);
    }
}

static bool is_good(const char *name)
{
    struct hb_minidump dump;
    struct hb_error err = { 0 };
    bool ok = open_file(name, &dump) && hb_minidump_check(&dump, &err);

    (void)close_file(NULL);
    return ok;
}

static void broken_files_are_refused(void **state)
{
    (void)state;
    assert_false(is_good("invalid-range.dmp"));
    assert_false(is_good("invalid-record-count.dmp"));
}

static void whole_files_are_good(void **state)
{
    (void)state;
    assert_true(is_good("null_write_av.dmp"));
    assert_true(is_good("stack_exhaustion.dmp"));
    assert_true(is_good("thread_name_list.dmp"));
    assert_true(is_good("tiny-exe-fastfail.dmp"));
    assert_true(is_good("tiny-exe-with-cet-xsave.dmp"));
}

static void a_fast_fail_tells_its_subcode(void **state)
{
    (void)state;
    struct hb_minidump dump;
    struct hb_minidump_exception found;
    struct hb_minidump_module module;

    open_good("tiny-exe-fastfail.dmp", &dump);
    assert_true(hb_minidump_exception(&dump, &found));
    assert_int_equal(found.code, 0xC0000409);
    assert_true(found.parameter_count >= 1);
    assert_string_equal(hb_fast_fail_name((uint32_t)found.parameters[0]),
                        "FATAL_APP_EXIT");
    assert_true(hb_minidump_module(&dump, 0, &module));
    assert_non_null(strstr(module.path, ".exe"));
    assert_int_equal(strspn(module.id, "0123456789ABCDEF"), strlen(module.id));
    assert_true(strlen(module.id) > 32);
}

static void a_stack_overflow_is_told(void **state)
{
    (void)state;
    struct hb_minidump dump;
    struct hb_minidump_exception found;
    struct hb_minidump_registers registers;
    unsigned char byte = 0;

    open_good("stack_exhaustion.dmp", &dump);
    assert_true(hb_minidump_exception(&dump, &found));
    assert_int_equal(found.code, 0xC00000FD);
    assert_true(hb_minidump_registers(&dump, &found.context, &registers));
    assert_true(registers.instruction == found.address);
    assert_int_equal(hb_minidump_memory(&dump, registers.stack, &byte, 1), 1);
}

static void an_access_violation_tells_how(void **state)
{
    (void)state;
    struct hb_minidump dump;
    struct hb_minidump_exception found;

    open_good("null_write_av.dmp", &dump);
    assert_true(hb_minidump_exception(&dump, &found));
    assert_int_equal(found.code, 0xC0000005);
    assert_int_equal(found.parameter_count, 2);
    assert_int_equal(found.parameters[0], 1); /* a write */
}

static void threads_have_names(void **state)
{
    (void)state;
    struct hb_minidump dump;
    struct hb_minidump_thread thread;
    bool any = false;

    open_good("thread_name_list.dmp", &dump);
    for (uint32_t i = 0; hb_minidump_thread(&dump, i, &thread); i++) {
        any = any || thread.name[0] != '\0';
    }
    assert_true(any);
}

static void a_dump_without_an_exception_has_none(void **state)
{
    (void)state;
    struct hb_minidump dump;
    struct hb_minidump_exception found;

    open_good("tiny-exe-with-cet-xsave.dmp", &dump);
    assert_false(hb_minidump_exception(&dump, &found));
    assert_true(hb_minidump_thread_count(&dump) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_files_are_refused),
        cmocka_unit_test(whole_files_are_good),
        cmocka_unit_test_teardown(a_fast_fail_tells_its_subcode, close_file),
        cmocka_unit_test_teardown(a_stack_overflow_is_told, close_file),
        cmocka_unit_test_teardown(an_access_violation_tells_how, close_file),
        cmocka_unit_test_teardown(threads_have_names, close_file),
        cmocka_unit_test_teardown(a_dump_without_an_exception_has_none,
                                  close_file),
    };

    if (!hb_file_exists(HB_DUMPS "/tiny-exe-fastfail.dmp")) {
        (void)printf("skipped: no dumps in " HB_DUMPS "\n");
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
