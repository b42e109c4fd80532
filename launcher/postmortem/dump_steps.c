#include "postmortem/dump_steps.h"

/* Of MINIDUMP_TYPE. */
enum {
    WITH_FULL_MEMORY = 0x2,
    WITH_HANDLES = 0x4,
    WITH_UNLOADED_MODULES = 0x20,
    WITH_INDIRECT_MEMORY = 0x40,
    WITH_PROCESS_THREAD_DATA = 0x100,
    WITH_MEMORY_INFO = 0x800,
    WITH_THREAD_INFO = 0x1000,
    IGNORE_INACCESSIBLE = 0x20000, /* else one unreadable page fails it all */
    WITH_TOKEN = 0x40000,
};

/*
 * From most to least. Handles need the right to duplicate them, thread
 * information all rights to the threads; the last is what a debugger needs for
 * stacks and nothing else. A full dump that fails becomes a small one.
 */
static const uint32_t ladder[] = {
    WITH_FULL_MEMORY | WITH_HANDLES | WITH_UNLOADED_MODULES | WITH_MEMORY_INFO |
        WITH_THREAD_INFO | WITH_TOKEN | IGNORE_INACCESSIBLE,
    WITH_FULL_MEMORY | WITH_UNLOADED_MODULES | WITH_MEMORY_INFO |
        IGNORE_INACCESSIBLE,
    WITH_THREAD_INFO | WITH_UNLOADED_MODULES | WITH_HANDLES |
        WITH_PROCESS_THREAD_DATA | WITH_MEMORY_INFO | WITH_INDIRECT_MEMORY |
        IGNORE_INACCESSIBLE,
    WITH_UNLOADED_MODULES | WITH_PROCESS_THREAD_DATA | IGNORE_INACCESSIBLE,
    0,
};
enum { RUNGS = sizeof(ladder) / sizeof(ladder[0]), SMALL_RUNG = 2 };

static bool fail(uint32_t result, uint32_t tries, struct hb_error *err)
{
    const char *what = "the dump cannot be written";

    switch (result) {
    case HB_DUMP_PARTIAL:
        what = "the process's memory changed under each try to dump it";
        break;
    case HB_DUMP_DENIED:
        what = "the process may not be dumped: access denied";
        break;
    case HB_DUMP_FULL:
        what = "the dump does not fit on the disk";
        break;
    case HB_DUMP_CANCELLED:
        what = "the dump was not ready in time";
        break;
    default:
        break;
    }
    return hb_fail(err, HB_ERR_WRITE, 0, "%s (0x%08lX, %lu tries)", what,
                   (unsigned long)result, (unsigned long)tries);
}

/* What a smaller dump would not change. */
static bool is_final(uint32_t result)
{
    return result == HB_DUMP_FULL || result == HB_DUMP_CANCELLED;
}

/* One step of the ladder: tries it until it succeeds, or fails for good. A
 * file that is found broken is as good as a partial copy. */
static uint32_t try_rung(const struct hb_dump_calls *calls, uint32_t flags,
                         struct hb_dump_tried *tried, struct hb_error *err)
{
    uint32_t result = HB_DUMP_CANCELLED;

    for (uint32_t i = 0; i < HB_DUMP_TRIES; i++) {
        if (!calls->may_go_on(calls->context)) {
            return HB_DUMP_CANCELLED;
        }
        tried->tries++;
        result = calls->write(calls->context, flags);
        if (result == 0 && calls->check(calls->context, err)) {
            return 0;
        }
        if (result != 0 && result != HB_DUMP_PARTIAL) {
            return result;
        }
    }
    return result == 0 ? HB_DUMP_PARTIAL : result;
}

bool hb_dump_try(const struct hb_dump_calls *calls, enum hb_dump_depth depth,
                 struct hb_dump_tried *out_tried, struct hb_error *err)
{
    struct hb_dump_tried tried = { 0 };
    uint32_t result = 0;
    size_t first = depth == HB_DUMP_WHOLE ? 0 : SMALL_RUNG;

    for (size_t i = first; i < RUNGS; i++) {
        struct hb_error broken = { 0 };

        result = try_rung(calls, ladder[i], &tried, &broken);
        if (result == 0) {
            tried.flags = ladder[i];
            tried.is_less = i > first;
            *out_tried = tried;
            return true;
        }
        if (is_final(result)) {
            break;
        }
    }
    return fail(result, tried.tries, err);
}
