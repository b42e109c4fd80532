#include <string.h>

#include "core/dialect.h"

#define MARK_SIZE 12u

static const char marks[HB_MARK_COUNT][MARK_SIZE + 1] = {
    [HB_MARK_TOTAL] = "[==========]",  [HB_MARK_SUITE] = "[----------]",
    [HB_MARK_RUN] = "[ RUN      ]",    [HB_MARK_OK] = "[       OK ]",
    [HB_MARK_FAILED] = "[  FAILED  ]", [HB_MARK_SKIPPED] = "[  SKIPPED ]",
    [HB_MARK_PASSED] = "[  PASSED  ]", [HB_MARK_ERROR] = "[  ERROR   ]",
    [HB_MARK_LINE] = "[   LINE   ]",
};

static bool mark_at(struct hb_span line, size_t at, struct hb_mark *out_mark)
{
    struct hb_span rest = hb_span_after(line, at);

    if (rest.size <= MARK_SIZE || rest.bytes[MARK_SIZE] != ' ') {
        return false;
    }
    for (size_t kind = 0; kind < HB_MARK_COUNT; kind++) {
        if (memcmp(rest.bytes, marks[kind], MARK_SIZE) == 0) {
            out_mark->kind = (enum hb_mark_kind)kind;
            out_mark->at = at;
            out_mark->rest = hb_span_after(rest, MARK_SIZE + 1);
            return true;
        }
    }
    return false;
}

bool hb_mark_find(struct hb_span line, size_t from, struct hb_mark *out_mark)
{
    size_t at = from;

    while (at < line.size) {
        const char *hit = memchr(line.bytes + at, '[', line.size - at);

        if (hit == NULL) {
            return false;
        }
        at = (size_t)(hit - line.bytes);
        if (mark_at(line, at, out_mark)) {
            return true;
        }
        at++;
    }
    return false;
}

/* "Running 7 tests from 2 test suites.", "7 tests from 2 test suites ran. (3
 * ms total)"; old versions say "test cases". */
static bool read_gtest(struct hb_span rest, struct hb_total *out_total)
{
    uint64_t suites = 0;
    uint64_t ms = 0;
    bool begins = hb_take(&rest, "Running ");

    if (!hb_take_number(&rest, &out_total->count) ||
        !(hb_take(&rest, " tests from ") || hb_take(&rest, " test from ")) ||
        !hb_take_number(&rest, &suites) ||
        !(hb_take(&rest, " test suite") || hb_take(&rest, " test case"))) {
        return false;
    }
    (void)hb_take(&rest, "s");
    if (!hb_take(&rest, begins ? "." : " ran.")) {
        return false;
    }
    if (!begins && hb_take(&rest, " (") &&
        !(hb_take_number(&rest, &ms) && hb_take(&rest, " ms total)"))) {
        return false;
    }
    out_total->source = HB_SOURCE_GTEST;
    out_total->begins = begins;
    out_total->group = (struct hb_span){ rest.bytes, 0 };
    return rest.size == 0;
}

/* "Running 6 test(s).", "6 test(s) run."; since 1.1.6 "GROUP: " stands
 * before, and a group may be called anything: read from the end. */
static bool read_cmocka(struct hb_span rest, struct hb_total *out_total)
{
    bool begins = hb_span_ends(rest, " test(s).");
    size_t digits;

    if (!begins && !hb_span_ends(rest, " test(s) run.")) {
        return false;
    }
    rest.size -= strlen(begins ? " test(s)." : " test(s) run.");
    digits = rest.size;
    while (digits > 0 && rest.bytes[digits - 1] >= '0' &&
           rest.bytes[digits - 1] <= '9') {
        digits--;
    }
    out_total->group = (struct hb_span){ rest.bytes, digits };
    rest = hb_span_after(rest, digits);
    if (!hb_take_number(&rest, &out_total->count)) {
        return false;
    }
    if (begins && !hb_span_ends(out_total->group, "Running ")) {
        return false;
    }
    out_total->group.size -= begins ? strlen("Running ") : 0;
    out_total->source = HB_SOURCE_CMOCKA;
    out_total->begins = begins;
    if (out_total->group.size == 0) {
        return true;
    }
    if (!hb_span_ends(out_total->group, ": ")) {
        return false;
    }
    out_total->group.size -= strlen(": ");
    return true;
}

bool hb_total_read(struct hb_span rest, struct hb_total *out_total)
{
    return read_gtest(rest, out_total) || read_cmocka(rest, out_total);
}
