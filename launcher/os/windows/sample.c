#include <stdlib.h>

#include "os/process.h"
#include "os/windows/dialog.h"
#include "os/windows/process_type.h"
#include "os/windows/threads.h"

struct samples {
    struct hb_thread_sample *items;
    size_t room;
    size_t count;
};

static void add_threads(struct samples *samples,
                        const struct hb_nt_process *process, bool reported)
{
    for (ULONG i = 0; i < process->thread_count; i++) {
        struct hb_thread_sample *sample = &samples->items[samples->count];

        if (samples->count == samples->room) {
            return;
        }
        hb_nt_read(&process->threads[i], sample);
        if (reported) {
            sample->state = HB_THREAD_DUMPING;
        }
        samples->count++;
    }
}

/* A wait for "an object" is a wait for a lock where there is nobody else; with
 * other processes in the tree it may as well be one for a child. */
static void be_careful(struct samples *samples, size_t processes)
{
    for (size_t i = 0; processes > 1 && i < samples->count; i++) {
        struct hb_thread_sample *sample = &samples->items[i];

        if (sample->wait == HB_WAIT_LOCK &&
            sample->wait_name[0] == 'U') { /* UserRequest */
            sample->wait = HB_WAIT_OTHER;
        }
    }
}

size_t hb_process_sample(struct hb_process *process,
                         struct hb_thread_sample *samples, size_t room,
                         struct hb_dialog *out_dialog)
{
    struct samples taken = { samples, room, 0 };
    struct hb_nt_process *snapshot = hb_nt_snapshot();
    struct hb_dialog dialog = { 0 };
    size_t processes = 0;

    /* The test program is the first member. */
    for (size_t i = 0; i < process->tree.high; i++) {
        const struct hb_member *member = &process->tree.members[i];
        const struct hb_nt_process *seen = NULL;

        if (member->ours || !hb_member_is_alive(member)) {
            continue;
        }
        processes++;
        if (snapshot != NULL) {
            seen = hb_nt_find(snapshot, member->pid);
        }
        if (seen != NULL) {
            add_threads(&taken, seen, hb_nt_is_reported(snapshot, member->pid));
        }
        if (!dialog.shown) {
            (void)hb_dialog_find(member->pid, &dialog);
        }
    }
    be_careful(&taken, processes);
    free(snapshot);
    *out_dialog = dialog;
    return taken.count;
}
