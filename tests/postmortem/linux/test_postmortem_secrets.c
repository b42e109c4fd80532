/* Values that must not be found in a core. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core_desk.h"

#define TOKEN "t0ps3cr3t-0123456789abcdef"

static const char *const patterns[] = { "*TOKEN*,*PASSW*", "*_pin" };
static struct core_desk desk;
static struct core_bytes core;

static int end(void **state)
{
    (void)state;
    core_bytes_free(&core);
    if (desk.folder[0] != '\0') {
        core_desk_end(&desk);
    }
    return 0;
}

static void dump(enum hb_dump_depth depth, bool compress, size_t patterns_used)
{
    core_desk_begin(&desk, "memory", "0");
    struct hb_core_wish wish = core_desk_wish(&desk, depth, compress);
    wish.redact = patterns;
    wish.redact_count = patterns_used;
    (void)core_desk_write(&desk, &wish);
    core_bytes_read(desk.path, compress, &core);
}

static bool hold(const char *text)
{
    return core_bytes_hold(&core, text, strlen(text));
}

static bool hold_wide(const char *text)
{
    char wide[256];
    size_t size = strlen(text);

    for (size_t i = 0; i < size; i++) {
        wide[i * 2] = text[i];
        wide[i * 2 + 1] = '\0';
    }
    return core_bytes_hold(&core, wide, size * 2);
}

static void check_blanked(enum hb_dump_depth depth, bool compress)
{
    dump(depth, compress, 2);
    assert_false(hold(TOKEN));
    assert_false(hold_wide(TOKEN));
    assert_false(hold("correct horse"));
    assert_true(hold("TARGET_TOKEN=**************************"));
    assert_true(hold("MY_PIN=**"));
    assert_true(hold("TARGET_PLAIN=in the open"));
}

static void a_small_core_holds_no_secret(void **state)
{
    (void)state;
    check_blanked(HB_DUMP_SMALL, false);
}

static void a_full_core_holds_no_secret(void **state)
{
    (void)state;
    check_blanked(HB_DUMP_WHOLE, false);
}

static void a_compressed_core_holds_no_secret(void **state)
{
    (void)state;
    check_blanked(HB_DUMP_WHOLE, true);
}

/* Without it the cases above prove nothing. */
static void a_core_that_nobody_asked_to_blank_holds_them(void **state)
{
    (void)state;
    dump(HB_DUMP_WHOLE, false, 0);
    assert_true(hold(TOKEN));
    assert_true(hold_wide(TOKEN));
    assert_true(hold("MY_PIN=77"));
}

/* A test that writes over its environment hides nothing: the launcher knows
 * the values too. */
static void values_are_blanked_that_only_the_launcher_knows(void **state)
{
    (void)state;
    const char *const environment[] = { "A=1", "SOME_TOKEN=" TARGET_HEAP,
                                        NULL };

    core_desk_begin(&desk, "memory", "0");
    struct hb_core_wish wish = core_desk_wish(&desk, HB_DUMP_WHOLE, false);
    wish.redact = patterns;
    wish.redact_count = 1;
    wish.environment = environment;
    struct target_facts facts = target_desk_facts(&desk.target);
    (void)core_desk_write(&desk, &wish);
    core_bytes_read(desk.path, false, &core);
    assert_true(core_bytes_say(&core, facts.heap, "***************"));
    assert_false(core_bytes_say(&core, facts.heap, TARGET_HEAP));
}

static int set_variables(void **state)
{
    (void)state;
    return setenv("TARGET_TOKEN", TOKEN, 1) != 0 ||
           setenv("DB_password", "correct horse", 1) != 0 ||
           setenv("MY_PIN", "77", 1) != 0 ||
           setenv("TARGET_PLAIN", "in the open", 1) != 0;
}

#define CASE(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_small_core_holds_no_secret),
        CASE(a_full_core_holds_no_secret),
        CASE(a_compressed_core_holds_no_secret),
        CASE(a_core_that_nobody_asked_to_blank_holds_them),
        CASE(values_are_blanked_that_only_the_launcher_knows),
    };

    return cmocka_run_group_tests(tests, set_variables, NULL);
}
