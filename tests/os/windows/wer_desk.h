#pragma once

#include "os/client_desk.h"

#include <windows.h>

#include "client/windows/registration.h"
#include "os/windows/wer_module.h"

/*
 * The case is error reporting and the launcher: Wine calls no module, so this
 * loads the real one and hands it a child that stands still.
 */
#define FAST_FAIL 0xC0000409u
#define SUBCODE 2u

/* What who dies says of itself. */
struct hello {
    void *registered;
    DWORD tid;
};

/* The role of who dies. */
static inline int stand(void)
{
    struct hello hello = { &hb_registration, GetCurrentThreadId() };
    DWORD put = 0;

    (void)hbtest_start();
    (void)WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), &hello, sizeof(hello),
                    &put, NULL);
    (void)SleepEx(INFINITE, FALSE);
    return 1;
}

/* One who stands still, and where it told the system to look. */
static struct host_child child;
static HANDLE process;
static unsigned char *registered;
static struct hb_wer_information dying;

static struct hb_found_exception said;
static size_t said_count;

static inline void keep(void *context, const struct hb_observation *seen_now)
{
    (void)context;
    if (seen_now->kind == HB_OBS_CRASHING) {
        said = *seen_now->exception;
        said_count++;
    }
}

static inline size_t read_crashes(void)
{
    (void)hb_recorder_read(recorder, host_clock_ms(), keep, NULL);
    return said_count;
}

static inline void describe_death(DWORD tid)
{
    memset(&dying, 0, sizeof(dying));
    dying.size = sizeof(dying);
    dying.process = process;
    dying.thread = OpenThread(THREAD_ALL_ACCESS, FALSE, tid);
    assert_non_null(dying.thread);
    assert_int_equal(SuspendThread(dying.thread), 0);
    dying.context.ContextFlags = CONTEXT_ALL;
    assert_true(GetThreadContext(dying.thread, &dying.context));
    dying.record.ExceptionCode = FAST_FAIL;
    dying.record.ExceptionFlags = EXCEPTION_NONCONTINUABLE;
    dying.record.ExceptionAddress = (void *)(uintptr_t)dying.context.Rip;
    dying.record.NumberParameters = 1;
    dying.record.ExceptionInformation[0] = SUBCODE;
    dying.is_fatal = TRUE;
}

static inline void start(uint32_t wait_ms)
{
    struct hello hello = { NULL, 0 };
    DWORD got = 0;

    said_count = 0;
    memset(&said, 0, sizeof(said));
    hb_recorder_let_wait(recorder, wait_ms, 0);
    assert_true(host_start(NULL, "stand", &child));
    process = (HANDLE)(uintptr_t)child.process;
    assert_true(ReadFile((HANDLE)(uintptr_t)child.output, &hello, sizeof(hello),
                         &got, NULL));
    assert_int_equal(got, sizeof(hello));
    registered = hello.registered;
    describe_death(hello.tid);
}

static inline void end(void)
{
    (void)CloseHandle(dying.thread);
    host_kill(&child);
    (void)host_wait(&child, NULL, 0);
    process = NULL;
}

static inline int end_all(void **state)
{
    if (process != NULL) {
        end();
    }
    return tear_down(state);
}

#define DEATH(name) cmocka_unit_test_setup_teardown(name, set_up, end_all)

static inline bool has_ended(HANDLE object)
{
    return WaitForSingleObject(object, 0) == WAIT_OBJECT_0;
}

/* It returns, and claims nothing. */
static inline void report(void *context)
{
    BOOL claimed = TRUE;

    assert_int_equal(call_module(context, &dying, &claimed, NULL, NULL, NULL),
                     S_OK);
    assert_false(claimed);
}

static inline void read_child(const void *at, void *bytes, size_t size)
{
    assert_true(ReadProcessMemory(process, at, bytes, size, NULL));
}

static inline void write_child(size_t offset, const void *bytes, size_t size)
{
    assert_true(
        WriteProcessMemory(process, registered + offset, bytes, size, NULL));
}

static inline void write_number(size_t offset, uint64_t number, size_t size)
{
    write_child(offset, &number, size);
}

#define PUT(field, number)                                                     \
    write_number(offsetof(struct hb_registration, field), (number),            \
                 sizeof(hb_registration.field))
