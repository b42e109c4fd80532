/* A program that ends itself and says so: who is too early, and what the judge
 * makes of it. */
#include <stdlib.h>
#include <string.h>

#include "core/leaving.h"
#include "core/record.h"
#include "core/verdict.h"
#include "unit/script.h"

static struct hb_run_header header;
static struct hb_result result;

static void add(struct hb_observation seen)
{
    seen.at_ms = result.duration_ms + 1;
    (void)hb_supervisor_step(&sup, &seen);
    hb_record_add(&result, &seen);
}

static int begin_record(void **state)
{
    (void)begin(state);
    header = (struct hb_run_header){ .name = "sample", .policy = policy };
    hb_record_init(&result, &header);
    add((struct hb_observation){ .kind = HB_OBS_STARTED, .pid = MAIN_PID });
    return 0;
}

static int end_record(void **state)
{
    (void)state;
    hb_record_free(&result);
    return 0;
}

static void attach(void)
{
    add((struct hb_observation){ .kind = HB_OBS_ATTACHED,
                                 .source = HB_SOURCE_RECORDER,
                                 .pid = MAIN_PID });
}

static struct hb_leaving leaving_by(const char *call, unsigned kind,
                                    uint32_t value)
{
    struct hb_leaving leaving = {
        .pid = MAIN_PID, .tid = MAIN_PID, .kind = kind, .value = value
    };

    memcpy(leaving.call, call, strlen(call));
    return leaving;
}

static bool is_early(unsigned kind, uint32_t value)
{
    struct hb_leaving leaving = leaving_by("exit", kind, value);

    return hb_leaving_is_early(&result, &sup, &leaving);
}

static void who_never_spoke_may_leave_at_any_time(void **state)
{
    (void)state;
    assert_false(is_early(HB_LEAVING_CODE, 0));
    assert_false(is_early(HB_LEAVING_CODE, 3));
    header.policy.completion = HB_COMPLETION_ALWAYS;
    assert_true(is_early(HB_LEAVING_CODE, 0));
}

static void who_speaks_is_to_say_that_it_is_done(void **state)
{
    (void)state;
    attach();
    assert_true(is_early(HB_LEAVING_CODE, 0));
    assert_true(is_early(HB_LEAVING_UNKNOWN, 0));
    header.policy.completion = HB_COMPLETION_NEVER;
    assert_false(is_early(HB_LEAVING_CODE, 0));
    header.policy.completion = HB_COMPLETION_AUTO;
    add((struct hb_observation){ .kind = HB_OBS_COMPLETE,
                                 .source = HB_SOURCE_TAP });
    assert_false(is_early(HB_LEAVING_CODE, 0));
}

static void nobody_is_done_who_kills_himself(void **state)
{
    (void)state;
    assert_true(is_early(HB_LEAVING_SIGNAL, 9));
}

static void the_skip_status_is_for_who_has_not_begun(void **state)
{
    (void)state;
    attach();
    header.policy.has_skip_code = true;
    header.policy.skip_code = 77;
    assert_false(is_early(HB_LEAVING_CODE, 77));
    assert_true(is_early(HB_LEAVING_CODE, 76));
    add((struct hb_observation){ .kind = HB_OBS_CASE_BEGIN,
                                 .source = HB_SOURCE_RECORDER,
                                 .pid = MAIN_PID,
                                 .name = "first" });
    assert_true(is_early(HB_LEAVING_CODE, 77));
}

static void leave(const struct hb_leaving *leaving, struct hb_exit how)
{
    add((struct hb_observation){ .kind = HB_OBS_LEAVING,
                                 .source = HB_SOURCE_RECORDER,
                                 .pid = leaving->pid,
                                 .leaving = leaving });
    add((struct hb_observation){ .kind = HB_OBS_EVIDENCE_DONE });
    add((struct hb_observation){
        .kind = HB_OBS_EXIT, .pid = MAIN_PID, .exit = how });
    add((struct hb_observation){ .kind = HB_OBS_SETTLED });
    hb_record_finish(&result, &sup);
    hb_judge(&result);
}

