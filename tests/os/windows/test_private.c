#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <aclapi.h>

#include <cmocka.h>

#include "os/file.h"
#include "os/windows/widen.h"
#include "system.h"

/* One entry each for the user, SYSTEM and the administrators, none inherited,
 * nobody else's. */
static void expect_private(const char *path)
{
    wchar_t *wide = NULL;
    struct hb_error err = { 0 };
    ACL *acl = NULL;
    SECURITY_DESCRIPTOR *descriptor = NULL;
    SECURITY_DESCRIPTOR_CONTROL control = 0;
    DWORD revision = 0;

    assert_true(hb_widen_path(path, &wide, &err));
    assert_int_equal(
        GetNamedSecurityInfoW(wide, SE_FILE_OBJECT, DACL_SECURITY_INFORMATION,
                              NULL, NULL, &acl, NULL, (void **)&descriptor),
        ERROR_SUCCESS);
    assert_true(GetSecurityDescriptorControl(descriptor, &control, &revision));
    for (DWORD i = 0; i < acl->AceCount; i++) {
        ACCESS_ALLOWED_ACE *entry = NULL;

        assert_true(GetAce(acl, i, (void **)&entry));
        assert_int_equal(entry->Header.AceFlags & INHERITED_ACE, 0);
        assert_false(IsWellKnownSid(&entry->SidStart, WinWorldSid));
        assert_false(IsWellKnownSid(&entry->SidStart, WinBuiltinUsersSid));
        assert_false(IsWellKnownSid(&entry->SidStart, WinAuthenticatedUserSid));
    }
    (void)LocalFree(descriptor);
    free(wide);
}

static void files_and_folders_are_for_the_user_alone(void **state)
{
    (void)state;
    char folder[256];
    char path[300];
    struct hb_error err = { 0 };

    system_make_folder(folder, sizeof(folder));
    (void)snprintf(path, sizeof(path), "%s\\one", folder);
    assert_true(hb_file_replace(path, "x", 1, &err));
    expect_private(path);
    hb_file_remove(path);
    assert_true(hb_folder_make(path, &err));
    expect_private(path);
    hb_folder_remove(path);
    hb_folder_remove(folder);
}

static void paths_beyond_260_characters_work(void **state)
{
    (void)state;
    char folder[256];
    char path[1024];
    struct hb_error err = { 0 };
    size_t used = 0;

    system_make_folder(folder, sizeof(folder));
    used = (size_t)snprintf(path, sizeof(path), "%s", folder);
    for (int i = 0; i < 8; i++) {
        used += (size_t)snprintf(path + used, sizeof(path) - used,
                                 "\\a-folder-with-a-name-of-forty-characters");
    }
    assert_true(strlen(path) > 260);
    assert_true(hb_folder_make(path, &err));
    (void)snprintf(path + used, sizeof(path) - used, "/file");
    assert_true(hb_file_replace(path, "x", 1, &err));
    assert_true(hb_file_exists(path));
    hb_file_remove(path);
    for (path[used] = '\0'; strlen(path) >= strlen(folder);) {
        hb_folder_remove(path);
        *strrchr(path, '\\') = '\0';
    }
    assert_false(hb_file_exists(folder));
}

static void a_file_that_another_program_holds_is_replaced_later(void **state)
{
    (void)state;
    char folder[256];
    char path[300];
    struct hb_error err = { 0 };

    system_make_folder(folder, sizeof(folder));
    (void)snprintf(path, sizeof(path), "%s\\one", folder);
    assert_true(hb_file_replace(path, "x", 1, &err));
    wchar_t *wide = NULL;
    assert_true(hb_widen_path(path, &wide, &err));
    HANDLE held = CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ, NULL,
                              OPEN_EXISTING, 0, NULL);
    assert_ptr_not_equal(held, INVALID_HANDLE_VALUE);
    assert_false(hb_file_replace(path, "y", 1, &err)); /* tried for a while */
    assert_int_equal(err.code, HB_ERR_WRITE);
    (void)CloseHandle(held);
    assert_true(hb_file_replace(path, "y", 1, &err));
    free(wide);
    hb_file_remove(path);
    hb_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_and_folders_are_for_the_user_alone),
        cmocka_unit_test(paths_beyond_260_characters_work),
        cmocka_unit_test(a_file_that_another_program_holds_is_replaced_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
