/*
 * The module that error reporting calls for a process that dies of what no
 * handler is shown.
 */
#include "os/windows/wer_desk.h"

#define FOR_EVER_MS 600000u

static int do_nothing(void)
{
    return 0;
}

static const struct role roles[] = {
    { "stand", stand },
    { "nothing", do_nothing },
    { NULL, NULL },
};

static DWORD WINAPI report_registered(void *unused)
{
    BOOL claimed = TRUE;

    (void)unused;
    return call_module(registered, &dying, &claimed, NULL, NULL, NULL) ==
                       S_OK &&
                   !claimed
               ? 0
               : 1;
}

static HANDLE begin_report(void)
{
    HANDLE reporter = CreateThread(NULL, 0, report_registered, NULL, 0, NULL);

    assert_non_null(reporter);
    while (read_crashes() == 0) {
        assert_false(has_ended(reporter));
        host_yield();
    }
    return reporter;
}

static void await_report(HANDLE reporter)
{
    DWORD status = 9;

    assert_int_equal(WaitForSingleObject(reporter, INFINITE), WAIT_OBJECT_0);
    assert_true(GetExitCodeThread(reporter, &status));
    assert_int_equal(status, 0);
    (void)CloseHandle(reporter);
}

/* For a writer of dumps, which is told where. */
static void check_pointers(void)
{
    EXCEPTION_POINTERS at;
    EXCEPTION_RECORD record;
    CONTEXT context;

    read_child((const void *)(uintptr_t)said.pointers, &at, sizeof(at));
    read_child(at.ExceptionRecord, &record, sizeof(record));
    read_child(at.ContextRecord, &context, sizeof(context));
    assert_memory_equal(&record, &dying.record, sizeof(record));
    assert_memory_equal(&context, &dying.context, sizeof(context));
}

static void a_death_is_told_and_waits_until_it_may_go_on(void **state)
{
    (void)state;
    start(FOR_EVER_MS);
    HANDLE reporter = begin_report();

    assert_int_equal(said.pid, child.pid);
    assert_int_equal(said.code, FAST_FAIL);
    assert_true(said.has_parameter);
    assert_true(said.parameter == SUBCODE);
    assert_int_equal(said.tid, GetThreadId(dying.thread));
    assert_true(said.stack == dying.context.Rsp);
    assert_true(said.address == dying.context.Rip);
    check_pointers();
    assert_false(has_ended(reporter));
    assert_int_equal(lane_at(0)->crash, HBTEST_CRASH_WAITS);
    assert_int_equal(lane_at(1)->pid, 0); /* it took no lane of its own */
    assert_non_null(hb_recorder_let_go(recorder));
    await_report(reporter);
    assert_int_equal(read_crashes(), 1);
    assert_false(has_ended(process));
}

static void nobody_waits_without_an_answer(void **state)
{
    (void)state;
    for (uint32_t wait_ms = 0; wait_ms <= 30; wait_ms += 30) {
        start(wait_ms);
        report(registered);
        assert_int_equal(read_crashes(), 1);
        end();
        (void)tear_down(state);
        assert_int_equal(set_up(state), 0);
    }
}

static void a_launcher_that_is_gone_is_not_waited_for(void **state)
{
    struct host_child gone;
    uint32_t kept = host.pid;

    (void)state;
    assert_true(host_start(NULL, "nothing", &gone));
    host.pid = gone.pid;
    offer(1, host.handle, HBTEST_RECORDER_SIZE, TOKEN, false);
    host.pid = kept;
    assert_int_equal(host_wait(&gone, NULL, 0), 0);
    start(FOR_EVER_MS);
    report(registered);
    assert_int_equal(read_crashes(), 1);
}

static void a_process_that_is_ended_meanwhile_is_not_waited_for(void **state)
{
    (void)state;
    start(FOR_EVER_MS);
    HANDLE reporter = begin_report();

    host_kill(&child);
    await_report(reporter);
}

static void what_a_handler_has_told_is_not_told_again(void **state)
{
    (void)state;
    start(FOR_EVER_MS);
    PUT(told, 1);
    report(registered);
    assert_int_equal(read_crashes(), 0);
}

/* Older systems have no word for it, and something else in its place. */
static bool tells_deaths(void)
{
    typedef LONG WINAPI read_version(OSVERSIONINFOW *);
    OSVERSIONINFOW version = { .dwOSVersionInfoSize = sizeof(version) };
    read_version *read = (read_version *)(void (*)(void))GetProcAddress(
        GetModuleHandleW(L"ntdll.dll"), "RtlGetVersion");

    (void)read(&version);
    return version.dwBuildNumber >= 19041;
}

static void only_who_dies_is_told(void **state)
{
    (void)state;
    start(0);
    dying.is_fatal = FALSE;
    report(registered);
    assert_int_equal(read_crashes(), tells_deaths() ? 0 : 1);
    said_count = 0;
    dying.size = offsetof(struct hb_wer_information, report);
    report(registered);
    assert_int_equal(read_crashes(), 0);
    dying.size = offsetof(struct hb_wer_information, is_fatal);
    report(registered); /* of an older system, which asks of deaths alone */
    assert_int_equal(read_crashes(), 1);
}

static void an_exception_without_parameters_has_none(void **state)
{
    (void)state;
    start(0);
    dying.record.NumberParameters = 0;
    report(registered);
    assert_int_equal(read_crashes(), 1);
    assert_false(said.has_parameter);
}

static void
a_recorder_that_the_process_closed_is_had_from_the_launcher(void **state)
{
    (void)state;
    offer(1, host.handle, HBTEST_RECORDER_SIZE, TOKEN, true);
    start(0);
    PUT(handle, 0x7ffffff0u);
    report(registered);
    assert_int_equal(read_crashes(), 1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        DEATH(a_death_is_told_and_waits_until_it_may_go_on),
        DEATH(nobody_waits_without_an_answer),
        DEATH(a_launcher_that_is_gone_is_not_waited_for),
        DEATH(a_process_that_is_ended_meanwhile_is_not_waited_for),
        DEATH(what_a_handler_has_told_is_not_told_again),
        DEATH(only_who_dies_is_told),
        DEATH(an_exception_without_parameters_has_none),
        DEATH(a_recorder_that_the_process_closed_is_had_from_the_launcher),
    };
    int status = 0;

    if (played_role(argc, argv, roles, &status)) {
        return status;
    }
    return cmocka_run_group_tests(tests, load_module, NULL);
}
