#include "os/windows/threads.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/text.h"
#include "os/windows/system.h"
#include "os/windows/widen.h"

#define SYSTEM_PROCESSES 5      /* class of NtQuerySystemInformation */
#define THREAD_SUSPEND_COUNT 35 /* class of NtQueryInformationThread, 8.1 */
#define TOO_SMALL ((LONG)0xC0000004)
#define SNAPSHOT_CAP (64u * 1024u * 1024u)

enum { STATE_WAITING = 5 };

/* KTHREAD_STATE. A thread in transition waits for its stack to come back. Wine
 * tells 0 of all threads, which is no answer. */
static const enum hb_thread_state states[] = {
    [0] = HB_THREAD_UNKNOWN, /* initialized */
    [1] = HB_THREAD_RUNNING, /* ready */
    [2] = HB_THREAD_RUNNING,
    [3] = HB_THREAD_RUNNING, /* standby: next on its processor */
    [4] = HB_THREAD_DEAD,
    [STATE_WAITING] = HB_THREAD_WAITING,
    [6] = HB_THREAD_WAITING, /* transition */
    [7] = HB_THREAD_RUNNING, /* deferred ready */
    [8] = HB_THREAD_WAITING, /* gate */
};

/*
 * KWAIT_REASON. What a thread in UserRequest waits for (an event, a mutex, a
 * thread, a process) does not show from outside; the other processes of the
 * tree decide between a lock and a child, in sample.c.
 */
static const struct {
    const char *name;
    enum hb_wait_kind kind;
} reasons[] = {
    [0] = { "Executive", HB_WAIT_IO },
    [1] = { "FreePage", HB_WAIT_OTHER },
    [2] = { "PageIn", HB_WAIT_IO },
    [3] = { "PoolAllocation", HB_WAIT_OTHER },
    [4] = { "DelayExecution", HB_WAIT_SLEEP },
    [5] = { "Suspended", HB_WAIT_OTHER },
    [6] = { "UserRequest", HB_WAIT_LOCK },
    [7] = { "WrExecutive", HB_WAIT_IO },
    [8] = { "WrFreePage", HB_WAIT_OTHER },
    [9] = { "WrPageIn", HB_WAIT_IO },
    [10] = { "WrPoolAllocation", HB_WAIT_OTHER },
    [11] = { "WrDelayExecution", HB_WAIT_SLEEP },
    [12] = { "WrSuspended", HB_WAIT_OTHER },
    [13] = { "WrUserRequest", HB_WAIT_OTHER }, /* a window message */
    [14] = { "WrEventPair", HB_WAIT_OTHER },
    [15] = { "WrQueue", HB_WAIT_OTHER }, /* an idle worker, mostly */
    [16] = { "WrLpcReceive", HB_WAIT_IO },
    [17] = { "WrLpcReply", HB_WAIT_IO },
    [18] = { "WrVirtualMemory", HB_WAIT_OTHER },
    [19] = { "WrPageOut", HB_WAIT_IO },
    [20] = { "WrRendezvous", HB_WAIT_OTHER },
    [21] = { "WrKeyedEvent", HB_WAIT_LOCK }, /* critical section, SRW lock */
    [22] = { "WrTerminated", HB_WAIT_OTHER },
    [23] = { "WrProcessInSwap", HB_WAIT_OTHER },
    [24] = { "WrCpuRateControl", HB_WAIT_OTHER },
    [25] = { "WrCalloutStack", HB_WAIT_OTHER },
    [26] = { "WrKernel", HB_WAIT_OTHER },
    [27] = { "WrResource", HB_WAIT_OTHER },
    [28] = { "WrPushLock", HB_WAIT_OTHER },
    [29] = { "WrMutex", HB_WAIT_OTHER },
    [30] = { "WrQuantumEnd", HB_WAIT_OTHER },
    [31] = { "WrDispatchInt", HB_WAIT_OTHER },
    [32] = { "WrPreempted", HB_WAIT_OTHER },
    [33] = { "WrYieldExecution", HB_WAIT_OTHER },
    [34] = { "WrFastMutex", HB_WAIT_OTHER },
    [35] = { "WrGuardedMutex", HB_WAIT_OTHER },
    [36] = { "WrRundown", HB_WAIT_OTHER },
    [37] = { "WrAlertByThreadId", HB_WAIT_LOCK }, /* WaitOnAddress and all
                                                     locks built on it */
    [38] = { "WrDeferredPreempt", HB_WAIT_OTHER },
    [39] = { "WrPhysicalFault", HB_WAIT_IO },
};
#define REASON_COUNT (sizeof(reasons) / sizeof(reasons[0]))

#ifdef _WIN64
_Static_assert(offsetof(struct hb_nt_process, threads) == 256 &&
                   sizeof(struct hb_nt_thread) == 80,
               "the system's layout");
#endif

static bool is_suspended(ULONG reason)
{
    return reason == 5 || reason == 12;
}

