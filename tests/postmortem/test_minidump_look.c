/*
 * A look at a dump: one made by hand, and those of others where they are at
 * hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/minidump_bytes.h"
#include "os/file.h"
#include "postmortem/look.h"

#define DUMP "made.dmp"
#define TOLD "minidump_look.jsonl" /* others run in this folder too */

static char *told;

static int drop(void **state)
{
    (void)state;
    free(told);
    told = NULL;
    hb_file_remove(DUMP);
    return 0;
}

static void look_at(const char *path)
{
    struct hb_request request = { .file = path, .stacks = true };
    struct hb_error err = { 0 };
    size_t size = 0;
    FILE *out = fopen(TOLD, "wb");
    struct hb_teller *teller = hb_teller_new(out);

    assert_non_null(out);
    assert_true(hb_look(&request, teller, &err));
    hb_teller_free(teller);
    (void)fclose(out);
    free(told);
    assert_true(hb_file_read(TOLD, 1u << 24, &told, &size, &err));
    hb_file_remove(TOLD);
}

static void write_made(const struct dump *dump)
{
    struct hb_error err = { 0 };

    assert_true(hb_file_replace(DUMP, dump->bytes, dump->size, &err));
}

static void need(const char *text)
{
    if (strstr(told, text) == NULL) {
        fail_msg("no '%s' in:\n%.4000s", text, told);
    }
}

static void what_a_dump_knows_is_told(void **state)
{
    (void)state;
    static struct dump dump;

    dump_make(&dump);
    write_made(&dump);
    look_at(DUMP);
    need("\"kind\":\"exception\",\"pid\":99,\"tid\":101,\"code\":3221226505,"
         "\"address\":\"0x140001234\",\"parameter\":7");
    need("\"path\":\"C:\\\\build\\\\test_parser.exe\"");
    need("\"id\":\"131211101514171618191A1B1C1D1E1F2A\"");
    need("\"tid\":101,\"sample\":0,\"name\":\"worker\",\"crashed\":true");
    need("\"address\":\"0x140001234\",\"module\":0,\"offset\":\"0x1234\"");
    need("\"what\":\"stacks\",\"status\":\"captured\"");
}

static void a_broken_dump_still_tells_why_it_died(void **state)
{
    (void)state;
    static struct dump dump;

    dump_make(&dump);
    dump_put_32(&dump, DUMP_THREADS, 1000);
    write_made(&dump);
    look_at(DUMP);
    need("\"kind\":\"exception\"");
    need("\"status\":\"failed\"");
    need("a broken minidump");
}

static void dumps_of_others_are_looked_at(void **state)
{
    (void)state;
    if (!hb_file_exists(HB_DUMPS "/tiny-exe-fastfail.dmp")) {
        (void)printf("no dumps in " HB_DUMPS "\n");
        skip();
    }
    look_at(HB_DUMPS "/tiny-exe-fastfail.dmp");
    need("\"code\":3221226505");
    need("\"parameter\":7");
    need("\"crashed\":true");
    need("\"what\":\"stacks\",\"status\":\"captured\"");
    look_at(HB_DUMPS "/null_write_av.dmp"); /* of a 32-bit program */
    need("\"code\":3221225477");
    need("\"what\":\"stacks\",\"status\":\"captured\"");
    look_at(HB_DUMPS "/invalid-range.dmp");
    need("\"what\":\"stacks\",\"status\":\"failed\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_a_dump_knows_is_told, drop),
        cmocka_unit_test_teardown(a_broken_dump_still_tells_why_it_died, drop),
        cmocka_unit_test_teardown(dumps_of_others_are_looked_at, drop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
