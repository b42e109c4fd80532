/* Where the same death happens twice, the signature is the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/blame.h"
#include "core/record.h"
#include "core/signature.h"
#include "core/verdict.h"

#define PID 100u

/* A frame as a run on this machine, at this time, has it. */
struct place {
    const char *module;
    const char *symbol; /* NULL: not known */
    uint64_t offset;
};

struct machine {
    uint64_t slide;     /* where modules lie */
    const char *folder; /* where they come from */
    bool windows;
};

static const struct machine here = { 0x10000, "/build/", false };

static struct hb_run_header header = { .name = "parser" };
static struct hb_result result;
static const struct machine *machine;

static void begin(const struct machine *on)
{
    machine = on;
    header.host.windows = on->windows;
    hb_record_free(&result);
    hb_record_init(&result, &header);
    hb_record_add(&result, &(struct hb_observation){ .kind = HB_OBS_STARTED,
                                                     .pid = PID });
    result.verdict = HB_VERDICT_HANG;
    result.cause = HB_CAUSE_DEADLOCK;
}

static uint32_t add_module(const char *name)
{
    struct hb_module module = { .base = machine->slide, .size = 4096 };
    uint32_t index = (uint32_t)result.finds.module_count;

    (void)hb_text_format(module.path, sizeof(module.path), "%s%s",
                         machine->folder, name);
    for (uint32_t i = 0; i < index; i++) {
        if (strcmp(result.finds.modules[i].path, module.path) == 0) {
            return i;
        }
    }
    hb_record_add(&result, &(struct hb_observation){ .kind = HB_OBS_MODULE,
                                                     .count = index,
                                                     .module = &module });
    return index;
}

static void add_thread(uint32_t tid, const struct place *places, size_t count,
                       bool crashed)
{
    struct hb_frame frames[16] = { 0 };
    struct hb_found_thread thread = {
        .pid = PID,
        .tid = tid,
        .crashed = crashed,
        .frames = frames,
        .frame_count = count,
    };

    for (size_t i = 0; i < count; i++) {
        frames[i].module = places[i].module != NULL
                               ? add_module(places[i].module)
                               : HB_NO_MODULE;
        frames[i].offset = places[i].offset;
        frames[i].address = machine->slide + places[i].offset;
        (void)hb_text_copy(frames[i].symbol, sizeof(frames[i].symbol),
                           places[i].symbol);
    }
    hb_record_add(&result, &(struct hb_observation){ .kind = HB_OBS_THREAD,
                                                     .found = &thread });
}

#define ADD_THREAD(tid, places)                                                \
    add_thread((tid), (places), sizeof(places) / sizeof((places)[0]), false)

static void add_lock(uint32_t tid, const char *kind, uint32_t owner)
{
    struct hb_found_lock lock = { .pid = PID, .tid = tid, .owner = owner };

    (void)hb_text_copy(lock.kind, sizeof(lock.kind), kind);
    hb_record_add(&result, &(struct hb_observation){ .kind = HB_OBS_LOCK,
                                                     .lock = &lock });
}

/* The hash, borrowed until the next. */
static const char *hash_of(void)
{
    static char hash[2][20];
    static int turn;

    turn = !turn;
    hb_signature_make(&result);
    (void)hb_text_copy(hash[turn], sizeof(hash[0]), result.signature.hash);
    return hash[turn];
}

static void expect_place(const char *place)
{
    hb_signature_make(&result);
    if (strstr(result.signature.text, place) == NULL) {
        fail_msg("'%s' is not in '%s'", place, result.signature.text);
    }
}

static const struct place waiting[] = {
    { "libc.so.6", "__futex_abstimed_wait_common64", 0x8e0c0 },
    { "libc.so.6", "pthread_cond_wait", 0x90100 },
    { "parser", "wait_for_reply", 0x1230 },
    { "parser", "run", 0x1340 },
    { "parser", "main", 0x1400 },
    { "libc.so.6", "__libc_start_main", 0x27200 },
};
static const struct place other[] = {
    { "libc.so.6", "__read", 0x9000 },
    { "parser", "read_file", 0x1800 },
    { "parser", "main", 0x1410 },
};

