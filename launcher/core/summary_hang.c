#include "base/text.h"
#include "core/blame.h"
#include "core/summary_parts.h"

/* Says which limit fired, and shows both. */
void hb_summary_limits(struct hb_result *result)
{
    const struct hb_policy *policy = &result->header->policy;
    char hang[HB_TIME_SIZE] = "off";
    char total[HB_TIME_SIZE] = "off";
    char text[3 * HB_TIME_SIZE + 64];

    if (result->heartbeat.hang_after_ms != HB_NO_LIMIT) {
        hb_format_duration(hang, result->heartbeat.hang_after_ms);
    }
    if (policy->timeout_ms != HB_NO_LIMIT) {
        hb_format_duration(total, policy->timeout_ms);
    }
    (void)hb_text_format(text, sizeof(text),
                         "limit %s fired (hang-after %s, timeout %s)",
                         hb_limit_name(result->fired), hang, total);
    hb_summary_add(result, "; ", text);
}

/* "threads: 2 wait for a lock, 1 sleeps", without those that are none. */
static void add_threads(struct hb_result *result)
{
    const struct hb_hang_picture *look = &result->looks[1];
    const struct {
        uint32_t count;
        const char *one;
        const char *many;
    } kinds[] = {
        { look->running, "runs", "run" },
        { look->lock, "waits for a lock", "wait for a lock" },
        { look->io, "waits for input or output", "wait for input or output" },
        { look->child, "waits for a process", "wait for a process" },
        { look->sleep, "sleeps", "sleep" },
        { look->uninterruptible, "waits in the kernel", "wait in the kernel" },
        { look->stopped, "is stopped", "are stopped" },
        { look->traced, "is held by a debugger", "are held by a debugger" },
        { look->other, "waits", "wait" },
    };
    const char *separator = "; threads: ";

    for (size_t i = 0; look->taken && i < sizeof(kinds) / sizeof(kinds[0]);
         i++) {
        char text[64];

        if (kinds[i].count > 0) {
            (void)hb_text_format(
                text, sizeof(text), "%u %s", (unsigned)kinds[i].count,
                kinds[i].count == 1 ? kinds[i].one : kinds[i].many);
            hb_summary_add(result, separator, text);
            separator = ", ";
        }
    }
}

/* Who waits for whom. */
static void add_locks(struct hb_result *result)
{
    char text[HB_TEXT_SIZE / 2];

    if (hb_blame_locks(result, text, sizeof(text))) {
        hb_summary_add(result, "; ", text);
    }
}

static void add_dialog(struct hb_result *result)
{
    char text[HB_DIALOG_TEXT_SIZE + 192];

    if (!result->dialog.shown) {
        return;
    }
    (void)hb_text_format(text, sizeof(text),
                         "a message box waits for a click: \"%s\": %s",
                         result->dialog.title, result->dialog.text);
    hb_summary_add(result, "; ", text);
}

static uint64_t longer(uint64_t gap_ms, uint64_t limit_ms)
{
    return limit_ms != HB_UNKNOWN_MS && limit_ms > gap_ms ? limit_ms : gap_ms;
}

void hb_summary_hang(struct hb_result *result)
{
    char text[96];
    char silence[HB_TIME_SIZE] = "its whole life";

    if (result->fired == HB_LIMIT_EXIT_WITHIN) {
        hb_format_duration(silence, result->fired_after_ms);
    } else if (result->heartbeat.gap_at_end_ms != HB_UNKNOWN_MS) {
        /* What it said when it was asked to end takes nothing back. */
        uint64_t last_ms = result->heartbeat.last_ms;

        hb_format_duration(
            silence,
            longer(result->fired_ms > last_ms ? result->fired_ms - last_ms : 0,
                   result->fired_after_ms));
    }
    (void)hb_text_format(text, sizeof(text), "%s for %s, phase %s",
                         result->fired == HB_LIMIT_EXIT_WITHIN
                             ? "done, and still there"
                             : "silent",
                         silence, hb_phase_name(result->phase));
    hb_summary_add(result, "", text);
    if (result->cause == HB_CAUSE_NO_START) {
        hb_summary_add(result, "; ",
                       "it has not said a word since it was started, and does "
                       "not link the fixture: it may as well be a program "
                       "that works in silence");
    }
    hb_summary_place(result);
    add_dialog(result);
    add_locks(result);
    add_threads(result);
    hb_summary_note(result);
    hb_summary_limits(result);
}