static const struct hb_module modules[] = {
    { .path = "/lib/libc.so.6" },
    { .path = "/t/test" },
};

static void show_stack(const struct hb_frame *frames, size_t count)
{
    struct hb_found_thread thread = {
        .pid = MAIN_PID, .tid = MAIN_PID, .frames = frames, .frame_count = count
    };

    for (size_t i = 0; i < 2; i++) {
        add((struct hb_observation){
            .kind = HB_OBS_MODULE, .count = i, .module = &modules[i] });
    }
    add((struct hb_observation){ .kind = HB_OBS_THREAD, .found = &thread });
}

static void expect_says(const char *text)
{
    if (strstr(result.summary, text) == NULL) {
        fail_msg("not said: '%s', but: %s", text, result.summary);
    }
}

static const struct hb_exit zero = { HB_EXIT_CODE, 0, false };
static const struct hb_exit killed = { HB_EXIT_SIGNAL, 9, false };

static void the_caller_is_named(void **state)
{
    static const struct hb_frame frames[] = {
        { .module = 0, .symbol = "syscall" },
        { .module = 1, .symbol = "hb_wait_at" },
        { .module = 1, .symbol = "hbtest_stand" },
        { .module = 0, .symbol = "__run_exit_handlers" },
        { .module = 0, .symbol = "exit" },
        { .module = 1,
          .symbol = "third_party_cleanup",
          .file = "/src/halfway.c",
          .line = 9 },
        { .module = 1, .symbol = "main", .file = "/src/halfway.c", .line = 20 },
        { .module = 0, .symbol = "__libc_start_call_main" },
        { .module = 1, .symbol = "_start" },
    };
    struct hb_leaving leaving = leaving_by("exit", HB_LEAVING_CODE, 0);

    (void)state;
    attach();
    show_stack(frames, sizeof(frames) / sizeof(frames[0]));
    leave(&leaving, zero);
    assert_int_equal(result.cause, HB_CAUSE_EXIT_BEFORE_COMPLETION);
    expect_says("exit(0) called by third_party_cleanup (halfway.c:9) before "
                "the program said that it was done");
    assert_null(strstr(result.summary, "--hold-exit"));
    assert_non_null(
        strstr(result.signature.text, "test!third_party_cleanup < test!main"));
    assert_string_equal(hb_leaving_caller(&result)->symbol,
                        "third_party_cleanup");
}

static void a_caller_without_a_name_has_its_place(void **state)
{
    static const struct hb_frame frames[] = {
        { .module = 0, .symbol = "exit" },
        { .module = 1, .offset = 0x1234 },
    };
    struct hb_leaving leaving = leaving_by("quick_exit", HB_LEAVING_UNKNOWN, 0);

    (void)state;
    attach();
    show_stack(frames, 2);
    leave(&leaving, zero);
    expect_says("quick_exit() called by test+0x1234 before");
}

static void frames_of_ours_without_a_name_are_not_its_caller(void **state)
{
    static const struct hb_frame frames[] = {
        { .module = 0, .symbol = "syscall" },
        { .module = 1, .offset = 0x9000 }, /* where we wait */
        { .module = 0, .symbol = "__run_exit_handlers" },
        { .module = 0, .symbol = "exit" },
        { .module = 1, .offset = 0x1234 },
    };
    struct hb_leaving leaving = leaving_by("exit", HB_LEAVING_CODE, 0);

    (void)state;
    attach();
    show_stack(frames, 5);
    leave(&leaving, zero);
    expect_says("; exit(0) called by test+0x1234 before");
}

static void where_the_call_returns_to_is_its_caller(void **state)
{
    static const struct hb_frame frames[] = {
        { .address = 0x19000, .module = 1, .offset = 0x9000 },
        { .address = 0x18000, .module = 1, .offset = 0x8000 },
        { .address = 0x1123f, .module = 1, .offset = 0x123f },
    };
    struct hb_leaving leaving = leaving_by("ExitProcess", HB_LEAVING_CODE, 0);

    (void)state;
    attach();
    show_stack(frames, 3);
    leaving.from = 0x11240;
    leave(&leaving, zero);
    expect_says("; ExitProcess(0) called by test+0x123f before");
}

