#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "os/windows/system.h"
#include "postmortem/windows/look_desk.h"

/* Where hung_take_other() calls. */
#define HUNG_TAKE_LINE 34u

static struct desk desk;

static int end_desk(void **state)
{
    (void)state;
    desk_end(&desk);
    return 0;
}

static struct hb_request request_for(uint32_t pid)
{
    return (struct hb_request){ .pids = { pid },
                                .pid_count = 1,
                                .stacks = true,
                                .locks = true,
                                .samples = 2,
                                .gap_ms = 100,
                                .limit_ms = 60000 };
}

static void look_at(const char *program)
{
    desk_start(&desk, program, NULL);
    struct hb_request request = request_for(desk.child.pid);

    desk_look(&desk, &request);
}

/* Names come from whatever the build has: DWARF, a PDB, or exports. */
static void expect_names(void)
{
    (void)desk_need(&desk, "\"sample\":0", "hung_answer", NULL);
    (void)desk_need(&desk, "\"sample\":0", "hung_take_other", "hung_first");
    (void)desk_need(&desk, "\"sample\":0", "hung_take_other", "hung_second");
    (void)desk_need(&desk, "\"sample\":0", "\"name\":\"spinner\"",
                    "hung_spinner");
    (void)desk_need(&desk, "\"sample\":1", "\"name\":\"first\"", "hung_first");
    (void)desk_need(&desk, "\"what\":\"stacks\"", "captured", "pause_us");
}

static void expect_lines(void)
{
    const char *line = desk_need(&desk, "\"sample\":0", "hung_first", "hung.c");
    const char *at = strstr(line, "\"symbol\":\"hung_take_other\"");

    assert_non_null(at);
    assert_int_equal(desk_number(at, "line"), HUNG_TAKE_LINE);
}

static void dwarf_gives_names_and_lines(void **state)
{
    (void)state;
    look_at(HUNG_DWARF);
    expect_names();
    if (hb_system_wine() != NULL) { /* Windows reads no DWARF */
        expect_lines();
    }
}

static void a_pdb_gives_names_and_lines(void **state)
{
    (void)state;
    if (HUNG_PDB[0] == '\0') {
        (void)printf("no clang and lld to make a PDB with\n");
        skip();
    }
    look_at(HUNG_PDB);
    expect_names();
    expect_lines();
    const char *module =
        desk_need(&desk, "\"kind\":\"module\"", "hung_pdb", "\"debug\":");
    const char *id = strstr(module, "\"id\":\"");

    assert_non_null(id); /* GUID and age: longer than stamp and size */
    assert_true(strspn(id + 6, "0123456789ABCDEF") > 32);
}

static void exports_give_names(void **state)
{
    (void)state;
    look_at(HUNG_STRIPPED);
    expect_names();
    assert_null(
        strstr(desk_need(&desk, "\"sample\":0", "hung_first", NULL), "hung.c"));
}

static bool has_moved(const char *name)
{
    return strstr(desk_need(&desk, "\"sample\":1", name, NULL),
                  "\"moved\":true") != NULL;
}

/* Who has just begun to wait may still be on the way to it. */
static void who_moved_is_told_from_who_did_not(void **state)
{
    (void)state;
    enum { LOOKS = 20 };
    int looks = 1;

    look_at(HUNG_STRIPPED);
    struct hb_request request = request_for(desk.child.pid);

    assert_true(has_moved("\"name\":\"spinner\""));
    while (has_moved("\"name\":\"first\"") ||
           has_moved("\"name\":\"second\"")) {
        assert_true(looks++ < LOOKS);
        desk_look(&desk, &request);
        assert_true(has_moved("\"name\":\"spinner\""));
    }
}

static void a_deadlock_names_both_owners(void **state)
{
    (void)state;
    look_at(HUNG_STRIPPED);
    uint64_t first = desk_number(
        desk_need(&desk, "\"sample\":0", "\"name\":\"first\"", NULL), "tid");
    uint64_t second = desk_number(
        desk_need(&desk, "\"sample\":0", "\"name\":\"second\"", NULL), "tid");
    const char *line = NULL;

    for (size_t i = 0; i < 2; i++) {
        line = desk_line(&desk, i, "\"kind\":\"lock\"", "critical section",
                         "\"owner\"");
        assert_non_null(line);
        uint64_t tid = desk_number(line, "tid");

        assert_true(tid == first || tid == second);
        assert_int_equal(desk_number(line, "owner"),
                         tid == first ? second : first);
    }
    assert_null(desk_line(&desk, 2, "\"kind\":\"lock\"", NULL, NULL));
    (void)desk_need(&desk, "\"what\":\"locks\"", "captured", NULL);
}

static void whoever_was_looked_at_runs_on(void **state)
{
    (void)state;
    look_at(HUNG_STRIPPED);
    assert_true(desk_answers(&desk));
}

static void a_process_that_has_ended_is_named(void **state)
{
    (void)state;
    struct hb_request request;

    desk_start(&desk, HUNG_STRIPPED, NULL);
    request = request_for(desk.child.pid);
    system_kill(desk.child.pid);
    (void)system_wait(&desk.child);
    desk.child.pid = 0;
    desk_look(&desk, &request);
    (void)desk_need(&desk, "\"what\":\"stacks\"", "skipped", "has ended");
    (void)desk_need(&desk, "\"what\":\"locks\"", "skipped", "has ended");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(dwarf_gives_names_and_lines, end_desk),
        cmocka_unit_test_teardown(a_pdb_gives_names_and_lines, end_desk),
        cmocka_unit_test_teardown(exports_give_names, end_desk),
        cmocka_unit_test_teardown(who_moved_is_told_from_who_did_not, end_desk),
        cmocka_unit_test_teardown(a_deadlock_names_both_owners, end_desk),
        cmocka_unit_test_teardown(whoever_was_looked_at_runs_on, end_desk),
        cmocka_unit_test_teardown(a_process_that_has_ended_is_named, end_desk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
