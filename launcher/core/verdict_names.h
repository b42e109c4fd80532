#pragma once

/*
 * The two words of a judgement. Names as the contract has them come from
 * hb_verdict_name() and hb_cause_name(); an enum value may move, a name not.
 */
enum hb_verdict {
    HB_VERDICT_NONE = 0,
    HB_VERDICT_PASS,
    HB_VERDICT_FAIL,
    HB_VERDICT_SKIP,
    HB_VERDICT_CRASH,
    HB_VERDICT_SILENT_DEATH,
    HB_VERDICT_HANG,
    HB_VERDICT_TIMEOUT,
    HB_VERDICT_LEAK,
    HB_VERDICT_INTERRUPTED,
    HB_VERDICT_LAUNCHER_ERROR,
    HB_VERDICT_COUNT
};

enum hb_cause {
    HB_CAUSE_NONE = 0,
    /* fail */
    HB_CAUSE_EXIT_CODE,
    HB_CAUSE_CASE_FAILED,
    HB_CAUSE_STATUS_MISMATCH,
    HB_CAUSE_NO_CASES,
    /* skip */
    HB_CAUSE_SKIP_CODE,
    HB_CAUSE_ALL_SKIPPED,
    /* crash */
    HB_CAUSE_ACCESS_VIOLATION,
    HB_CAUSE_STACK_OVERFLOW,
    HB_CAUSE_ILLEGAL_INSTRUCTION,
    HB_CAUSE_DIVIDE_BY_ZERO,
    HB_CAUSE_ABORT,
    HB_CAUSE_CPP_EXCEPTION,
    HB_CAUSE_BREAKPOINT,
    HB_CAUSE_BUS_ERROR,
    HB_CAUSE_DLL_NOT_FOUND,
    HB_CAUSE_DLL_INIT_FAILED,
    HB_CAUSE_TRAP,
    HB_CAUSE_EXCEPTION, /* an NTSTATUS or signal without a word of its own */
    /* silent-death */
    HB_CAUSE_FAST_FAIL,
    HB_CAUSE_HEAP_CORRUPTION,
    HB_CAUSE_TERMINATED_BY_SELF,
    HB_CAUSE_TERMINATED_BY_OTHER,
    HB_CAUSE_OOM_KILL,
    HB_CAUSE_SECCOMP_KILL,
    HB_CAUSE_EXIT_BEFORE_COMPLETION,
    HB_CAUSE_RESOURCE_LIMIT, /* SIGXCPU, SIGXFSZ */
    HB_CAUSE_VANISHED,
    /* hang */
    HB_CAUSE_DEADLOCK,
    HB_CAUSE_LIVELOCK,
    HB_CAUSE_BLOCKED_IO,
    HB_CAUSE_STOPPED,
    HB_CAUSE_DIALOG,
    HB_CAUSE_NO_START,
    HB_CAUSE_TEARDOWN_HANG,
    HB_CAUSE_UNKNOWN,
    /* timeout */
    HB_CAUSE_LIMIT,
    HB_CAUSE_DEADLINE,
    /* leak */
    HB_CAUSE_PROCESSES,
    HB_CAUSE_OUTPUT_OPEN,
    /* interrupted */
    HB_CAUSE_SIGNAL,
    /* launcher-error */
    HB_CAUSE_LAUNCHER_LOST,
    HB_CAUSE_BAD_USAGE,
    HB_CAUSE_CANNOT_START,
    HB_CAUSE_NOT_FOUND,
    HB_CAUSE_NOT_EXECUTABLE,
    HB_CAUSE_CANNOT_WRITE,
    HB_CAUSE_RECORDER_VERSION,
    HB_CAUSE_INTERNAL,
    HB_CAUSE_COUNT
};

/* "silent-death", "exit-before-completion"; "" for NONE. */
const char *hb_verdict_name(enum hb_verdict verdict);
const char *hb_cause_name(enum hb_cause cause);

enum hb_phase { HB_PHASE_START_UP = 0, HB_PHASE_RUN, HB_PHASE_TEARDOWN };

/* "start-up", "run", "teardown". */
const char *hb_phase_name(enum hb_phase phase);

enum hb_limit {
    HB_LIMIT_NONE = 0,
    HB_LIMIT_HANG,        /* "hang_after" */
    HB_LIMIT_TIMEOUT,     /* "timeout" */
    HB_LIMIT_EXIT_WITHIN, /* "exit_within" */
    HB_LIMIT_DEADLINE,    /* "deadline" */
};

/* The option's name with '_'; "" for NONE. */
const char *hb_limit_name(enum hb_limit limit);
