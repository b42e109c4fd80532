/* The file of a core, and its layout, without a process. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core_desk.h"
#include "os/file.h"
#include "postmortem/linux/core_layout.h"

static struct core_desk desk; /* its folder alone */
static struct hb_core_output *output;
static struct hb_error err;

static int begin(void **state)
{
    (void)state;
    system_make_folder(desk.folder, sizeof(desk.folder));
    (void)snprintf(desk.path, sizeof(desk.path), "%s/core", desk.folder);
    return 0;
}

static int end(void **state)
{
    (void)state;
    hb_core_output_free(output);
    output = NULL;
    core_desk_end(&desk);
    return 0;
}

static void open_output(bool named)
{
    const struct hb_core_output_spec spec = { .path = desk.path,
                                              .named = named };

    assert_true(hb_core_output_open(&spec, &output, &err));
}

static void part_path(char *path, size_t size)
{
    (void)snprintf(path, size, "%s.part", desk.path);
}

static void a_file_has_no_name_before_it_is_whole(void **state)
{
    (void)state;
    uint64_t bytes = 0;

    open_output(false);
    assert_true(hb_core_output_write(output, "core", 4, &err));
    assert_int_equal(core_desk_files(&desk), 0);
    assert_true(hb_core_output_publish(output, &bytes, &err));
    assert_int_equal(bytes, 4);
    assert_true(hb_file_exists(desk.path));
}

/* Where a file system has no files without a name. */
static void a_part_is_renamed_when_it_is_whole(void **state)
{
    (void)state;
    char part[300];
    uint64_t bytes = 0;

    part_path(part, sizeof(part));
    system_write_file(part, "left by somebody", 16, false);
    open_output(true);
    assert_true(hb_core_output_write(output, "core", 4, &err));
    assert_true(hb_file_exists(part));
    assert_false(hb_file_exists(desk.path));
    assert_true(hb_core_output_publish(output, &bytes, &err));
    assert_int_equal(bytes, 4);
    assert_int_equal(core_desk_files(&desk), 1);
}

static void a_part_is_removed_when_it_is_given_up(void **state)
{
    (void)state;
    open_output(true);
    assert_int_equal(core_desk_files(&desk), 1);
    hb_core_output_free(output);
    output = NULL;
    assert_int_equal(core_desk_files(&desk), 0);
}

static void a_link_in_the_way_is_not_followed(void **state)
{
    (void)state;
    char part[300];
    char victim[300];
    char *text = NULL;
    size_t size = 0;

    part_path(part, sizeof(part));
    (void)snprintf(victim, sizeof(victim), "%s/victim", desk.folder);
    system_write_file(victim, "untouched", 9, false);
    assert_true(system_make_link(victim, part));
    open_output(true);
    assert_true(hb_core_output_write(output, "core", 4, &err));
    hb_core_output_free(output);
    output = NULL;
    assert_true(hb_file_read(victim, 100, &text, &size, &err));
    assert_string_equal(text, "untouched");
    free(text);
}

static void a_part_replaces_no_file(void **state)
{
    (void)state;
    uint64_t bytes = 0;

    open_output(true);
    system_write_file(desk.path, "mine", 4, false);
    assert_false(hb_core_output_publish(output, &bytes, &err));
    assert_int_equal(err.os_code, EEXIST);
    hb_core_output_free(output);
    output = NULL;
    assert_int_equal(core_desk_files(&desk), 1);
}

/* Sixteen bits cannot count them. */
static void more_segments_than_the_header_counts(void **state)
{
    (void)state;
    enum { COUNT = 70000 };
    struct hb_mapping mapping = { .start = 0x10000, .end = (uint64_t)1 << 46 };
    struct hb_core_layout layout = { 0 };
    struct hb_buffer notes = { 0 };
    unsigned char status[20 + 336] = { 5,   0,   0,   0,  336 & 0xff, 336 >> 8,
                                       0,   0,   1,   0,  0,          0,
                                       'C', 'O', 'R', 'E' };
    uint64_t bytes = 0;
    char page[4096];

    hb_buffer_add(&notes, (const char *)status, sizeof(status));
    for (uint64_t i = 0; i < COUNT; i++) {
        uint64_t from = mapping.start + i * 0x10000;

        hb_core_layout_add(&layout, &mapping, from, from + sizeof(page));
    }
    open_output(false);
    assert_true(hb_core_layout_write(&layout, &notes, output, &err));
    for (int i = 0; i < COUNT; i++) {
        memset(page, 0, sizeof(page));
        memcpy(page, &i, sizeof(i));
        assert_true(hb_core_output_write(output, page, sizeof(page), &err));
    }
    assert_true(hb_core_output_publish(output, &bytes, &err));
    struct core_bytes core;
    core_bytes_read(desk.path, false, &core);
    assert_int_equal(core.core.segment_count, COUNT + 1);
    for (int i = 0; i < COUNT; i += 9999) {
        int there = -1;

        assert_true(hb_elf_core_memory(&core.core,
                                       mapping.start + (uint64_t)i * 0x10000,
                                       &there, sizeof(there)));
        assert_int_equal(there, i);
    }
    core_bytes_free(&core);
    hb_buffer_free(&notes);
    hb_core_layout_free(&layout);
}

static void gaps_are_stored_only_if_they_are_small(void **state)
{
    (void)state;
    struct hb_mapping mapping = { .start = 0x100000, .end = 0x200000 };
    struct hb_core_layout layout = { 0 };

    hb_core_layout_begin(&layout, &mapping);
    hb_core_layout_store(&layout, 0x101000, 0x102000, 0x1000);
    hb_core_layout_store(&layout, 0x103000, 0x104000, 0x1000);
    hb_core_layout_store(&layout, 0x110000, 0x111000, 0x1000);
    assert_int_equal(layout.count, 2);
    assert_int_equal(layout.items[0].start, 0x100000);
    assert_int_equal(layout.items[0].file_size, 0x4000);
    assert_int_equal(layout.items[0].memory_size, 0x10000);
    assert_int_equal(layout.items[1].start, 0x110000);
    assert_int_equal(layout.items[1].file_size, 0x1000);
    assert_int_equal(layout.items[1].memory_size, 0xf0000);
    assert_int_equal(hb_core_layout_size(&layout), 0x5000);
    hb_core_layout_free(&layout);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_file_has_no_name_before_it_is_whole),
        CASE(a_part_is_renamed_when_it_is_whole),
        CASE(a_part_is_removed_when_it_is_given_up),
        CASE(a_link_in_the_way_is_not_followed),
        CASE(a_part_replaces_no_file),
        CASE(more_segments_than_the_header_counts),
        CASE(gaps_are_stored_only_if_they_are_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
