/* What the helper uses is not the test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "collect.h"

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static struct collect run;

static uint64_t reaped_ms(void)
{
    struct rusage used = { 0 };

    assert_int_equal(getrusage(RUSAGE_CHILDREN, &used), 0);
    return (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000u +
           (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000u;
}

/* The helper works, the test sleeps: of what the system counts for both most
 * is the helper's. */
static void what_it_uses_is_not_the_tests(void **state)
{
    (void)state;
    struct hb_error err = { 0 };
    uint64_t all_ms;
    uint64_t cpu_us = 0;

    collect_start(&run, WORDS("ready"));
    collect_until_line(&run, "ready");
    collect_start_helper(&run, WORDS("flood", "100000000"));
    collect_until(&run, HB_EVENT_HELPER_ENDED);
    assert_true(hb_process_cpu_us(run.process, &cpu_us));
    assert_true(hb_process_kill(run.process, &err));
    collect_all(&run);
    all_ms = reaped_ms();
    assert_true(cpu_us / 1000 <= all_ms / 2);
    assert_true(run.resources.known);
    assert_true(run.resources.user_ms + run.resources.system_ms <= all_ms / 2);
    assert_true(run.resources.max_rss_kib > 0);
    collect_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_uses_is_not_the_tests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
