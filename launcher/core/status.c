#include "core/status.h"

#include "base/text.h"
#include "core/status_tables.h"

/* The first half of HB_OWN_KILL_STATUS, and of the statuses that a launcher
 * inside a launcher returns under CTest: ours, no NTSTATUS. */
#define OWN_HALF 0xC0DEu

/*
 * An NTSTATUS of severity "error" that Microsoft defined begins with 0xC, and
 * its facility is a small number. A program may exit with any such number by
 * itself, but none does by habit: 0xFFFFFFFF (-1), 259, 255, 3 and 1, which
 * are habits, do not have the shape.
 */
static bool has_error_shape(uint32_t value)
{
    uint32_t facility = (value >> 16) & 0xFFFu;

    return value >> 28 == 0xCu && facility <= 0xEFu && value >> 16 != OWN_HALF;
}

struct hb_exit hb_exit_read(struct hb_exit exit, bool windows)
{
    if (windows && exit.kind == HB_EXIT_CODE &&
        (hb_status_of_windows(exit.value) != NULL ||
         has_error_shape(exit.value))) {
        exit.kind = HB_EXIT_NTSTATUS;
    }
    return exit;
}

static const struct hb_status_row *row_of(struct hb_exit exit)
{
    switch (exit.kind) {
    case HB_EXIT_SIGNAL:
        return hb_status_of_signal(exit.value);
    case HB_EXIT_NTSTATUS:
        return hb_status_of_windows(exit.value);
    case HB_EXIT_CODE:
    case HB_EXIT_NONE:
        break;
    }
    return NULL;
}

const char *hb_exit_name(struct hb_exit exit)
{
    const struct hb_status_row *row = row_of(exit);

    return row != NULL ? row->name : NULL;
}

const char *hb_exit_meaning(struct hb_exit exit)
{
    const struct hb_status_row *row = row_of(exit);

    return row != NULL ? row->meaning : NULL;
}

const char *hb_signal_name(uint32_t signal)
{
    const struct hb_status_row *row = hb_status_of_signal(signal);

    return row != NULL ? row->name : NULL;
}

void hb_exit_classify(struct hb_exit exit, enum hb_verdict *out_verdict,
                      enum hb_cause *out_cause)
{
    const struct hb_status_row *row = row_of(exit);

    *out_verdict = HB_VERDICT_NONE;
    *out_cause = HB_CAUSE_NONE;
    if (row != NULL) {
        *out_verdict = row->verdict;
        *out_cause = row->cause;
    } else if (exit.kind == HB_EXIT_NTSTATUS || exit.kind == HB_EXIT_SIGNAL) {
        *out_verdict = HB_VERDICT_CRASH;
        *out_cause = HB_CAUSE_EXCEPTION;
    }
}

static void describe_code(uint32_t value, char *target, size_t size)
{
    if (value <= UINT16_MAX) {
        (void)hb_text_format(target, size, "exit code %lu",
                             (unsigned long)value);
    } else {
        (void)hb_text_format(target, size, "exit code %lu (0x%08lX)",
                             (unsigned long)value, (unsigned long)value);
    }
}

void hb_exit_describe(struct hb_exit exit, char *target, size_t size)
{
    const char *name = hb_exit_name(exit);
    unsigned long value = exit.value;

    switch (exit.kind) {
    case HB_EXIT_CODE:
        describe_code(exit.value, target, size);
        break;
    case HB_EXIT_SIGNAL:
        (void)hb_text_format(target, size,
                             name != NULL ? "%s (signal %lu)" : "%ssignal %lu",
                             name != NULL ? name : "", value);
        break;
    case HB_EXIT_NTSTATUS:
        (void)hb_text_format(target, size, "0x%08lX%s%s", value,
                             name != NULL ? " " : "", name != NULL ? name : "");
        break;
    case HB_EXIT_NONE:
        (void)hb_text_copy(target, size, "no exit status");
        break;
    }
}
