#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/notify.h"

#define SEEN_MAX 8

struct seen {
    enum hb_observation_kind kinds[SEEN_MAX];
    uint64_t counts[SEEN_MAX];
    char text[300];
    size_t count;
};

static void note(void *context, const struct hb_observation *observation)
{
    struct seen *seen = context;

    assert_true(seen->count < SEEN_MAX);
    assert_int_equal(observation->source, HB_SOURCE_NOTIFY);
    assert_int_equal(observation->pid, 42);
    assert_int_equal(observation->at_ms, 7);
    seen->kinds[seen->count] = observation->kind;
    seen->counts[seen->count] = observation->count;
    seen->count++;
    if (observation->text != NULL) {
        (void)hb_text_copy(seen->text, sizeof(seen->text), observation->text);
    }
}

static struct seen read_datagram(const char *bytes, size_t size)
{
    struct seen seen = { .count = 0 };

    hb_notify_read(bytes, size, 42, 7, note, &seen);
    return seen;
}

static struct seen read_text(const char *text)
{
    return read_datagram(text, strlen(text));
}

static void each_known_line_is_an_observation(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum hb_observation_kind kind;
        uint64_t count;
    } rows[] = {
        { "WATCHDOG=1", HB_OBS_BEAT, 1 },
        { "READY=1", HB_OBS_READY, 0 },
        { "STOPPING=1", HB_OBS_STOPPING, 0 },
        { "STATUS=half way", HB_OBS_NOTE, 0 },
        { "WATCHDOG_USEC=2500000", HB_OBS_HANG_AFTER, 2500 },
        { "WATCHDOG_USEC=0", HB_OBS_HANG_AFTER, 0 },
        { "WATCHDOG_USEC=1", HB_OBS_HANG_AFTER, 1 },
        { "READY=1\n", HB_OBS_READY, 0 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct seen seen = read_text(rows[i].line);

        assert_int_equal(seen.count, 1);
        assert_int_equal(seen.kinds[0], rows[i].kind);
        assert_int_equal(seen.counts[0], rows[i].count);
    }
}

static void other_lines_are_none_of_ours(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",
        "\n\n",
        "MAINPID=5",
        "READY=0",
        "READY",
        "WATCHDOG=10",
        "WATCHDOG=trigger",
        "FDSTORE=1",
        "STATUS",
        "WATCHDOG_USEC=",
        "WATCHDOG_USEC=-1",
        " READY=1",
        "XREADY=1",
        "WATCHDOG_USEC=x",
        "STOPPING=1 ",
        "status=a",
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_int_equal(read_text(lines[i]).count, 0);
    }
}

static void lines_are_told_in_their_order(void **state)
{
    (void)state;
    struct seen seen = read_text("READY=1\nX=y\nSTATUS=case 7\nWATCHDOG=1\n");

    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.kinds[0], HB_OBS_READY);
    assert_int_equal(seen.kinds[1], HB_OBS_NOTE);
    assert_int_equal(seen.kinds[2], HB_OBS_BEAT);
    assert_string_equal(seen.text, "case 7");
}

static void a_long_status_is_cut(void **state)
{
    (void)state;
    char datagram[2000] = "STATUS=";
    struct seen seen;

    memset(datagram + strlen("STATUS="), 'x',
           sizeof(datagram) - strlen("STATUS="));
    seen = read_datagram(datagram, sizeof(datagram));
    assert_int_equal(seen.count, 1);
    assert_int_equal(strlen(seen.text), 255);
}

static void a_datagram_without_a_newline_is_not_read_past(void **state)
{
    (void)state;
    struct seen seen = read_datagram("WATCHDOG=1X", strlen("WATCHDOG=1"));

    assert_int_equal(seen.count, 1);
    assert_int_equal(read_datagram("READY=1", 0).count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_known_line_is_an_observation),
        cmocka_unit_test(other_lines_are_none_of_ours),
        cmocka_unit_test(lines_are_told_in_their_order),
        cmocka_unit_test(a_long_status_is_cut),
        cmocka_unit_test(a_datagram_without_a_newline_is_not_read_past),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