static void
the_function_that_was_called_stands_for_its_system_call(void **state)
{
    static const struct hb_frame frames[] = {
        { .module = 0, .symbol = "__GI__exit" },
        { .module = 0, .symbol = "__run_exit_handlers" },
        { .module = 0, .symbol = "exit" },
        { .module = 1, .symbol = "main", .file = "/src/a.c", .line = 3 },
    };
    struct hb_leaving leaving = leaving_by("exit_group", HB_LEAVING_CODE, 0);

    (void)state;
    attach();
    show_stack(frames, 4);
    leave(&leaving, zero);
    expect_says("; exit(0) called by main (a.c:3) before");
}

static void the_end_of_main_is_no_call(void **state)
{
    static const struct hb_frame frames[] = {
        { .module = 0, .symbol = "exit" },
        { .module = 0, .symbol = "__libc_start_call_main" },
        { .module = 1, .offset = 0x1060 }, /* a stripped _start */
    };
    struct hb_leaving leaving = leaving_by("exit", HB_LEAVING_CODE, 0);

    (void)state;
    attach();
    show_stack(frames, 3);
    leave(&leaving, zero);
    expect_says("exit(0): main() returned before");
    assert_null(hb_leaving_caller(&result));
}

static void who_kills_himself_is_known(void **state)
{
    struct hb_leaving leaving = leaving_by("kill", HB_LEAVING_SIGNAL, 9);

    (void)state;
    leave(&leaving, killed);
    assert_int_equal(result.verdict, HB_VERDICT_SILENT_DEATH);
    assert_int_equal(result.cause, HB_CAUSE_TERMINATED_BY_SELF);
    expect_says("kill(SIGKILL) was called");
}

static void another_signal_is_of_another(void **state)
{
    struct hb_leaving leaving = leaving_by("kill", HB_LEAVING_SIGNAL, 15);

    (void)state;
    leave(&leaving, killed);
    assert_int_equal(result.cause, HB_CAUSE_TERMINATED_BY_OTHER);
}

static void a_child_that_leaves_is_nobodys_culprit(void **state)
{
    struct hb_leaving leaving = leaving_by("exit", HB_LEAVING_CODE, 0);

    (void)state;
    attach();
    leaving.pid = CHILD_PID;
    leave(&leaving, zero);
    assert_false(result.left_by_itself);
    expect_says("--hold-exit=on would name who made it end");
}

static void what_would_help_is_said_where_it_is_not_known(void **state)
{
    (void)state;
    header.policy.completion = HB_COMPLETION_ALWAYS;
    add((struct hb_observation){
        .kind = HB_OBS_EXIT, .pid = MAIN_PID, .exit = zero });
    hb_record_finish(&result, &sup);
    hb_judge(&result);
    expect_says("; --hold-exit=on would name who made it end");
    header.policy.hold_exit = HB_HOLD_ON;
    hb_judge(&result);
    assert_null(strstr(result.summary, "--hold-exit"));
    header.policy.hold_exit = HB_HOLD_OFF;
    header.host.windows = true;
    hb_judge(&result);
    assert_null(strstr(result.summary, "--hold-exit"));
}

#define CASE(name)                                                             \
    cmocka_unit_test_setup_teardown(name, begin_record, end_record)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(who_never_spoke_may_leave_at_any_time),
        CASE(who_speaks_is_to_say_that_it_is_done),
        CASE(nobody_is_done_who_kills_himself),
        CASE(the_skip_status_is_for_who_has_not_begun),
        CASE(the_caller_is_named),
        CASE(a_caller_without_a_name_has_its_place),
        CASE(frames_of_ours_without_a_name_are_not_its_caller),
        CASE(where_the_call_returns_to_is_its_caller),
        CASE(the_function_that_was_called_stands_for_its_system_call),
        CASE(the_end_of_main_is_no_call),
        CASE(who_kills_himself_is_known),
        CASE(another_signal_is_of_another),
        CASE(a_child_that_leaves_is_nobodys_culprit),
        CASE(what_would_help_is_said_where_it_is_not_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
