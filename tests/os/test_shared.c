#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "folder.h"
#include "os/file.h"
#include "os/shared.h"
#include "system.h"

struct seen {
    unsigned files;
    unsigned folders;
    uint64_t bytes;
    unsigned most;
};

static bool see(void *context, const struct hb_entry *entry)
{
    struct seen *seen = context;

    seen->files += entry->is_file;
    seen->folders += entry->is_folder;
    seen->bytes += entry->is_file ? entry->size : 0;
    return seen->files + seen->folders < seen->most;
}

static void a_folder_is_listed(void **state)
{
    struct hb_error err = { 0 };
    struct seen seen = { .most = 100 };

    (void)state;
    assert_true(hb_file_replace(in_folder("a"), "12345", 5, &err));
    assert_true(hb_file_replace(in_folder("\xc3\xa4"), "123", 3, &err));
    assert_true(hb_folder_make(in_folder("sub"), &err));
    hb_folder_list(folder_path(), see, &seen);
    assert_int_equal(seen.files, 2);
    assert_int_equal(seen.folders, 1);
    assert_int_equal(seen.bytes, 8);
    seen = (struct seen){ .most = 1 };
    hb_folder_list(folder_path(), see, &seen);
    assert_int_equal(seen.files + seen.folders, 1);
    seen = (struct seen){ .most = 100 };
    hb_folder_list(in_folder("none"), see, &seen);
    assert_int_equal(seen.files + seen.folders, 0);
    hb_file_remove(in_folder("a"));
    hb_file_remove(in_folder("\xc3\xa4"));
    hb_folder_remove(in_folder("sub"));
}

static void a_disk_has_room(void **state)
{
    uint64_t free_bytes = 0;
    uint64_t total = 0;

    (void)state;
    assert_true(hb_folder_room(folder_path(), &free_bytes, &total));
    assert_true(total > 0 && free_bytes <= total);
    assert_false(hb_folder_room(in_folder("none/none"), &free_bytes, &total));
}

static void a_lock_is_held_by_one(void **state)
{
    struct hb_error err = { 0 };
    struct hb_lock *lock = NULL;
    struct hb_lock *second = NULL;

    (void)state;
    assert_false(hb_lock_is_held(in_folder("lock")));
    assert_true(hb_lock_take(in_folder("lock"), 0, &lock, &err));
    assert_true(hb_lock_is_held(in_folder("lock")));
    assert_false(hb_lock_take(in_folder("lock"), 20, &second, &err));
    assert_int_equal(err.code, HB_ERR_WRITE);
    hb_lock_free(lock, false);
    assert_false(hb_lock_is_held(in_folder("lock")));
    assert_true(hb_file_exists(in_folder("lock")));
    assert_true(hb_lock_take(in_folder("lock"), 0, &second, &err));
    hb_lock_free(second, true);
    assert_false(hb_file_exists(in_folder("lock")));
    hb_lock_free(NULL, true);
}

/* A test that is started while it is held does not inherit it. */
static void a_child_does_not_hold_it(void **state)
{
    const char *command[] = { OS_CHILD_PATH, "cat", NULL };
    struct system_child child;
    struct hb_error err = { 0 };
    struct hb_lock *lock = NULL;

    (void)state;
    assert_true(hb_lock_take(in_folder("lock"), 0, &lock, &err));
    system_start(command, 0, &child);
    hb_lock_free(lock, false);
    assert_false(hb_lock_is_held(in_folder("lock")));
    system_close(&child.in);
    (void)system_wait(&child);
    system_close(&child.out);
    system_close(&child.err);
    hb_file_remove(in_folder("lock"));
}

static void a_folder_that_is_not_there_cannot_be_locked(void **state)
{
    struct hb_error err = { 0 };
    struct hb_lock *lock = NULL;

    (void)state;
    assert_false(hb_lock_take(in_folder("none/lock"), 0, &lock, &err));
    assert_null(lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_is_listed),
        cmocka_unit_test(a_disk_has_room),
        cmocka_unit_test(a_lock_is_held_by_one),
        cmocka_unit_test(a_child_does_not_hold_it),
        cmocka_unit_test(a_folder_that_is_not_there_cannot_be_locked),
    };

    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
