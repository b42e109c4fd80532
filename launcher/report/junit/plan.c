#include "report/junit/plan.h"

static bool is_good(const struct hb_result *result)
{
    return result->verdict == HB_VERDICT_PASS ||
           result->verdict == HB_VERDICT_SKIP;
}

static enum hb_junit_element element_of_verdict(const struct hb_result *result)
{
    switch (result->verdict) {
    case HB_VERDICT_PASS:
        return HB_JUNIT_PASSED;
    case HB_VERDICT_SKIP:
        return HB_JUNIT_SKIPPED;
    case HB_VERDICT_FAIL:
        return HB_JUNIT_FAILURE;
    default:
        return HB_JUNIT_ERROR;
    }
}

enum hb_junit_element hb_junit_element_of(const struct hb_result *result,
                                          size_t index)
{
    switch (result->cases[index].status) {
    case HB_CASE_PASSED:
        return HB_JUNIT_PASSED;
    case HB_CASE_FAILED:
        return HB_JUNIT_FAILURE;
    case HB_CASE_RUNNING:
        return is_good(result) ? HB_JUNIT_SKIPPED : element_of_verdict(result);
    default:
        return HB_JUNIT_SKIPPED;
    }
}

/* The last case of this status, the first if it is the first that counts. */
static size_t find_case(const struct hb_result *result,
                        enum hb_case_status status, bool last)
{
    size_t found = HB_JUNIT_NOBODY;

    for (size_t i = 0; i < result->case_count; i++) {
        if (result->cases[i].status == status &&
            (last || found == HB_JUNIT_NOBODY)) {
            found = i;
        }
    }
    return found;
}

static size_t find_carrier(const struct hb_result *result)
{
    size_t carrier = HB_JUNIT_NOBODY;

    if (!is_good(result)) {
        carrier = find_case(result, HB_CASE_RUNNING, true);
    }
    if (carrier == HB_JUNIT_NOBODY && result->verdict == HB_VERDICT_FAIL &&
        result->cause == HB_CAUSE_CASE_FAILED) {
        carrier = find_case(result, HB_CASE_FAILED, false);
    }
    return carrier;
}

static bool needs_program(const struct hb_result *result, size_t carrier)
{
    if (result->case_count == 0) {
        return true;
    }
    if (result->verdict == HB_VERDICT_SKIP) {
        return find_case(result, HB_CASE_SKIPPED, false) == HB_JUNIT_NOBODY;
    }
    return !is_good(result) && carrier == HB_JUNIT_NOBODY;
}

void hb_junit_plan_make(struct hb_junit_plan *plan,
                        const struct hb_result *result)
{
    *plan = (struct hb_junit_plan){ .carrier = find_carrier(result) };
    plan->program = needs_program(result, plan->carrier);
    plan->program_element = element_of_verdict(result);
    for (size_t i = 0; i < result->case_count; i++) {
        plan->count[hb_junit_element_of(result, i)]++;
    }
    if (plan->program) {
        plan->count[plan->program_element]++;
    }
    plan->tests = result->case_count + plan->program;
}
