/* What a process has mapped, and the reading of its memory. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "postmortem/linux/maps.h"
#include "target_desk.h"

#define PAGE ((size_t)4096)

static struct hb_maps maps;

static int end_maps(void **state)
{
    (void)state;
    hb_maps_free(&maps);
    return 0;
}

static void read_maps(pid_t pid)
{
    struct hb_error err = { 0 };

    assert_true(hb_maps_read(pid, &maps, &err));
}

static const struct hb_mapping *find(const void *at)
{
    return hb_maps_find(&maps, (uint64_t)(uintptr_t)at);
}

static char *map(size_t pages, int protection, int flags, int fd)
{
    char *at = mmap(NULL, pages * PAGE, protection, flags, fd, 0);

    assert_ptr_not_equal(at, MAP_FAILED);
    return at;
}

static void a_mapping_has_its_range_rights_and_file(void **state)
{
    (void)state;
    char folder[200];
    char path[256];

    system_make_folder(folder, sizeof(folder));
    (void)snprintf(path, sizeof(path), "%s/two words\nand a line", folder);
    system_write_file(path, "x", 1, false);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(ftruncate(fd, 8 * (off_t)PAGE), 0);
    char *at = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, fd, 2 * PAGE);
    assert_ptr_not_equal(at, MAP_FAILED);
    read_maps(getpid());
    const struct hb_mapping *found = find(at + 1);
    assert_non_null(found);
    assert_int_equal(found->start, (uintptr_t)at);
    assert_int_equal(found->end - found->start, 4 * PAGE);
    assert_int_equal(found->file_offset, 2 * PAGE);
    assert_string_equal(found->path, path);
    assert_true(found->readable && found->shared && found->inode != 0);
    assert_false(found->writable || found->executable);
    assert_int_equal(munmap(at, 4 * PAGE), 0);
    (void)close(fd);
    assert_int_equal(remove(path), 0);
    assert_int_equal(remove(folder), 0);
}

static void anonymous_memory_has_no_path(void **state)
{
    (void)state;
    char *at = map(3, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

    assert_int_equal(mprotect(at + PAGE, PAGE, PROT_READ | PROT_WRITE), 0);
    read_maps(getpid());
    assert_string_equal(find(at + PAGE)->path, "");
    assert_true(find(at + PAGE)->writable && !find(at + PAGE)->shared);
    assert_false(find(at)->readable);
    assert_int_equal(munmap(at, 3 * PAGE), 0);
}

static void an_address_between_mappings_is_in_none(void **state)
{
    (void)state;
    char *at = map(3, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1);

    assert_int_equal(munmap(at + PAGE, PAGE), 0);
    read_maps(getpid());
    assert_non_null(find(at + PAGE - 1));
    assert_null(find(at + PAGE));
    assert_null(find(at + 2 * PAGE - 1));
    assert_non_null(find(at + 2 * PAGE));
    assert_null(hb_maps_find(&maps, 0));
    assert_null(hb_maps_find(&maps, UINT64_MAX));
    assert_int_equal(munmap(at, 3 * PAGE), 0);
}

static void thousands_of_mappings_are_all_there(void **state)
{
    (void)state;
    const size_t pages = 6000;
    char *at = map(pages, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1);

    for (size_t i = 0; i < pages; i += 2) {
        assert_int_equal(mprotect(at + i * PAGE, PAGE, PROT_NONE), 0);
    }
    read_maps(getpid());
    for (size_t i = 1; i + 1 < pages; i++) {
        const struct hb_mapping *found = find(at + i * PAGE);

        assert_non_null(found);
        assert_int_equal(found->start, (uintptr_t)at + i * PAGE);
        assert_int_equal(found->readable, i % 2 == 1);
    }
    assert_int_equal(munmap(at, pages * PAGE), 0);
}

static void a_process_that_is_not_there_has_no_list(void **state)
{
    (void)state;
    struct hb_error err = { 0 };

    assert_false(hb_maps_read(0x3ffffff, &maps, &err));
    assert_string_equal(err.text, "cannot read '/proc/67108863/maps'");
    assert_int_equal(maps.count, 0);
}

static void memory_is_read_up_to_the_first_hole(void **state)
{
    (void)state;
    static char bytes[600 * 4096];
    char *at =
        map(600, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    uint64_t address = (uint64_t)(uintptr_t)at;

    memset(at, 'm', 600 * PAGE);
    assert_int_equal(mprotect(at + 577 * PAGE, PAGE, PROT_NONE), 0);
    assert_int_equal(hb_memory_read(getpid(), address, bytes, sizeof(bytes)),
                     577 * PAGE);
    assert_memory_equal(bytes, at, 577 * PAGE);
    assert_int_equal(hb_memory_read(getpid(), address + 576 * PAGE + 5, bytes,
                                    sizeof(bytes)),
                     PAGE - 5);
    assert_int_equal(hb_memory_read(getpid(), address + 577 * PAGE, bytes, 1),
                     0);
    assert_int_equal(hb_memory_read(getpid(), 0, bytes, 8), 0);
    assert_int_equal(hb_memory_read(getpid(), UINT64_MAX - 3, bytes, 8), 0);
    assert_int_equal(munmap(at, 600 * PAGE), 0);
}

#define CASE(name) cmocka_unit_test_teardown(name, end_maps)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_mapping_has_its_range_rights_and_file),
        CASE(anonymous_memory_has_no_path),
        CASE(an_address_between_mappings_is_in_none),
        CASE(thousands_of_mappings_are_all_there),
        CASE(a_process_that_is_not_there_has_no_list),
        CASE(memory_is_read_up_to_the_first_hole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