static void neither_addresses_nor_folders_change_it(void **state)
{
    static const struct machine elsewhere = { 0x7f1234560000, "/tmp/x/y/",
                                              false };
    const char *first;

    (void)state;
    begin(&here);
    ADD_THREAD(PID, waiting);
    first = hash_of();
    begin(&elsewhere);
    ADD_THREAD(PID, waiting);
    assert_string_equal(first, hash_of());
    expect_place("| parser!wait_for_reply < parser!run < parser!main");
}

static void neither_the_systems_version_nor_its_functions_do(void **state)
{
    static const struct place newer[] = {
        { "libc.so.6", "__futex_abstimed_wait_common", 0x98d60 },
        { "libc.so.6", "___pthread_cond_wait", 0x9b7dc },
        { "parser", "wait_for_reply", 0x1230 },
        { "parser", "run", 0x1340 },
        { "parser", "main", 0x1400 },
        { "libc.so.6", NULL, 0x29d8f },
    };
    const char *first;

    (void)state;
    begin(&here);
    ADD_THREAD(PID, waiting);
    first = hash_of();
    begin(&here);
    ADD_THREAD(PID, newer);
    assert_string_equal(first, hash_of());
}

static void another_place_is_another_death(void **state)
{
    const char *first;

    (void)state;
    begin(&here);
    ADD_THREAD(PID, waiting);
    first = hash_of();
    begin(&here);
    ADD_THREAD(PID, other);
    assert_string_not_equal(first, hash_of());
}

static void other_threads_and_their_order_do_not_count(void **state)
{
    const char *first;

    (void)state;
    begin(&here);
    ADD_THREAD(PID, waiting);
    ADD_THREAD(PID + 1, other);
    first = hash_of();
    begin(&here);
    ADD_THREAD(PID + 7, other);
    ADD_THREAD(PID + 8, other);
    ADD_THREAD(PID, waiting);
    assert_string_equal(first, hash_of());
}

static void on_windows_the_case_of_a_path_does_not_count(void **state)
{
    static const struct machine lower = { 0x140000000, "c:\\build\\", true };
    static const struct machine upper = { 0x7ff600000000, "C:\\BUILD\\", true };
    static const struct place low[] = {
        { "ntdll.dll", "NtWaitForSingleObject", 0x9d2c4 },
        { "kernelbase.dll", "WaitForSingleObjectEx", 0x3403e },
        { "parser.exe", "wait_for_reply", 0x1230 },
    };
    static const struct place high[] = {
        { "NTDLL.DLL", "ZwWaitForSingleObject", 0xa0000 },
        { "KERNELBASE.dll", NULL, 0x1 },
        { "Parser.EXE", "wait_for_reply", 0x1230 },
    };
    const char *first;

    (void)state;
    begin(&lower);
    ADD_THREAD(PID + 4, low);
    first = hash_of();
    begin(&upper);
    ADD_THREAD(PID + 4, high);
    assert_string_equal(first, hash_of());
    expect_place("| parser.exe!wait_for_reply");
}

static void without_a_name_the_offset_counts(void **state)
{
    static const struct place stripped[] = {
        { "libc.so.6", "abort", 0x1 },
        { "parser", NULL, 0x1234 },
        { NULL, NULL, 0 },
    };

    (void)state;
    begin(&here);
    ADD_THREAD(PID, stripped);
    expect_place("| parser+0x1234 < ?");
}

static void copies_that_the_compiler_made_are_one_function(void **state)
{
    static const struct place copies[] = {
        { "parser", "parse.constprop.0", 0x1 },
        { "parser", "check.part.0.cold", 0x2 },
        { "parser", "main", 0x3 },
    };

    (void)state;
    begin(&here);
    ADD_THREAD(PID, copies);
    expect_place("| parser!parse < parser!check < parser!main");
}

