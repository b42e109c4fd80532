#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "postmortem/tell.h"

#define LINE_SIZE 65536

struct ear {
    FILE *file;
    struct hb_teller *teller;
    char line[LINE_SIZE];
    cJSON *told;
};

static struct ear ear;

static int begin(void **state)
{
    (void)state;
    ear.file = tmpfile();
    ear.teller = hb_teller_new(ear.file);
    return ear.file != NULL && ear.teller != NULL ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    cJSON_Delete(ear.told);
    ear.told = NULL;
    hb_teller_free(ear.teller);
    (void)fclose(ear.file);
    return 0;
}

/* The next line that was told; a line is one whole object. */
static const cJSON *next_line(void)
{
    assert_non_null(fgets(ear.line, sizeof(ear.line), ear.file));
    assert_int_equal(ear.line[strlen(ear.line) - 1], '\n');
    cJSON_Delete(ear.told);
    ear.told = cJSON_ParseWithOpts(ear.line, NULL, 1);
    assert_true(cJSON_IsObject(ear.told));
    return ear.told;
}

static const cJSON *first_line(void)
{
    rewind(ear.file);
    return next_line();
}

static void has_text(const cJSON *object, const char *key, const char *text)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    if (!cJSON_IsString(item)) {
        fail_msg("no text '%s' in %s", key, ear.line);
    }
    assert_string_equal(item->valuestring, text);
}

static void has_number(const cJSON *object, const char *key, double number)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    if (!cJSON_IsNumber(item) || item->valuedouble < number ||
        item->valuedouble > number) {
        fail_msg("'%s' is not %.0f in %s", key, number, ear.line);
    }
}

static void is_true(const cJSON *object, const char *key)
{
    assert_true(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, key)));
}

static void lacks(const cJSON *object, const char *key)
{
    if (cJSON_GetObjectItemCaseSensitive(object, key) != NULL) {
        fail_msg("'%s' stands in %s", key, ear.line);
    }
}

static void modules_are_numbered_in_their_order(void **state)
{
    (void)state;
    static const struct hb_module first = { .base = UINT64_C(0x7fff00001000),
                                            .size = 8192,
                                            .path = "/bin/a",
                                            .id = "00ff",
                                            .debug = "/usr/lib/debug/a" };
    static const struct hb_module second = { .base = 0x1000, .size = 1 };

    assert_int_equal(hb_tell_module(ear.teller, &first), 0);
    assert_int_equal(hb_tell_module(ear.teller, &second), 1);

    const cJSON *told = first_line();
    has_text(told, "kind", "module");
    has_number(told, "index", 0);
    has_text(told, "base", "0x7fff00001000");
    has_number(told, "size", 8192);
    has_text(told, "path", "/bin/a");
    has_text(told, "id", "00ff");
    has_text(told, "debug", "/usr/lib/debug/a");
    told = next_line();
    has_number(told, "index", 1);
    lacks(told, "path");
    lacks(told, "id");
    lacks(told, "debug");
}

static const struct hb_frame frames[] = {
    { .address = UINT64_MAX,
      .module = 3,
      .offset = 0x401136,
      .symbol = "worker",
      .symbol_offset = 0,
      .file = "/src/a \"b\".c",
      .line = 12,
      .is_inlined = true },
    { .address = 0x10, .module = HB_NO_MODULE, .offset = 7 },
};

static void a_thread_is_told_with_its_frames(void **state)
{
    (void)state;
    const struct hb_found_thread thread = { .pid = 10,
                                            .tid = 11,
                                            .sample = 1,
                                            .name = "worker 1",
                                            .state = "sleeping",
                                            .crashed = true,
                                            .moved = true,
                                            .frames = frames,
                                            .frame_count = 2,
                                            .cut_short = "no more" };

    hb_tell_thread(ear.teller, &thread);
    const cJSON *told = first_line();
    has_text(told, "kind", "thread");
    has_number(told, "pid", 10);
    has_number(told, "tid", 11);
    has_number(told, "sample", 1);
    has_text(told, "name", "worker 1");
    has_text(told, "state", "sleeping");
    is_true(told, "crashed");
    is_true(told, "moved");
    has_text(told, "cut_short", "no more");

    const cJSON *list = cJSON_GetObjectItemCaseSensitive(told, "frames");
    assert_int_equal(cJSON_GetArraySize(list), 2);
    const cJSON *frame = cJSON_GetArrayItem(list, 0);
    has_text(frame, "address", "0xffffffffffffffff");
    has_number(frame, "module", 3);
    has_text(frame, "offset", "0x401136");
    has_text(frame, "symbol", "worker");
    has_number(frame, "symbol_offset", 0);
    has_text(frame, "file", "/src/a \"b\".c");
    has_number(frame, "line", 12);
    is_true(frame, "inlined");
    frame = cJSON_GetArrayItem(list, 1);
    has_text(frame, "address", "0x10");
    assert_int_equal(cJSON_GetArraySize(frame), 1); /* nothing is guessed */
}

