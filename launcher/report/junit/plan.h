#pragma once

#include "report/junit.h"

/*
 * Who carries what in a JUnit report, decided before a byte is written,
 * because the totals stand in front.
 *
 * The finding (a bad end) is carried by the case in flight; a failed case
 * carries its own failure; where neither is at hand, and where there are no
 * cases at all, a testcase named after the program stands for the run. What
 * was lost, and what never said how it ended, counts as skipped: it did not
 * fail and it must not look like a pass.
 */
enum hb_junit_element {
    HB_JUNIT_PASSED = 0, /* no element */
    HB_JUNIT_SKIPPED,
    HB_JUNIT_FAILURE, /* the test said no */
    HB_JUNIT_ERROR,   /* the system or hbtest ended it */
    HB_JUNIT_ELEMENT_COUNT
};

#define HB_JUNIT_NOBODY SIZE_MAX

struct hb_junit_plan {
    size_t carrier; /* index of a case; HB_JUNIT_NOBODY: none of them */
    bool program;   /* there is a testcase for the program, the last one */
    enum hb_junit_element program_element;
    size_t count[HB_JUNIT_ELEMENT_COUNT];
    size_t tests;
};

void hb_junit_plan_make(struct hb_junit_plan *plan,
                        const struct hb_result *result);

/* What the testcase of this case holds. */
enum hb_junit_element hb_junit_element_of(const struct hb_result *result,
                                          size_t index);
