#include "core/status_tables.h"

#include <stddef.h>

#define OTHER HB_VERDICT_SILENT_DEATH, HB_CAUSE_TERMINATED_BY_OTHER

/* Numbers of Linux on x86-64. 32 and 33 belong to the C library. SIGFPE has
 * many reasons; integer division by zero is the one that ends programs. */
static const struct hb_status_row signals[] = {
    [1] = { "SIGHUP", "hung up", OTHER },
    [2] = { "SIGINT", "interrupted", OTHER },
    [3] = { "SIGQUIT", "asked to quit", OTHER },
    [4] = { "SIGILL", "illegal instruction", HB_VERDICT_CRASH,
            HB_CAUSE_ILLEGAL_INSTRUCTION },
    [5] = { "SIGTRAP", "trap", HB_VERDICT_CRASH, HB_CAUSE_TRAP },
    [6] = { "SIGABRT", "aborted", HB_VERDICT_CRASH, HB_CAUSE_ABORT },
    [7] = { "SIGBUS", "bus error", HB_VERDICT_CRASH, HB_CAUSE_BUS_ERROR },
    [8] = { "SIGFPE", "arithmetic fault", HB_VERDICT_CRASH,
            HB_CAUSE_DIVIDE_BY_ZERO },
    [9] = { "SIGKILL", "killed", OTHER },
    [10] = { "SIGUSR1", "user signal 1", OTHER },
    [11] = { "SIGSEGV", "access violation", HB_VERDICT_CRASH,
             HB_CAUSE_ACCESS_VIOLATION },
    [12] = { "SIGUSR2", "user signal 2", OTHER },
    [13] = { "SIGPIPE", "wrote to a pipe that nobody reads", OTHER },
    [14] = { "SIGALRM", "its alarm rang", OTHER },
    [15] = { "SIGTERM", "asked to end", OTHER },
    [16] = { "SIGSTKFLT", "coprocessor stack fault", OTHER },
    [17] = { "SIGCHLD", NULL, OTHER },
    [18] = { "SIGCONT", NULL, OTHER },
    [19] = { "SIGSTOP", NULL, OTHER },
    [20] = { "SIGTSTP", NULL, OTHER },
    [21] = { "SIGTTIN", NULL, OTHER },
    [22] = { "SIGTTOU", NULL, OTHER },
    [23] = { "SIGURG", NULL, OTHER },
    [24] = { "SIGXCPU", "CPU time limit", HB_VERDICT_SILENT_DEATH,
             HB_CAUSE_RESOURCE_LIMIT },
    [25] = { "SIGXFSZ", "file size limit", HB_VERDICT_SILENT_DEATH,
             HB_CAUSE_RESOURCE_LIMIT },
    [26] = { "SIGVTALRM", "its CPU timer rang", OTHER },
    [27] = { "SIGPROF", "its profiling timer rang", OTHER },
    [28] = { "SIGWINCH", NULL, OTHER },
    [29] = { "SIGIO", "input or output possible", OTHER },
    [30] = { "SIGPWR", "power failure", OTHER },
    [31] = { "SIGSYS", "forbidden system call", HB_VERDICT_SILENT_DEATH,
             HB_CAUSE_SECCOMP_KILL },
    [32] = { "SIG32", NULL, OTHER },
    [33] = { "SIG33", NULL, OTHER },
    [34] = { "SIGRTMIN", NULL, OTHER },
    [35] = { "SIGRTMIN+1", NULL, OTHER },
    [36] = { "SIGRTMIN+2", NULL, OTHER },
    [37] = { "SIGRTMIN+3", NULL, OTHER },
    [38] = { "SIGRTMIN+4", NULL, OTHER },
    [39] = { "SIGRTMIN+5", NULL, OTHER },
    [40] = { "SIGRTMIN+6", NULL, OTHER },
    [41] = { "SIGRTMIN+7", NULL, OTHER },
    [42] = { "SIGRTMIN+8", NULL, OTHER },
    [43] = { "SIGRTMIN+9", NULL, OTHER },
    [44] = { "SIGRTMIN+10", NULL, OTHER },
    [45] = { "SIGRTMIN+11", NULL, OTHER },
    [46] = { "SIGRTMIN+12", NULL, OTHER },
    [47] = { "SIGRTMIN+13", NULL, OTHER },
    [48] = { "SIGRTMIN+14", NULL, OTHER },
    [49] = { "SIGRTMIN+15", NULL, OTHER },
    [50] = { "SIGRTMAX-14", NULL, OTHER },
    [51] = { "SIGRTMAX-13", NULL, OTHER },
    [52] = { "SIGRTMAX-12", NULL, OTHER },
    [53] = { "SIGRTMAX-11", NULL, OTHER },
    [54] = { "SIGRTMAX-10", NULL, OTHER },
    [55] = { "SIGRTMAX-9", NULL, OTHER },
    [56] = { "SIGRTMAX-8", NULL, OTHER },
    [57] = { "SIGRTMAX-7", NULL, OTHER },
    [58] = { "SIGRTMAX-6", NULL, OTHER },
    [59] = { "SIGRTMAX-5", NULL, OTHER },
    [60] = { "SIGRTMAX-4", NULL, OTHER },
    [61] = { "SIGRTMAX-3", NULL, OTHER },
    [62] = { "SIGRTMAX-2", NULL, OTHER },
    [63] = { "SIGRTMAX-1", NULL, OTHER },
    [64] = { "SIGRTMAX", NULL, OTHER },
};

const struct hb_status_row *hb_status_of_signal(uint32_t signal)
{
    static const size_t count = sizeof(signals) / sizeof(signals[0]);

    return signal < count && signals[signal].name != NULL ? &signals[signal]
                                                          : NULL;
}
