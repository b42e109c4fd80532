#include <stddef.h>

#include "core/result.h"
#include "core/verdict_names.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *const verdicts[HB_VERDICT_COUNT] = {
    [HB_VERDICT_NONE] = "",
    [HB_VERDICT_PASS] = "pass",
    [HB_VERDICT_FAIL] = "fail",
    [HB_VERDICT_SKIP] = "skip",
    [HB_VERDICT_CRASH] = "crash",
    [HB_VERDICT_SILENT_DEATH] = "silent-death",
    [HB_VERDICT_HANG] = "hang",
    [HB_VERDICT_TIMEOUT] = "timeout",
    [HB_VERDICT_LEAK] = "leak",
    [HB_VERDICT_INTERRUPTED] = "interrupted",
    [HB_VERDICT_LAUNCHER_ERROR] = "launcher-error",
};

static const char *const causes[HB_CAUSE_COUNT] = {
    [HB_CAUSE_NONE] = "",
    [HB_CAUSE_EXIT_CODE] = "exit-code",
    [HB_CAUSE_CASE_FAILED] = "case-failed",
    [HB_CAUSE_STATUS_MISMATCH] = "status-mismatch",
    [HB_CAUSE_NO_CASES] = "no-cases",
    [HB_CAUSE_SKIP_CODE] = "skip-code",
    [HB_CAUSE_ALL_SKIPPED] = "all-skipped",
    [HB_CAUSE_ACCESS_VIOLATION] = "access-violation",
    [HB_CAUSE_STACK_OVERFLOW] = "stack-overflow",
    [HB_CAUSE_ILLEGAL_INSTRUCTION] = "illegal-instruction",
    [HB_CAUSE_DIVIDE_BY_ZERO] = "divide-by-zero",
    [HB_CAUSE_ABORT] = "abort",
    [HB_CAUSE_CPP_EXCEPTION] = "cpp-exception",
    [HB_CAUSE_BREAKPOINT] = "breakpoint",
    [HB_CAUSE_BUS_ERROR] = "bus-error",
    [HB_CAUSE_DLL_NOT_FOUND] = "dll-not-found",
    [HB_CAUSE_DLL_INIT_FAILED] = "dll-init-failed",
    [HB_CAUSE_TRAP] = "trap",
    [HB_CAUSE_EXCEPTION] = "exception",
    [HB_CAUSE_FAST_FAIL] = "fast-fail",
    [HB_CAUSE_HEAP_CORRUPTION] = "heap-corruption",
    [HB_CAUSE_TERMINATED_BY_SELF] = "terminated-by-self",
    [HB_CAUSE_TERMINATED_BY_OTHER] = "terminated-by-other",
    [HB_CAUSE_OOM_KILL] = "oom-kill",
    [HB_CAUSE_SECCOMP_KILL] = "seccomp-kill",
    [HB_CAUSE_EXIT_BEFORE_COMPLETION] = "exit-before-completion",
    [HB_CAUSE_RESOURCE_LIMIT] = "resource-limit",
    [HB_CAUSE_VANISHED] = "vanished",
    [HB_CAUSE_DEADLOCK] = "deadlock",
    [HB_CAUSE_LIVELOCK] = "livelock",
    [HB_CAUSE_BLOCKED_IO] = "blocked-io",
    [HB_CAUSE_STOPPED] = "stopped",
    [HB_CAUSE_DIALOG] = "dialog",
    [HB_CAUSE_NO_START] = "no-start",
    [HB_CAUSE_TEARDOWN_HANG] = "teardown-hang",
    [HB_CAUSE_UNKNOWN] = "unknown",
    [HB_CAUSE_LIMIT] = "limit",
    [HB_CAUSE_DEADLINE] = "deadline",
    [HB_CAUSE_PROCESSES] = "processes",
    [HB_CAUSE_OUTPUT_OPEN] = "output-open",
    [HB_CAUSE_SIGNAL] = "signal",
    [HB_CAUSE_LAUNCHER_LOST] = "launcher-lost",
    [HB_CAUSE_BAD_USAGE] = "bad-usage",
    [HB_CAUSE_CANNOT_START] = "cannot-start",
    [HB_CAUSE_NOT_FOUND] = "not-found",
    [HB_CAUSE_NOT_EXECUTABLE] = "not-executable",
    [HB_CAUSE_CANNOT_WRITE] = "cannot-write",
    [HB_CAUSE_RECORDER_VERSION] = "recorder-version",
    [HB_CAUSE_INTERNAL] = "internal",
};

static const char *const phases[] = {
    [HB_PHASE_START_UP] = "start-up",
    [HB_PHASE_RUN] = "run",
    [HB_PHASE_TEARDOWN] = "teardown",
};

static const char *const limits[] = {
    [HB_LIMIT_NONE] = "",
    [HB_LIMIT_HANG] = "hang_after",
    [HB_LIMIT_TIMEOUT] = "timeout",
    [HB_LIMIT_EXIT_WITHIN] = "exit_within",
    [HB_LIMIT_DEADLINE] = "deadline",
};

/* A value that the enum does not have, or that a table forgot, has no name. */
static const char *look_up(const char *const *names, size_t count, size_t at)
{
    return at < count && names[at] != NULL ? names[at] : "";
}

const char *hb_verdict_name(enum hb_verdict verdict)
{
    return look_up(verdicts, COUNT(verdicts), (size_t)verdict);
}

const char *hb_cause_name(enum hb_cause cause)
{
    return look_up(causes, COUNT(causes), (size_t)cause);
}

const char *hb_phase_name(enum hb_phase phase)
{
    return look_up(phases, COUNT(phases), (size_t)phase);
}

const char *hb_limit_name(enum hb_limit limit)
{
    return look_up(limits, COUNT(limits), (size_t)limit);
}
