/* A supervised program asks nobody anything: its runtime and the system's
 * error reporting write, and faults are still reported. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <cmocka.h>

#include "os/client_desk.h"

#define ABORT_ASKS 1u    /* _WRITE_ABORT_MSG */
#define ABORT_REPORTS 2u /* _CALL_REPORTFAULT */

typedef unsigned int __cdecl set_abort(unsigned int, unsigned int);

/* A runtime that a library brings along, not the program's own. */
static set_abort *other_runtime(void)
{
    HMODULE runtime = LoadLibraryW(L"ucrtbase.dll");
    set_abort *found = NULL;

    if (runtime != NULL) {
        FARPROC address = GetProcAddress(runtime, "_set_abort_behavior");

        memcpy(&found, &address, sizeof(found));
    }
    return found;
}

/* As loud as a program can be before it starts to speak to us. */
static set_abort *be_loud(void)
{
    set_abort *behaviour = other_runtime();

    (void)_set_error_mode(_OUT_TO_MSGBOX);
    (void)SetErrorMode(SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
    if (behaviour != NULL) {
        (void)behaviour(ABORT_ASKS | ABORT_REPORTS, ABORT_ASKS | ABORT_REPORTS);
    }
    return behaviour;
}

/* One bit for each thing that is not as it must be. */
static int faults_of(set_abort *behaviour, int out_to, UINT mode,
                     unsigned abort_flags)
{
    int faults = 0;

    if (_set_error_mode(_REPORT_ERRMODE) != out_to) {
        faults |= 1;
    }
    if (GetErrorMode() != mode) {
        faults |= 2;
    }
    if (behaviour == NULL) {
        faults |= 4;
    } else if (behaviour(0, 0) != abort_flags) {
        faults |= 8;
    }
    return faults;
}

static int role_start(void)
{
    set_abort *behaviour = be_loud();

    if (hbtest_start() != 1) {
        return 99;
    }
    return faults_of(behaviour, _OUT_TO_STDERR,
                     SEM_FAILCRITICALERRORS | SEM_NOOPENFILEERRORBOX,
                     ABORT_REPORTS);
}

static int role_alone(void)
{
    set_abort *behaviour = be_loud();

    if (hbtest_start() != 0) {
        return 99;
    }
    return faults_of(behaviour, _OUT_TO_MSGBOX,
                     SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX,
                     ABORT_ASKS | ABORT_REPORTS);
}

static void boxes_are_off_and_fault_reports_on(void **state)
{
    (void)state;
    assert_int_equal(run_role("start"), 0);
    assert_non_null(strstr(all_seen(), "A attached 0 hbtest"));
}

static void without_launcher_nothing_is_changed(void **state)
{
    (void)state;
    host_offer(NULL);
    assert_int_equal(run_role("alone"), 0);
}

static const struct role roles[] = {
    { "start", role_start },
    { "alone", role_alone },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(boxes_are_off_and_fault_reports_on),
        CASE(without_launcher_nothing_is_changed),
    };
    int status = 0;

    if (played_role(argc, argv, roles, &status)) {
        return status;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
