#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/samples.h"
#include "golden/golden.h"
#include "report/stacks.h"

#define DEADLOCK 9u

static void stacks_read_as_the_golden_file(void **state)
{
    struct sample sample;
    struct hb_buffer out = { 0 };

    (void)state;
    sample_make(&sample, DEADLOCK);
    hb_stacks_write(&sample.result, &out);
    assert_false(out.failed);
    golden_check(sample.name, "stacks", &out);
    hb_buffer_free(&out);
}

static void threads_in_the_same_place_are_told_once(void **state)
{
    struct sample sample;
    struct hb_buffer out = { 0 };

    (void)state;
    sample_make(&sample, DEADLOCK);
    hb_stacks_write(&sample.result, &out);
    assert_non_null(strstr(out.bytes,
                           "thread 5003 \"pool-0\", 5004 \"pool-1\", "
                           "5005 (3 threads in the same place)"));
    assert_null(strstr(out.bytes, "\x1b"));
    hb_buffer_free(&out);
}

static void a_run_without_stacks_is_no_trouble(void **state)
{
    struct sample sample;
    struct hb_buffer out = { 0 };

    (void)state;
    sample_empty(&sample, "none");
    hb_stacks_write(&sample.result, &out);
    assert_false(out.failed);
    hb_buffer_free(&out);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stacks_read_as_the_golden_file),
        cmocka_unit_test(threads_in_the_same_place_are_told_once),
        cmocka_unit_test(a_run_without_stacks_is_no_trouble),
    };

    golden_start(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
