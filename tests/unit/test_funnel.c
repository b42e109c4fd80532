/* The timeline on a disk that is full for a while, or for good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/fake_os.h"
#include "run/funnel.h"

#define ALWAYS 1000000

static const struct hb_run_header header = { .name = "x", .cwd = "/" };

static struct hb_appender *timeline;
static struct hb_funnel funnel;

static int begin(void **state)
{
    struct hb_error err = { 0 };

    (void)state;
    fake_os_reset();
    assert_true(hb_appender_open("timeline.jsonl", &timeline, &err));
    hb_funnel_init(&funnel, &header, timeline);
    return 0;
}

static int end(void **state)
{
    (void)state;
    hb_funnel_free(&funnel);
    hb_appender_close(timeline);
    return 0;
}

/* One line of the timeline, on disk as far as there is room. */
static void warn(const char *text)
{
    const struct hb_observation warning = { .kind = HB_OBS_WARNING,
                                            .text = text };

    hb_funnel_tell(&funnel, &warning);
    hb_funnel_flush(&funnel);
}

static const char *lines(void)
{
    return fake_os_file("timeline.jsonl");
}

static bool is_incomplete(void)
{
    size_t count = funnel.result.warning_count;

    return count > 0 && strstr(funnel.result.warnings[count - 1],
                               "timeline is incomplete") != NULL;
}

static void a_disk_that_was_full_for_a_while_costs_nothing(void **state)
{
    char whole[2048];

    warn("one");
    warn("two");
    hb_funnel_close(&funnel, 5);
    (void)hb_text_copy(whole, sizeof(whole), lines());
    (void)end(state);
    (void)begin(state);
    fake_os_disk_full_for(2);
    warn("one");
    assert_null(strstr(lines(), "one"));
    warn("two");
    hb_funnel_close(&funnel, 5);
    assert_string_equal(lines(), whole);
    assert_false(is_incomplete());
}

static void a_disk_that_is_full_at_the_end_is_told(void **state)
{
    (void)state;
    fake_os_disk_full_for(ALWAYS);
    warn("one");
    assert_false(is_incomplete());
    hb_funnel_close(&funnel, 5);
    assert_true(is_incomplete());
    assert_null(strstr(lines(), "closed"));
}

static void what_waits_for_room_has_an_end(void **state)
{
    (void)state;
    fake_os_disk_full_for(ALWAYS);
    for (int i = 0; i < 10000 && !is_incomplete(); i++) {
        warn("one more line that finds no room");
    }
    assert_true(is_incomplete());
    fake_os_disk_full_for(0);
    warn("two");
    hb_funnel_close(&funnel, 5);
    assert_null(strstr(lines(), "two"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_disk_that_was_full_for_a_while_costs_nothing),
        CASE(a_disk_that_is_full_at_the_end_is_told),
        CASE(what_waits_for_room_has_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
