/* What is believed of a record of a run before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/past.h"

#define RECORD(cause, evidence)                                                \
    "{\"schema\":\"hbtest.result.v1\",\"cause\":\"" cause                      \
    "\",\"signature\":{\"hash\":\"00ff\",\"text\":\"t\"},\"evidence\":"        \
    "[" evidence "]}"
#define DUMP(kind, status, path)                                               \
    "{\"kind\":\"" kind "\",\"status\":\"" status "\",\"path\":\"" path "\"}"

static bool read_text(const char *text, struct hb_past *past)
{
    memset(past, 0, sizeof(*past));
    return hb_past_read(text, strlen(text), past);
}

static void dumps_that_were_taken_are_named(void **state)
{
    struct hb_past past;

    (void)state;
    assert_true(read_text(
        RECORD(
            "deadlock",
            DUMP("stacks", "captured", "stacks.txt") "," DUMP(
                "dump", "captured",
                "core.zst") "," DUMP("dump", "failed",
                                     "core.7.zst") "," DUMP("full-dump",
                                                            "captured",
                                                            "dump.full.dmp")),
        &past));
    assert_string_equal(past.signature, "00ff");
    assert_int_equal(past.dump_count, 2);
    assert_string_equal(past.dumps[0], "core.zst");
    assert_string_equal(past.dumps[1], "dump.full.dmp");
}

static void names_that_lead_elsewhere_are_none(void **state)
{
    struct hb_past past;

    (void)state;
    assert_true(read_text(
        RECORD(
            "deadlock",
            DUMP("dump", "captured", "../core") "," DUMP("dump", "captured", "core/../../core") "," DUMP(
                "dump", "captured",
                "c:core") "," DUMP("dump", "captured",
                                   "core\\\\x") "," DUMP("dump", "captured",
                                                         "core.txt") "," DUMP("dump",
                                                                              "captured",
                                                                              "result.json") "," DUMP("dump",
                                                                                                      "captured",
                                                                                                      "") ",3,null"),
        &past));
    assert_int_equal(past.dump_count, 0);
}

static void what_is_no_final_record_is_none(void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "{\"schema\":\"other\",\"signature\":{\"hash\":\"1\"}}",
        "{\"schema\":\"hbtest.result.v1\",\"signature\":3}",
        "{\"schema\":\"hbtest.result.v1\"}",
        RECORD("launcher-lost", DUMP("dump", "captured", "core")),
    };
    struct hb_past past;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_false(read_text(texts[i], &past));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dumps_that_were_taken_are_named),
        cmocka_unit_test(names_that_lead_elsewhere_are_none),
        cmocka_unit_test(what_is_no_final_record_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
