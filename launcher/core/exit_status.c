#include "core/exit_status.h"

/* Statuses of our own, contract section 5. */
enum {
    STATUS_FAIL = 1,
    STATUS_SILENT_DEATH = 120,
    STATUS_CRASH = 121,
    STATUS_INTERRUPTED = 122,
    STATUS_LEAK = 123,
    STATUS_HANG = 124,
    STATUS_LAUNCHER_ERROR = 125,
    STATUS_NOT_EXECUTABLE = 126,
    STATUS_NOT_FOUND = 127,
};

#define SIGNAL_ABRT 6u
#define SIGNAL_INT 2u
#define WINDOWS_OWN_STATUS 0xC0DE0000u
#define WINDOWS_CONTROL_C 0xC000013Au

static uint32_t plain_status(const struct hb_result *result)
{
    const struct hb_policy *policy = &result->header->policy;

    switch (result->verdict) {
    case HB_VERDICT_FAIL:
        return STATUS_FAIL;
    case HB_VERDICT_SKIP:
        return policy->has_skip_code ? policy->skip_code : 0;
    case HB_VERDICT_CRASH:
        return STATUS_CRASH;
    case HB_VERDICT_SILENT_DEATH:
        return STATUS_SILENT_DEATH;
    case HB_VERDICT_HANG:
    case HB_VERDICT_TIMEOUT:
        return STATUS_HANG;
    case HB_VERDICT_LEAK:
        return STATUS_LEAK;
    case HB_VERDICT_INTERRUPTED:
        return STATUS_INTERRUPTED;
    case HB_VERDICT_LAUNCHER_ERROR:
        if (result->cause == HB_CAUSE_NOT_FOUND) {
            return STATUS_NOT_FOUND;
        }
        return result->cause == HB_CAUSE_NOT_EXECUTABLE ? STATUS_NOT_EXECUTABLE
                                                        : STATUS_LAUNCHER_ERROR;
    default:
        return 0;
    }
}

static void return_signal(struct hb_result *result, uint32_t signal,
                          uint32_t windows_status)
{
    bool windows = result->header->host.windows;

    result->exit_by_signal = !windows;
    result->exit_status = windows ? windows_status : signal;
}

/* A status of our own; under CTest it must not look like an ordinary one. */
static void return_own(struct hb_result *result, uint32_t status)
{
    if (result->header->policy.under_ctest && status >= STATUS_SILENT_DEATH &&
        status <= STATUS_LAUNCHER_ERROR) {
        return_signal(result, SIGNAL_ABRT, WINDOWS_OWN_STATUS | status);
        return;
    }
    result->exit_status = status;
}

/* A bad end whose own status is the one that CTest takes for "skipped". */
static bool looks_skipped(const struct hb_result *result)
{
    const struct hb_policy *policy = &result->header->policy;

    return policy->under_ctest && policy->has_skip_code &&
           result->exit.kind == HB_EXIT_CODE &&
           result->exit.value == policy->skip_code;
}

/* As if the launcher were not there; where the test's own status says
 * nothing, one of ours. */
static void mirror(struct hb_result *result)
{
    bool own_ending = result->verdict == HB_VERDICT_FAIL ||
                      result->verdict == HB_VERDICT_CRASH ||
                      result->verdict == HB_VERDICT_SILENT_DEATH;

    if (result->verdict == HB_VERDICT_INTERRUPTED) {
        return_signal(result,
                      result->interrupt_signal != 0 ? result->interrupt_signal
                                                    : SIGNAL_INT,
                      WINDOWS_CONTROL_C);
    } else if (own_ending && result->exit.kind == HB_EXIT_SIGNAL) {
        return_signal(result, result->exit.value, result->exit.value);
    } else if (own_ending && result->exit.kind != HB_EXIT_NONE &&
               result->exit.value != 0 && !looks_skipped(result)) {
        result->exit_status = result->exit.value;
    } else if (own_ending) {
        return_own(result, STATUS_SILENT_DEATH);
    } else {
        return_own(result, plain_status(result));
    }
}

void hb_exit_status_choose(struct hb_result *result)
{
    result->exit_by_signal = false;
    if (result->header->policy.exit_mode == HB_EXIT_VERDICT) {
        result->exit_status = plain_status(result);
    } else {
        mirror(result);
    }
}
