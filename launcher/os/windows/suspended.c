#include "os/windows/suspended.h"

#include <stdlib.h>

#include "os/windows/threads.h"

/* More than one program can have suspended a thread, but not for ever more. */
#define RESUMES_MAX 8

typedef void visit_thread(void *context, uint32_t thread);

static void visit_threads(const struct hb_tree *tree, visit_thread *visit,
                          void *context)
{
    struct hb_nt_process *snapshot = hb_nt_snapshot();

    for (size_t i = 0; snapshot != NULL && i < tree->high; i++) {
        const struct hb_member *member = &tree->members[i];
        const struct hb_nt_process *process =
            hb_member_is_alive(member) ? hb_nt_find(snapshot, member->pid)
                                       : NULL;

        for (ULONG j = 0; process != NULL && j < process->thread_count; j++) {
            visit(context, (uint32_t)(uintptr_t)process->threads[j].tid);
        }
    }
    free(snapshot);
}

static void note(void *context, uint32_t thread)
{
    struct hb_suspended *suspended = context;

    if (suspended->count > HB_SUSPENDED_ROOM || !hb_nt_is_suspended(thread)) {
        return;
    }
    if (suspended->count < HB_SUSPENDED_ROOM) {
        suspended->threads[suspended->count] = thread;
    }
    suspended->count++;
}

void hb_suspended_note(struct hb_suspended *suspended,
                       const struct hb_tree *tree)
{
    suspended->count = 0;
    visit_threads(tree, note, suspended);
}

static bool was_suspended(const struct hb_suspended *suspended, uint32_t thread)
{
    for (size_t i = 0; i < suspended->count; i++) {
        if (suspended->threads[i] == thread) {
            return true;
        }
    }
    return false;
}

static void resume(void *context, uint32_t thread)
{
    HANDLE handle = was_suspended(context, thread)
                        ? NULL
                        : OpenThread(THREAD_SUSPEND_RESUME, FALSE, thread);

    if (handle == NULL) {
        return;
    }
    for (int i = 0; i < RESUMES_MAX; i++) {
        DWORD before = ResumeThread(handle);

        if (before == 0 || before == 1 || before == (DWORD)-1) {
            break;
        }
    }
    (void)CloseHandle(handle);
}

void hb_suspended_resume(const struct hb_suspended *suspended,
                         const struct hb_tree *tree)
{
    if (suspended->count <= HB_SUSPENDED_ROOM) {
        visit_threads(tree, resume, (void *)(uintptr_t)suspended);
    }
}
