#include "registry_desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

HKEY root;
struct hb_registry registry;

bool registry_open(void)
{
    registry = hb_registry_of(&root);
    return RegCreateKeyExW(HKEY_CURRENT_USER, registry_here, 0, NULL, 0,
                           KEY_ALL_ACCESS, NULL, &root, NULL) == ERROR_SUCCESS;
}

int registry_set_up(void **state)
{
    HKEY software = NULL;

    (void)state;
    (void)RegDeleteTreeW(HKEY_CURRENT_USER, registry_here);
    if (!registry_open() || RegCreateKeyW(root, L"SOFTWARE\\Microsoft",
                                          &software) != ERROR_SUCCESS) {
        return -1;
    }
    (void)RegCloseKey(software);
    return 0;
}

int registry_tear_down(void **state)
{
    (void)state;
    (void)RegCloseKey(root);
    return (int)RegDeleteTreeW(HKEY_CURRENT_USER, registry_here);
}

DWORD registry_run_killed(void)
{
    wchar_t line[HB_REGISTRY_NAME_MAX * 4];
    wchar_t self[HB_REGISTRY_NAME_MAX * 2];
    STARTUPINFOW start = { .cb = sizeof(start) };
    PROCESS_INFORMATION made;
    DWORD status = 9;

    (void)GetModuleFileNameW(NULL, self, HB_REGISTRY_NAME_MAX * 2);
    (void)swprintf(line, HB_REGISTRY_NAME_MAX * 4, L"\"%ls\" die", self);
    assert_true(CreateProcessW(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL,
                               &start, &made));
    (void)WaitForSingleObject(made.hProcess, INFINITE);
    (void)GetExitCodeProcess(made.hProcess, &status);
    (void)CloseHandle(made.hThread);
    (void)CloseHandle(made.hProcess);
    return status;
}