static void the_thread_that_crashed_is_the_one(void **state)
{
    (void)state;
    begin(&here);
    ADD_THREAD(PID, waiting);
    add_thread(PID + 3, other, 3, true);
    expect_place("| parser!read_file < parser!main");
}

/* Two threads that wait for each other, told in any order. */
static void add_circle(bool swapped)
{
    static const struct place first[] = {
        { "libc.so.6", "__lll_lock_wait", 0x1 },
        { "parser", "first_worker", 0x10 },
    };
    static const struct place second[] = {
        { "libc.so.6", "__lll_lock_wait", 0x1 },
        { "parser", "second_worker", 0x20 },
    };

    begin(&here);
    ADD_THREAD(PID, waiting);
    ADD_THREAD(swapped ? 102 : 101, first);
    ADD_THREAD(swapped ? 101 : 102, second);
    add_lock(PID, "join", 101);
    add_lock(101, "mutex", 102);
    add_lock(102, "mutex", 101);
}

static void a_circle_of_locks_is_to_blame_whoever_came_first(void **state)
{
    const char *first;

    (void)state;
    add_circle(false);
    first = hash_of();
    expect_place("| parser!first_worker | parser!second_worker");
    add_circle(true);
    assert_string_equal(first, hash_of());
}

static void the_circle_is_said_in_words(void **state)
{
    char text[256];

    (void)state;
    add_circle(false);
    assert_true(hb_blame_locks(&result, text, sizeof(text)));
    assert_string_equal(text, "thread 101 waits for a lock held by thread 102, "
                              "which waits for one held by thread 101");
}

static void a_chain_from_the_main_thread_is_said_too(void **state)
{
    char text[256];

    (void)state;
    begin(&here);
    ADD_THREAD(PID, waiting);
    add_lock(PID, "join", 101);
    add_lock(101, "mutex", 102);
    add_lock(103, "futex", 0);
    assert_true(hb_blame_locks(&result, text, sizeof(text)));
    assert_string_equal(text, "thread 100 waits for the end of thread 101, "
                              "which waits for a lock held by thread 102");
}

static void locks_of_nobody_say_nothing(void **state)
{
    char text[256];

    (void)state;
    begin(&here);
    add_lock(PID, "futex", 0);
    assert_false(hb_blame_locks(&result, text, sizeof(text)));
    begin(&here);
    add_lock(PID, "mutex", PID); /* its own: a circle of one */
    assert_true(hb_blame_locks(&result, text, sizeof(text)));
    assert_string_equal(text, "thread 100 waits for a lock held by thread 100");
}

static void more_than_the_record_holds_is_counted(void **state)
{
    (void)state;
    begin(&here);
    for (uint32_t tid = 1; tid <= HB_STACKS_MAX + 3; tid++) {
        ADD_THREAD(tid, other);
        add_lock(tid, "mutex", tid + 1);
    }
    assert_int_equal(result.finds.stack_count, HB_STACKS_MAX);
    assert_int_equal(result.finds.lock_count, HB_LOCKS_MAX);
    assert_true(result.finds.beyond_cap == 6);
    assert_int_equal(strlen(hash_of()), 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neither_addresses_nor_folders_change_it),
        cmocka_unit_test(neither_the_systems_version_nor_its_functions_do),
        cmocka_unit_test(another_place_is_another_death),
        cmocka_unit_test(other_threads_and_their_order_do_not_count),
        cmocka_unit_test(on_windows_the_case_of_a_path_does_not_count),
        cmocka_unit_test(without_a_name_the_offset_counts),
        cmocka_unit_test(copies_that_the_compiler_made_are_one_function),
        cmocka_unit_test(the_thread_that_crashed_is_the_one),
        cmocka_unit_test(a_circle_of_locks_is_to_blame_whoever_came_first),
        cmocka_unit_test(the_circle_is_said_in_words),
        cmocka_unit_test(a_chain_from_the_main_thread_is_said_too),
        cmocka_unit_test(locks_of_nobody_say_nothing),
        cmocka_unit_test(more_than_the_record_holds_is_counted),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    hb_record_free(&result);
    return failed;
}
