/*
 * A process that dies of an exception says so and waits. The case is the
 * launcher.
 */
#include "os/client_desk.h"

#include <signal.h>
#include <stdlib.h>

#include <windows.h>

#define FOR_EVER_MS 600000u
#define APP_EXIT 0x40000015u
#define ANY UINT64_MAX

/* The roles */

static int *volatile nowhere = NULL;
static volatile int zero = 0;
static volatile int some = 1;

static int fault(void)
{
    (void)hbtest_start();
    *nowhere = 1;
    return 1;
}

static int divide(void)
{
    (void)hbtest_start();
    return some / zero;
}

static int be_illegal(void)
{
    (void)hbtest_start();
    __asm__ volatile("ud2");
    return 1;
}

static int fill_stack(void)
{
    volatile char room[4096];

    (void)hbtest_start();
    room[some] = zero == 0 ? (char)fill_stack() : 0;
    return room[zero];
}

/* As the Microsoft compiler does. */
static int throw_cpp(void)
{
    static const ULONG_PTR words[] = { 0x19930520, 0, 0, 0 };

    (void)hbtest_start();
    RaiseException(0xE06D7363u, EXCEPTION_NONCONTINUABLE, 4, words);
    return 1;
}

static int corrupt_heap(void)
{
    (void)hbtest_start();
    RaiseException(0xC0000374u, EXCEPTION_NONCONTINUABLE, 0, NULL);
    return 1;
}

static int give_up(void)
{
    (void)hbtest_start();
    abort();
}

static LONG WINAPI leave_with_7(EXCEPTION_POINTERS *at)
{
    (void)at;
    ExitProcess(7);
}

static int filter_before(void)
{
    (void)SetUnhandledExceptionFilter(leave_with_7);
    return fault();
}

static int filter_after(void)
{
    (void)hbtest_start();
    (void)SetUnhandledExceptionFilter(leave_with_7);
    *nowhere = 1;
    return 1;
}

static LONG WINAPI leave_too(EXCEPTION_POINTERS *at)
{
    if (at->ExceptionRecord->ExceptionCode == EXCEPTION_ACCESS_VIOLATION) {
        ExitProcess(7);
    }
    return EXCEPTION_CONTINUE_SEARCH;
}

static int vectored_handler(void)
{
    (void)hbtest_start();
    (void)AddVectoredExceptionHandler(TRUE, leave_too);
    *nowhere = 1;
    return 1;
}

static void leave_with_8(int number)
{
    (void)number;
    ExitProcess(8);
}

static int abort_handler(void)
{
    (void)signal(SIGABRT, leave_with_8);
    return give_up();
}

static LONG volatile arrived;

static DWORD WINAPI fault_together(void *unused)
{
    (void)unused;
    (void)InterlockedIncrement(&arrived);
    while (arrived < 8) {
    }
    *nowhere = 1;
    return 0;
}

static int crowd(void)
{
    (void)hbtest_start();
    for (int i = 0; i < 8; i++) {
        (void)CreateThread(NULL, 0, fault_together, NULL, 0, NULL);
    }
    (void)SleepEx(INFINITE, FALSE);
    return 1;
}

/* Starts threads with stacks of all sizes, the smallest too. */
static DWORD WINAPI do_nothing(void *unused)
{
    (void)unused;
    return 0;
}

static int small_stacks(void)
{
    (void)hbtest_start();
    for (SIZE_T size = 4096; size < 8u << 20; size *= 2) {
        HANDLE thread = CreateThread(NULL, size, do_nothing, NULL,
                                     STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);

        if (thread == NULL ||
            WaitForSingleObject(thread, INFINITE) != WAIT_OBJECT_0) {
            return 1;
        }
        (void)CloseHandle(thread);
    }
    return 0;
}

static const struct role roles[] = {
    { "fault", fault },
    { "divide", divide },
    { "illegal", be_illegal },
    { "overflow", fill_stack },
    { "throw", throw_cpp },
    { "heap", corrupt_heap },
    { "abort", give_up },
    { "filter-before", filter_before },
    { "filter-after", filter_after },
    { "vectored", vectored_handler },
    { "abort-handler", abort_handler },
    { "crowd", crowd },
    { "small-stacks", small_stacks },
    { NULL, NULL },
};

/* The cases */

static struct hb_found_exception said;
static size_t said_count;

static void keep(void *context, const struct hb_observation *seen_now)
{
    (void)context;
    if (seen_now->kind == HB_OBS_CRASHING) {
        said = *seen_now->exception;
        said_count++;
    }
}

static size_t read_crashes(void)
{
    (void)hb_recorder_read(recorder, host_clock_ms(), keep, NULL);
    return said_count;
}

static struct host_child start(const char *role, uint32_t wait_ms)
{
    struct host_child child;

    said_count = 0;
    memset(&said, 0, sizeof(said));
    hb_recorder_let_wait(recorder, wait_ms, 0);
    assert_true(host_start(NULL, role, &child));
    return child;
}

static bool has_ended(const struct host_child *child)
{
    return WaitForSingleObject((HANDLE)(uintptr_t)child->process, 0) ==
           WAIT_OBJECT_0;
}

static void await_crash(const struct host_child *child)
{
    while (read_crashes() == 0) {
        assert_false(has_ended(child));
        host_yield();
    }
    assert_false(has_ended(child));
    assert_int_equal(said.pid, child->pid);
}

