#include "core/hang.h"

#include <string.h>

void hb_hang_look(struct hb_hang_picture *out_picture,
                  const struct hb_thread_sample *threads, size_t count,
                  const struct hb_dialog *dialog)
{
    struct hb_hang_picture picture = { .taken = true };

    picture.dialog = dialog != NULL && dialog->shown;
    for (size_t i = 0; i < count; i++) {
        const struct hb_thread_sample *thread = &threads[i];

        if (thread->state == HB_THREAD_DEAD ||
            strcmp(thread->name, HB_BEAT_THREAD_NAME) == 0) {
            continue;
        }
        picture.threads++;
        picture.cpu_us += thread->cpu_us;
        picture.running += thread->state == HB_THREAD_RUNNING;
        picture.uninterruptible += thread->state == HB_THREAD_UNINTERRUPTIBLE;
        picture.stopped += thread->state == HB_THREAD_STOPPED;
        picture.traced += thread->state == HB_THREAD_TRACED;
        picture.dumping += thread->state == HB_THREAD_DUMPING;
        if (thread->state == HB_THREAD_WAITING) {
            picture.lock += thread->wait == HB_WAIT_LOCK;
            picture.io += thread->wait == HB_WAIT_IO;
            picture.child += thread->wait == HB_WAIT_CHILD;
            picture.sleep += thread->wait == HB_WAIT_SLEEP;
            picture.other +=
                thread->wait == HB_WAIT_OTHER || thread->wait == HB_WAIT_NONE;
        }
    }
    *out_picture = picture;
}

/* Ready at both looks, and hardly any processor time in between: the machine
 * does not let it run. A thread that spins alone gets nearly all of it. */
static bool is_starved(const struct hb_hang_picture *second, uint64_t used_us,
                       uint64_t between_ms)
{
    return second->running > 0 && used_us < between_ms * 1000 / 20;
}

enum hb_hang_class hb_hang_classify(const struct hb_hang_picture *first,
                                    const struct hb_hang_picture *second,
                                    uint64_t between_ms)
{
    uint64_t used_us =
        second->cpu_us > first->cpu_us ? second->cpu_us - first->cpu_us : 0;

    if (second->dialog) {
        return HB_HANG_CLASS_DIALOG;
    }
    if (second->threads == 0) {
        return HB_HANG_CLASS_UNKNOWN;
    }
    if (second->dumping > 0) {
        return HB_HANG_CLASS_DUMPING;
    }
    if (second->traced > 0) {
        return HB_HANG_CLASS_TRACED;
    }
    if (second->stopped > 0 && second->running == 0) {
        return HB_HANG_CLASS_STOPPED;
    }
    if (first->running > 0 && is_starved(second, used_us, between_ms)) {
        return HB_HANG_CLASS_STARVED;
    }
    if (first->running > 0 && second->running > 0) {
        return HB_HANG_CLASS_LIVELOCK;
    }
    if (second->io > 0 || second->uninterruptible > 0) {
        return HB_HANG_CLASS_BLOCKED_IO;
    }
    if (second->lock > 0 && second->running == 0 && second->sleep == 0) {
        return HB_HANG_CLASS_DEADLOCK;
    }
    return HB_HANG_CLASS_UNKNOWN;
}

enum hb_cause hb_hang_cause(enum hb_hang_class class_)
{
    static const enum hb_cause causes[] = {
        [HB_HANG_CLASS_UNKNOWN] = HB_CAUSE_UNKNOWN,
        [HB_HANG_CLASS_DEADLOCK] = HB_CAUSE_DEADLOCK,
        [HB_HANG_CLASS_LIVELOCK] = HB_CAUSE_LIVELOCK,
        [HB_HANG_CLASS_BLOCKED_IO] = HB_CAUSE_BLOCKED_IO,
        [HB_HANG_CLASS_STOPPED] = HB_CAUSE_STOPPED,
        [HB_HANG_CLASS_DIALOG] = HB_CAUSE_DIALOG,
        [HB_HANG_CLASS_STARVED] = HB_CAUSE_UNKNOWN,
        [HB_HANG_CLASS_TRACED] = HB_CAUSE_UNKNOWN,
        [HB_HANG_CLASS_DUMPING] = HB_CAUSE_UNKNOWN,
    };

    return causes[class_];
}
