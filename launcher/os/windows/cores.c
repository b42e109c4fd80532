#include "os/windows/cores.h"

#include <windows.h>

#include "os/windows/process_type.h"
#include "os/windows/system.h"

/* Wine's error reporting writes nothing, and is not asked. */
void hb_cores_begin(struct hb_process *process, const char *program)
{
    static HKEY machine = HKEY_LOCAL_MACHINE;
    struct hb_registry registry = hb_registry_of(&machine);
    struct hb_reports *reports = &process->reports;

    if (hb_system_wine() == NULL) {
        hb_reports_ask(reports, &registry, program, process->exit_monitor);
    } else {
        (void)hb_text_copy(reports->why_no_exits, sizeof(reports->why_no_exits),
                           "--windows-exit-monitor: Wine has none");
    }
}

/* The exceptions of the system, and not what we end a tree with. */
static bool is_death(const struct hb_member *member)
{
    return member->has_status &&
           (member->status >> 28 == 0xCu || member->status >> 28 == 0x8u ||
            member->status >> 28 == 0xEu) &&
           member->status >> 16 != 0xC0DEu;
}

/* The kernel's number for it, which outlives the process. Wine would tell our
 * own. */
static bool switched_off(const struct hb_member *member)
{
    const ULONG default_hard_error_mode = 12;
    hb_query *query = hb_system()->query_process;
    ULONG mode = 0;

    return query != NULL && hb_system_wine() == NULL &&
           query(member->handle, default_hard_error_mode, &mode, sizeof(mode),
                 NULL) >= 0 &&
           (mode & SEM_NOGPFAULTERRORBOX) != 0;
}

/* Why nobody of the system's has written one; NULL: it is not known. */
static const char *explain(struct hb_process *process)
{
    const struct hb_reports *reports = &process->reports;
    const struct hb_wer *wer = &process->wer;

    if (switched_off(&process->tree.members[0])) {
        return "the program's error mode (SEM_NOGPFAULTERRORBOX) switches "
               "error reporting off";
    }
    if (reports->lent || reports->why_not[0] == '\0') {
        return NULL;
    }
    (void)hb_text_format(process->no_report, sizeof(process->no_report),
                         "%s%s%s", reports->why_not,
                         wer->why_not[0] != '\0' ? "; " : "", wer->why_not);
    return process->no_report;
}

void hb_process_cores(struct hb_process *process,
                      struct hb_core_trace *out_trace)
{
    const struct hb_member *first = &process->tree.members[0];
    const struct hb_reports *reports = &process->reports;
    struct hb_core_trace trace = { 0 };

    trace.found = hb_reports_have(reports, first->pid);
    trace.died = trace.found || is_death(first);
    trace.flagged = trace.found;
    trace.raised = trace.found;
    if (reports->folder[0] != L'\0') {
        trace.folders[0] = reports->folder_text;
        trace.folder_count = 1;
    }
    if (reports->why_not[0] == '\0' && reports->folder[0] == L'\0') {
        trace.died = false; /* nobody asked */
    } else if (trace.died && !trace.found) {
        trace.why_not = explain(process);
    }
    *out_trace = trace;
}

void hb_process_spare_core(struct hb_process *process, uint32_t pid)
{
    if (pid == process->tree.members[0].pid) {
        hb_reports_end(&process->reports);
    }
}
