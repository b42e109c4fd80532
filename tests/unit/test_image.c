#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "postmortem/image.h"

#define BASE 0x140000000ull
#define ROOM 4096

/* An image as small as one can be: the second header at 64, the debug
 * directory at 512 with its record at 600, the export directory at 700. */
static unsigned char image[ROOM];
static size_t image_size;

static void put_16(size_t at, uint32_t value)
{
    image[at] = (unsigned char)value;
    image[at + 1] = (unsigned char)(value >> 8);
}

static void put_32(size_t at, uint32_t value)
{
    put_16(at, value);
    put_16(at + 2, value >> 16);
}

static size_t read_image(void *context, uint64_t address, void *bytes,
                         size_t size)
{
    (void)context;
    if (address < BASE || address - BASE >= image_size) {
        return 0;
    }
    size_t at = (size_t)(address - BASE);
    size_t part = size < image_size - at ? size : image_size - at;

    memcpy(bytes, image + at, part);
    return part;
}

static const struct hb_memory memory = { read_image, NULL };

static void put_debug(void)
{
    put_32(64 + 24 + 112 + 6 * 8, 512);
    put_32(64 + 24 + 112 + 6 * 8 + 4, 28);
    put_32(512 + 12, 2);
    put_32(512 + 16, 30);
    put_32(512 + 20, 600);
    memcpy(image + 600, "RSDS", 4);
    image[604] = 0xAB;
    image[620] = 9;
}

/* "second" is at 0x900, "first" at 0x800; a forwarder in the directory. */
static void put_exports(void)
{
    static const uint32_t functions[] = { 0x800, 0x900, 720 };
    static const uint32_t names[] = { 900, 910, 920 };
    static const char *const texts[] = { "first", "forward", "second" };
    static const uint32_t ordinals[] = { 0, 2, 1 };

    put_32(64 + 24 + 112, 700);
    put_32(64 + 24 + 112 + 4, 100);
    put_32(700 + 20, 3);
    put_32(700 + 24, 3);
    put_32(700 + 28, 800);
    put_32(700 + 32, 820);
    put_32(700 + 36, 840);
    for (size_t i = 0; i < 3; i++) {
        put_32(800 + 4 * i, functions[i]);
        put_32(820 + 4 * i, names[i]);
        put_16(840 + 2 * i, ordinals[i]);
        memcpy(image + names[i], texts[i], strlen(texts[i]) + 1);
    }
}

static int make_image(void **state)
{
    (void)state;
    memset(image, 0, sizeof(image));
    image_size = sizeof(image);
    memcpy(image, "MZ", 2);
    put_32(60, 64);
    memcpy(image + 64, "PE", 2);
    put_16(64 + 4, 0x8664);
    put_32(64 + 8, 0x5F5E1000);
    put_16(64 + 24, 0x20B);
    put_32(64 + 24 + 56, 0x6000);
    put_32(64 + 24 + 108, 16);
    put_debug();
    put_exports();
    return 0;
}

static void an_image_tells_its_pdb(void **state)
{
    (void)state;
    struct hb_image found;

    assert_true(hb_image_read(&memory, BASE, &found));
    assert_int_equal(found.machine, 0x8664);
    assert_int_equal(found.time, 0x5F5E1000);
    assert_int_equal(found.size, 0x6000);
    assert_string_equal(found.id, "000000AB0000000000000000000000009");
}

static void without_a_pdb_stamp_and_size_name_it(void **state)
{
    (void)state;
    struct hb_image found;

    put_32(512 + 12, 13); /* a debug entry of another kind */
    assert_true(hb_image_read(&memory, BASE, &found));
    assert_string_equal(found.id, "5F5E10006000");
    put_32(512 + 12, 2);
    put_32(512 + 20, 0x7FFFFFFF); /* a record that cannot be read */
    assert_true(hb_image_read(&memory, BASE, &found));
    assert_string_equal(found.id, "5F5E10006000");
}

static void what_is_no_image_is_none(void **state)
{
    (void)state;
    struct hb_image found;

    assert_false(hb_image_read(&memory, BASE + 8, &found));
    put_32(60, 0x7FFFFFFF);
    assert_false(hb_image_read(&memory, BASE, &found));
    (void)make_image(NULL);
    image[65] = 'X';
    assert_false(hb_image_read(&memory, BASE, &found));
    (void)make_image(NULL);
    for (image_size = 0; image_size < 64 + 24 + 112 + 64; image_size++) {
        assert_false(hb_image_read(&memory, BASE, &found));
    }
}

static void the_nearest_export_below_is_found(void **state)
{
    (void)state;
    char name[32] = "";
    uint32_t start = 0;

    assert_true(hb_image_export(&memory, BASE, 0x8FF, name, 32, &start));
    assert_string_equal(name, "first");
    assert_int_equal(start, 0x800);
    assert_true(hb_image_export(&memory, BASE, 0x900, name, 32, &start));
    assert_string_equal(name, "second");
    assert_true(hb_image_export(&memory, BASE, 0x2000, name, 32, &start));
    assert_string_equal(name, "second"); /* not the forwarder at 720 */
    assert_false(hb_image_export(&memory, BASE, 0x7FF, name, 32, &start));
}

static void an_export_is_found_by_its_name(void **state)
{
    (void)state;
    uint32_t offset = 0;

    assert_true(hb_image_find(&memory, BASE, "second", &offset));
    assert_int_equal(offset, 0x900);
    assert_true(hb_image_find(&memory, BASE, "first", &offset));
    assert_int_equal(offset, 0x800);
    assert_false(hb_image_find(&memory, BASE, "secon", &offset));
    assert_false(hb_image_find(&memory, BASE + 8, "first", &offset));
    put_16(840 + 2 * 2, 7); /* a function that does not exist */
    put_16(840, 7);
    put_16(842, 7);
    assert_false(hb_image_find(&memory, BASE, "second", &offset));
}

static void exports_that_lie_are_none(void **state)
{
    (void)state;
    char name[32] = "";
    uint32_t start = 0;

    put_16(840 + 2 * 2, 7); /* a function that does not exist */
    assert_true(hb_image_export(&memory, BASE, 0xA00, name, 32, &start));
    assert_string_equal(name, "first");
    put_32(700 + 24, 0xFFFFFFFF);
    assert_false(hb_image_export(&memory, BASE, 0xA00, name, 32, &start));
    put_32(700 + 24, 3);
    put_32(700 + 28, 0x7FFFFFFF);
    assert_false(hb_image_export(&memory, BASE, 0xA00, name, 32, &start));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_image_tells_its_pdb, make_image),
        cmocka_unit_test_setup(without_a_pdb_stamp_and_size_name_it,
                               make_image),
        cmocka_unit_test_setup(what_is_no_image_is_none, make_image),
        cmocka_unit_test_setup(the_nearest_export_below_is_found, make_image),
        cmocka_unit_test_setup(an_export_is_found_by_its_name, make_image),
        cmocka_unit_test_setup(exports_that_lie_are_none, make_image),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