struct hb_nt_process *hb_nt_snapshot(void)
{
    hb_query_system *query = hb_system()->query_system;
    ULONG size = 256 * 1024;

    while (query != NULL && size <= SNAPSHOT_CAP) {
        void *snapshot = malloc(size);
        LONG status = TOO_SMALL;

        if (snapshot == NULL) {
            return NULL;
        }
        status = query(SYSTEM_PROCESSES, snapshot, size, NULL);
        if (status >= 0) {
            return snapshot;
        }
        free(snapshot);
        if (status != TOO_SMALL) {
            return NULL;
        }
        size *= 2; /* what is needed grows while we ask */
    }
    return NULL;
}

const struct hb_nt_process *hb_nt_find(const struct hb_nt_process *snapshot,
                                       uint32_t pid)
{
    const struct hb_nt_process *at = snapshot;

    while ((uint32_t)(uintptr_t)at->pid != pid) {
        if (at->next == 0) {
            return NULL;
        }
        at = (const struct hb_nt_process *)(const void *)((const char *)at +
                                                          at->next);
    }
    return at;
}

static bool is_reporter(const struct hb_nt_process *process)
{
    static const wchar_t name[] = L"WerFault.exe";
    const size_t length = sizeof(name) / sizeof(name[0]) - 1;

    return process->name_bytes == length * sizeof(name[0]) &&
           process->name != NULL &&
           CompareStringOrdinal(process->name, (int)length, name, (int)length,
                                TRUE) == CSTR_EQUAL;
}

bool hb_nt_is_reported(const struct hb_nt_process *snapshot, uint32_t pid)
{
    const struct hb_nt_process *at = snapshot;

    while ((uint32_t)(uintptr_t)at->parent != pid || !is_reporter(at)) {
        if (at->next == 0) {
            return false;
        }
        at = (const struct hb_nt_process *)(const void *)((const char *)at +
                                                          at->next);
    }
    return true;
}

static void read_name(HANDLE handle, struct hb_thread_sample *sample)
{
    hb_read_description *read = hb_system()->thread_description;
    wchar_t *text = NULL;

    if (read != NULL && read(handle, &text) >= 0 && text != NULL) {
        hb_narrow_into(sample->name, sizeof(sample->name), text);
        (void)LocalFree(text);
    }
}

static bool has_suspensions(HANDLE thread)
{
    hb_query *query = hb_system()->query_thread;
    ULONG count = 0;

    return query != NULL &&
           query(thread, THREAD_SUSPEND_COUNT, &count, sizeof(count), NULL) >=
               0 &&
           count > 0;
}

bool hb_nt_is_suspended(uint32_t tid)
{
    HANDLE handle = OpenThread(THREAD_QUERY_INFORMATION, FALSE, tid);
    bool is = handle != NULL && has_suspensions(handle);

    if (handle != NULL) {
        (void)CloseHandle(handle);
    }
    return is;
}

/* What Wine leaves out of the snapshot can partly be asked of the thread. */
static void ask_thread(struct hb_thread_sample *sample)
{
    HANDLE handle = OpenThread(THREAD_QUERY_INFORMATION, FALSE, sample->tid);

    if (handle == NULL) {
        handle =
            OpenThread(THREAD_QUERY_LIMITED_INFORMATION, FALSE, sample->tid);
    }
    if (handle == NULL) {
        return;
    }
    read_name(handle, sample);
    if (sample->state == HB_THREAD_UNKNOWN && has_suspensions(handle)) {
        sample->state = HB_THREAD_STOPPED;
        (void)hb_text_copy(sample->wait_name, sizeof(sample->wait_name),
                           "Suspended");
    }
    (void)CloseHandle(handle);
}

static void read_wait(ULONG reason, struct hb_thread_sample *sample)
{
    if (reason >= REASON_COUNT) {
        sample->wait = HB_WAIT_OTHER;
        (void)hb_text_format(sample->wait_name, sizeof(sample->wait_name),
                             "wait reason %lu", reason);
        return;
    }
    sample->wait = reasons[reason].kind;
    (void)hb_text_copy(sample->wait_name, sizeof(sample->wait_name),
                       reasons[reason].name);
    if (is_suspended(reason)) {
        sample->state = HB_THREAD_STOPPED;
        sample->wait = HB_WAIT_NONE;
    }
}

void hb_nt_read(const struct hb_nt_thread *thread,
                struct hb_thread_sample *out_sample)
{
    struct hb_thread_sample sample = {
        .pid = (uint32_t)(uintptr_t)thread->pid,
        .tid = (uint32_t)(uintptr_t)thread->tid,
        .cpu_us = (uint64_t)(thread->kernel_time.QuadPart +
                             thread->user_time.QuadPart) /
                  10,
    };

    if (thread->state < sizeof(states) / sizeof(states[0])) {
        sample.state = states[thread->state];
    }
    if (thread->state == STATE_WAITING) {
        read_wait(thread->wait_reason, &sample);
    }
    ask_thread(&sample);
    *out_sample = sample;
}
