#include "core/killer.h"

#include "base/text.h"

#define SIGNAL_TERM 15u
#define STATUS_CONTROL_C_EXIT 0xC000013Au

/* By what of ours it ended; NULL: by nothing. */
static const char *our_means(const struct hb_result *result)
{
    bool windows = result->header->host.windows;
    bool asked = windows ? result->exit.value == STATUS_CONTROL_C_EXIT
                         : result->exit.kind == HB_EXIT_SIGNAL &&
                               result->exit.value == SIGNAL_TERM;

    if (result->stopped_by_us && result->ended && asked) {
        return windows ? "CTRL_BREAK_EVENT" : "SIGTERM";
    }
    if (!result->killed_by_us) {
        return NULL;
    }
    return windows ? "TerminateJobObject" : "SIGKILL";
}

void hb_killer_name(struct hb_result *result)
{
    struct hb_killer *by = &result->killed_by;
    const char *means = our_means(result);

    if (means == NULL || result->verdict == HB_VERDICT_INTERRUPTED) {
        return;
    }
    by->known = true;
    by->pid = result->header->launcher.pid;
    (void)hb_text_copy(by->name, sizeof(by->name), "hbtest-launch");
    (void)hb_text_copy(by->signal, sizeof(by->signal), means);
    (void)hb_text_copy(by->source, sizeof(by->source), "launcher");
}