static void a_thread_of_which_nothing_is_known_has_no_frames(void **state)
{
    (void)state;
    const struct hb_found_thread thread = { .pid = 1, .tid = 2 };

    hb_tell_thread(ear.teller, &thread);
    const cJSON *told = first_line();
    lacks(told, "name");
    lacks(told, "state");
    lacks(told, "moved");
    lacks(told, "crashed");
    lacks(told, "cut_short");
    assert_true(
        cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(told, "frames")));
}

static void a_name_that_is_no_text_stays_one_line_of_json(void **state)
{
    (void)state;
    const struct hb_found_thread thread = { .pid = 1,
                                            .tid = 2,
                                            .name = "a\xff\n\"\x1b" };

    hb_tell_thread(ear.teller, &thread);
    has_text(first_line(), "name", "a\xef\xbf\xbd\n\"\x1b");
}

static void a_lock_names_its_owner_where_it_has_one(void **state)
{
    (void)state;
    const struct hb_found_lock held = {
        .pid = 1, .tid = 2, .kind = "mutex", .address = 0x4080, .owner = 3
    };
    const struct hb_found_lock other = { .pid = 1, .tid = 2, .kind = "futex" };

    hb_tell_lock(ear.teller, &held);
    hb_tell_lock(ear.teller, &other);
    const cJSON *told = first_line();
    has_text(told, "kind", "lock");
    has_text(told, "lock", "mutex");
    has_text(told, "address", "0x4080");
    has_number(told, "owner", 3);
    lacks(next_line(), "owner");
}

static void an_exception_has_its_code_as_a_number(void **state)
{
    (void)state;
    const struct hb_found_exception exception = { .pid = 1,
                                                  .tid = 2,
                                                  .code = 0xC0000409u,
                                                  .address = 0x7ff0,
                                                  .has_parameter = true,
                                                  .parameter = 7 };

    hb_tell_exception(ear.teller, &exception);
    const cJSON *told = first_line();
    has_text(told, "kind", "exception");
    has_number(told, "code", 3221226505.0);
    has_text(told, "address", "0x7ff0");
    has_number(told, "parameter", 7);
}

static void what_is_not_written_is_told_with_its_stream(void **state)
{
    (void)state;
    const struct hb_found_unwritten found = {
        .pid = 7, .stream = HB_STDERR, .bytes = 9000, .text = "the end\n"
    };

    hb_tell_unwritten(ear.teller, &found);
    const cJSON *told = first_line();
    has_text(told, "kind", "unwritten");
    has_number(told, "pid", 7);
    has_text(told, "stream", "stderr");
    has_number(told, "bytes", 9000);
    has_text(told, "text", "the end\n");
}

static void evidence_says_what_became_of_it(void **state)
{
    (void)state;
    const struct hb_found_evidence dump = { .pid = 9,
                                            .what = "dump",
                                            .status = HB_EVIDENCE_CAPTURED,
                                            .path = "core.zst",
                                            .bytes = (UINT64_C(1) << 53) + 1,
                                            .duration_ms = 0,
                                            .pause_us = 812 };
    const struct hb_found_evidence none = { .pid = 9,
                                            .what = "locks",
                                            .status = HB_EVIDENCE_SKIPPED,
                                            .reason = "traced by 77" };

    hb_tell_evidence(ear.teller, &dump);
    hb_tell_evidence(ear.teller, &none);
    const cJSON *told = first_line();
    has_text(told, "kind", "evidence");
    has_text(told, "what", "dump");
    has_text(told, "status", "captured");
    has_text(told, "path", "core.zst");
    has_text(told, "bytes", "0x20000000000001"); /* no digit is lost */
    has_number(told, "duration_ms", 0);
    has_number(told, "pause_us", 812);
    lacks(told, "reason");
    told = next_line();
    has_text(told, "status", "skipped");
    has_text(told, "reason", "traced by 77");
    lacks(told, "path");
}

static void each_line_is_out_at_once(void **state)
{
    (void)state;
    static const char name[] = "told.jsonl";
    FILE *out = fopen(name, "w");
    FILE *in = fopen(name, "r");
    char line[64] = "";

    assert_true(out != NULL && in != NULL);
    struct hb_teller *teller = hb_teller_new(out);
    assert_non_null(teller);
    hb_tell_done(teller);
    assert_non_null(fgets(line, sizeof(line), in));
    assert_string_equal(line, "{\"kind\":\"done\"}\n");
    hb_teller_free(teller);
    (void)fclose(in);
    (void)fclose(out);
    (void)remove(name);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(modules_are_numbered_in_their_order),
        CASE(a_thread_is_told_with_its_frames),
        CASE(a_thread_of_which_nothing_is_known_has_no_frames),
        CASE(a_name_that_is_no_text_stays_one_line_of_json),
        CASE(a_lock_names_its_owner_where_it_has_one),
        CASE(an_exception_has_its_code_as_a_number),
        CASE(what_is_not_written_is_told_with_its_stream),
        CASE(evidence_says_what_became_of_it),
        CASE(each_line_is_out_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
