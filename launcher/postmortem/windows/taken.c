#include "postmortem/windows/taken.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "os/clock.h"
#include "os/windows/system.h"
#include "os/windows/threads.h"
#include "os/windows/widen.h"

#define STACKS_ROOM (16u * 1024 * 1024) /* of all threads together */
#define STACK_MOST (256u * 1024)
#define STACK_LEAST (8u * 1024)
#define THREADS_MAX 8192u

static PVOID volatile held; /* the handle of the thread that stands still */

/* Of one thread, from class 0 of NtQueryInformationThread. */
struct thread_basics {
    LONG status;
    void *block; /* its first words are the bounds of its stack */
    HANDLE pid;
    HANDLE tid;
    ULONG_PTR affinity;
    LONG priority;
    LONG base_priority;
};

/* Where the stack ends; 0 if the thread does not tell. */
static uint64_t stack_end_of(const struct hb_opened *opened, HANDLE thread)
{
    hb_query *query = hb_system()->query_thread;
    struct thread_basics basics = { 0 };
    uint64_t end = 0;

    if (query == NULL || query(thread, 0, &basics, sizeof(basics), NULL) < 0 ||
        basics.block == NULL ||
        !hb_memory_copy(&opened->memory, (uint64_t)(uintptr_t)basics.block + 8,
                        &end, sizeof(end))) {
        return 0;
    }
    return end;
}

/* Wine tells of each thread what the whole process used. */
static uint64_t cpu_of(HANDLE thread)
{
    FILETIME created;
    FILETIME ended;
    FILETIME kernel;
    FILETIME user;

    if (hb_system_wine() != NULL ||
        !GetThreadTimes(thread, &created, &ended, &kernel, &user)) {
        return 0;
    }
    return (((uint64_t)kernel.dwHighDateTime << 32 | kernel.dwLowDateTime) +
            ((uint64_t)user.dwHighDateTime << 32 | user.dwLowDateTime)) /
           10;
}

static bool no_context(struct hb_taken *taken, const char *what)
{
    (void)hb_text_format(taken->why, sizeof(taken->why), "%s (error %lu)", what,
                         GetLastError());
    return false;
}

/* Nothing here may wait, ask or allocate: the thread stands still. */
static bool copy_stopped(const struct hb_opened *opened, HANDLE thread,
                         struct hb_taken *taken, unsigned char *scratch,
                         size_t room)
{
    taken->context.ContextFlags = CONTEXT_FULL;
    if (!GetThreadContext(thread, &taken->context)) {
        return no_context(taken, "its registers cannot be read");
    }
    taken->stack = taken->context.Rsp;
    if (taken->stack_end > taken->stack &&
        taken->stack_end - taken->stack < room) {
        room = (size_t)(taken->stack_end - taken->stack);
    }
    taken->size = opened->memory.read(opened->memory.context, taken->stack,
                                      scratch, room);
    return true;
}

void hb_taken_let_go(void)
{
    HANDLE thread = InterlockedExchangePointer(&held, NULL);

    if (thread != NULL) {
        (void)ResumeThread(thread);
    }
}

/* Returns how long it stood still, in nanoseconds. */
static uint64_t take(const struct hb_opened *opened, HANDLE thread,
                     struct hb_taken *taken, unsigned char *scratch,
                     size_t room)
{
    taken->stack_end = stack_end_of(opened, thread);
    taken->seen.cpu_us = cpu_of(thread);
    uint64_t start = hb_clock_ns();

    (void)InterlockedExchangePointer(&held, thread);
    if (SuspendThread(thread) == (DWORD)-1) {
        (void)InterlockedExchangePointer(&held, NULL);
        (void)no_context(taken, "it cannot be suspended");
        return 0;
    }
    taken->has_context = copy_stopped(opened, thread, taken, scratch, room);
    hb_taken_let_go();
    uint64_t stood = hb_clock_ns() - start;

    taken->bytes = malloc(taken->size + 1);
    if (taken->bytes == NULL) {
        taken->size = 0;
    } else {
        memcpy(taken->bytes, scratch, taken->size);
    }
    return stood;
}

static uint64_t open_and_take(const struct hb_opened *opened,
                              struct hb_taken *taken, unsigned char *scratch,
                              size_t room)
{
    HANDLE thread = OpenThread(THREAD_SUSPEND_RESUME | THREAD_GET_CONTEXT |
                                   THREAD_QUERY_INFORMATION,
                               FALSE, taken->seen.tid);

    if (thread == NULL) {
        (void)no_context(taken, "it cannot be opened");
        return 0;
    }
    uint64_t stood = take(opened, thread, taken, scratch, room);

    (void)CloseHandle(thread);
    return stood;
}

static bool list_threads(const struct hb_opened *opened,
                         struct hb_taken_list *list, struct hb_error *err)
{
    struct hb_nt_process *snapshot = hb_nt_snapshot();
    const struct hb_nt_process *seen =
        snapshot == NULL ? NULL : hb_nt_find(snapshot, opened->pid);

    if (seen == NULL) {
        free(snapshot);
        return hb_fail(err, HB_ERR_READ, 0,
                       "cannot list the threads of process %lu",
                       (unsigned long)opened->pid);
    }
    list->count =
        seen->thread_count < THREADS_MAX ? seen->thread_count : THREADS_MAX;
    list->items = calloc(list->count + 1, sizeof(*list->items));
    for (size_t i = 0; list->items != NULL && i < list->count; i++) {
        hb_nt_read(&seen->threads[i], &list->items[i].seen);
    }
    free(snapshot);
    return list->items != NULL || hb_fail_memory(err);
}

bool hb_taken_all(const struct hb_opened *opened, struct hb_taken_list *out,
                  struct hb_error *err)
{
    struct hb_taken_list list = { NULL, 0, 0 };

    if (!list_threads(opened, &list, err)) {
        return false;
    }
    size_t room = STACKS_ROOM / (list.count + 1);

    room = room > STACK_MOST ? STACK_MOST : room;
    room = room < STACK_LEAST ? STACK_LEAST : room;
    unsigned char *scratch = malloc(room);

    if (scratch == NULL) {
        hb_taken_free(&list);
        return hb_fail_memory(err);
    }
    uint64_t stood = 0;

    for (size_t i = 0; i < list.count; i++) {
        stood += open_and_take(opened, &list.items[i], scratch, room);
    }
    list.pause_us = stood / 1000;
    free(scratch);
    *out = list;
    return true;
}

void hb_taken_free(struct hb_taken_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].bytes);
    }
    free(list->items);
    *list = (struct hb_taken_list){ NULL, 0, 0 };
}

size_t hb_taken_read(const struct hb_taken *taken, uint64_t address,
                     void *bytes, size_t size)
{
    if (address < taken->stack || address - taken->stack >= taken->size) {
        return 0;
    }
    size_t into = (size_t)(address - taken->stack);
    size_t part = size < taken->size - into ? size : taken->size - into;

    memcpy(bytes, taken->bytes + into, part);
    return part;
}
