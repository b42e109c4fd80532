#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stack_desk.h"

static struct stack_desk desk;

static int end(void **state)
{
    (void)state;
    stack_desk_kill(&desk);
    told_free();
    return 0;
}

static const cJSON *look_at(const char *program)
{
    STACK_DESK_START(&desk, program, "nested");
    TOLD_RUN("--pid", desk.pid_text, "--stacks");
    assert_int_equal(told.status, 0);
    told_is("stacks", desk.pid, "captured", "");
    stack_desk_is_free(&desk);
    const cJSON *thread = told_thread(desk.pid, 0);
    assert_string_equal(told_text(thread, "cut_short"), "");
    return thread;
}

static void finish(void)
{
    assert_int_equal(stack_desk_end(&desk), 0);
}

/* The whole way from the system call to the start, with lines. */
static void tells_all(const char *program)
{
    static const char *const symbols[] = { "inner", "middle", "outer", "main" };
    const cJSON *thread = look_at(program);
    int before = -1;

    for (size_t i = 0; i < 4; i++) {
        int place = told_place(thread, symbols[i]);

        assert_int_equal(place, before < 0 ? place : before + 1);
        assert_non_null(strstr(told_text(told_frame(thread, place), "file"),
                               "stack_target.c"));
        assert_true(told_number(told_frame(thread, place), "line") > 0);
        before = place;
    }
    assert_true(before < told_frame_count(thread) - 1); /* main is called */
    finish();
}

static void without_optimisation(void **state)
{
    (void)state;
    tells_all(STACK_TARGET_PLAIN_PATH);
}

static void where_it_always_lies(void **state)
{
    (void)state;
    tells_all(STACK_TARGET_FIXED_PATH);
}

static void without_any_library(void **state)
{
    (void)state;
    tells_all(STACK_TARGET_STATIC_PATH);
}

static void with_a_sanitizer(void **state)
{
    (void)state;
    tells_all(STACK_TARGET_ASAN_PATH);
}

static void with_symbols_in_a_file_of_their_own(void **state)
{
    (void)state;
    tells_all(STACK_MADE "/apart");
    /* The module was told; it says where its words came from. */
    bool has_debug = false;

    for (size_t i = 0; i < told.count; i++) {
        has_debug |= strcmp(told_text(told.lines[i], "debug"),
                            STACK_MADE "/.debug/apart.debug") == 0;
    }
    assert_true(has_debug);
}

static void of_another_compiler(void **state)
{
    (void)state;
    if (!STACK_HAS_CLANG) {
        skip();
    }
    tells_all(STACK_MADE "/clang");
}

static void with_names_of_cxx_as_people_write_them(void **state)
{
    (void)state;
    const char *program = STACK_TARGET_CXX_PATH;

    if (program == NULL) {
        skip();
    }
    const cJSON *thread = look_at(program);
    int inside = told_place(thread, "shop::Counter<long>::wait(long)");
    assert_int_equal(told_place(thread, "shop::Counter<long>::serve(long)"),
                     inside + 1);
    assert_int_equal(told_place(thread, "shop::open(int)"), inside + 2);
    assert_int_equal(told_place(thread, "main"), inside + 3);
    finish();
}

#define OFFSETS_MAX 32

/* The offsets of the frames that lie in the program itself. */
static size_t own_offsets(const char *program, char offsets[][24])
{
    const cJSON *thread = look_at(program);
    size_t count = 0;

    for (int i = 0; i < told_frame_count(thread); i++) {
        const cJSON *frame = told_frame(thread, i);
        const char *offset = told_text(frame, "offset");

        if (told_module(frame) == NULL ||
            strcmp(told_text(told_module(frame), "path"), program) != 0 ||
            (count > 0 && strcmp(offsets[count - 1], offset) == 0)) {
            continue; /* a dissolved one has the offset of its caller */
        }
        assert_true(count < OFFSETS_MAX && strlen(offset) < 24);
        (void)memcpy(offsets[count++], offset, strlen(offset) + 1);
    }
    return count;
}

static void stripped_it_has_the_offsets_that_it_had_before(void **state)
{
    (void)state;
    static char with[OFFSETS_MAX][24];
    static char without[OFFSETS_MAX][24];
    size_t count = own_offsets(STACK_TARGET_PATH, with);

    finish();
    assert_true(count >= 3); /* inner, outer, main and the start */
    assert_int_equal(own_offsets(STACK_MADE "/stripped", without), count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(with[i], without[i]);
    }
    assert_false(told_has(told_thread(desk.pid, 0), "outer"));
    finish();
}

#define CASE(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(without_optimisation),
        CASE(where_it_always_lies),
        CASE(without_any_library),
        CASE(with_a_sanitizer),
        CASE(with_symbols_in_a_file_of_their_own),
        CASE(of_another_compiler),
        CASE(with_names_of_cxx_as_people_write_them),
        CASE(stripped_it_has_the_offsets_that_it_had_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