/* What is told can be read where it is told to be. */
static void check_pointers(const struct host_child *child)
{
    HANDLE process = (HANDLE)(uintptr_t)child->process;
    EXCEPTION_POINTERS at;
    EXCEPTION_RECORD record;
    CONTEXT context;

    assert_true(ReadProcessMemory(process,
                                  (const void *)(uintptr_t)said.pointers, &at,
                                  sizeof(at), NULL));
    assert_true(ReadProcessMemory(process, at.ExceptionRecord, &record,
                                  sizeof(record), NULL));
    assert_true(ReadProcessMemory(process, at.ContextRecord, &context,
                                  sizeof(context), NULL));
    assert_int_equal(record.ExceptionCode, said.code);
    assert_true(context.Rsp == said.stack);
    assert_true(context.Rip != 0);
}

/* Plays a role that crashes, looks on until it waits, and lets it go on. */
static void die(const char *role, uint32_t code, uint64_t parameter,
                uint32_t status)
{
    struct host_child child = start(role, FOR_EVER_MS);

    await_crash(&child);
    assert_int_equal(said.code, code);
    assert_int_equal(said.has_parameter, parameter != ANY);
    if (parameter != ANY) {
        assert_true(said.parameter == parameter);
    }
    check_pointers(&child);
    assert_non_null(hb_recorder_let_go(recorder));
    assert_null(hb_recorder_let_go(recorder));
    assert_int_equal((uint32_t)host_wait(&child, NULL, 0), status);
    assert_int_equal(read_crashes(), 1);
}

static void an_exception_is_told_and_waits_until_it_may_go_on(void **state)
{
    (void)state;
    die("fault", EXCEPTION_ACCESS_VIOLATION, 1, EXCEPTION_ACCESS_VIOLATION);
    die("divide", EXCEPTION_INT_DIVIDE_BY_ZERO, ANY,
        EXCEPTION_INT_DIVIDE_BY_ZERO);
    die("illegal", EXCEPTION_ILLEGAL_INSTRUCTION, ANY,
        EXCEPTION_ILLEGAL_INSTRUCTION);
}

/* Wine ignores the guarantee, and has no room left to end the process. */
static void a_full_stack_can_still_tell(void **state)
{
    (void)state;
    struct host_child child = start("overflow", FOR_EVER_MS);

    await_crash(&child);
    assert_int_equal(said.code, EXCEPTION_STACK_OVERFLOW);
    check_pointers(&child);
    host_kill(&child);
    (void)host_wait(&child, NULL, 0);
}

static void what_is_raised_is_told_too(void **state)
{
    (void)state;
    die("throw", 0xE06D7363u, 0x19930520, 0xE06D7363u);
    die("heap", 0xC0000374u, ANY, 0xC0000374u);
}

/* Wine's abort() exits; that of the universal runtime fails fast. */
static void an_abort_is_told_by_a_name_of_its_own(void **state)
{
    (void)state;
    struct host_child child = start("abort", FOR_EVER_MS);

    await_crash(&child);
    assert_int_equal(said.code, APP_EXIT);
    check_pointers(&child);
    assert_non_null(hb_recorder_let_go(recorder));
    uint32_t status = (uint32_t)host_wait(&child, NULL, 0);

    assert_true(status == 3 || status == 0xC0000409u);
}

static void of_a_crowd_the_first_one_speaks(void **state)
{
    (void)state;
    die("crowd", EXCEPTION_ACCESS_VIOLATION, 1, EXCEPTION_ACCESS_VIOLATION);
}

static void nobody_waits_for_a_launcher_without_an_answer(void **state)
{
    (void)state;
    for (uint32_t wait_ms = 0; wait_ms <= 30; wait_ms += 30) {
        struct host_child child = start("fault", wait_ms);

        assert_int_equal((uint32_t)host_wait(&child, NULL, 0),
                         EXCEPTION_ACCESS_VIOLATION);
        assert_int_equal(read_crashes(), 1);
    }
}

static void a_launcher_that_is_gone_is_not_waited_for(void **state)
{
    (void)state;
    struct host_child gone = start("small-stacks", 0);
    uint32_t kept = host.pid;
    uint32_t gone_pid = gone.pid;

    assert_int_equal(host_wait(&gone, NULL, 0), 0);
    host.pid = gone_pid;
    offer(1, host.handle, HBTEST_RECORDER_SIZE, TOKEN, false);
    host.pid = kept;
    struct host_child child = start("fault", FOR_EVER_MS);

    assert_int_equal((uint32_t)host_wait(&child, NULL, 0),
                     EXCEPTION_ACCESS_VIOLATION);
}

static void handlers_of_the_program_go_on_to_work(void **state)
{
    static const struct {
        const char *role;
        int status;
        size_t told;
    } rows[] = {
        { "filter-before", 7, 1 }, /* told, then asked */
        { "filter-after", 7, 0 },
        { "vectored", 7, 0 },
        { "abort-handler", 8, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct host_child child = start(rows[i].role, 30);

        assert_int_equal(host_wait(&child, NULL, 0), rows[i].status);
        assert_int_equal(read_crashes(), rows[i].told);
    }
}

static void stacks_of_all_sizes_can_be_had(void **state)
{
    (void)state;
    assert_int_equal(run_role("small-stacks"), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(an_exception_is_told_and_waits_until_it_may_go_on),
        CASE(a_full_stack_can_still_tell),
        CASE(what_is_raised_is_told_too),
        CASE(an_abort_is_told_by_a_name_of_its_own),
        CASE(of_a_crowd_the_first_one_speaks),
        CASE(nobody_waits_for_a_launcher_without_an_answer),
        CASE(a_launcher_that_is_gone_is_not_waited_for),
        CASE(handlers_of_the_program_go_on_to_work),
        CASE(stacks_of_all_sizes_can_be_had),
    };
    int status = 0;

    if (played_role(argc, argv, roles, &status)) {
        return status;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
