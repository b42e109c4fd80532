#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <windows.h>

#include "base/facts.h"

/*
 * All threads of the system as one snapshot, in the layout of
 * NtQuerySystemInformation, class 5. Taking it touches no process.
 */
struct hb_nt_thread {
    LARGE_INTEGER kernel_time; /* 100 ns */
    LARGE_INTEGER user_time;
    LARGE_INTEGER create_time;
    ULONG wait_time;
    void *start;
    HANDLE pid;
    HANDLE tid;
    LONG priority;
    LONG base_priority;
    ULONG switches;
    ULONG state;
    ULONG wait_reason;
};

struct hb_nt_process {
    ULONG next; /* bytes to the next one; 0 in the last */
    ULONG thread_count;
    LARGE_INTEGER reserved[3];
    LARGE_INTEGER create_time;
    LARGE_INTEGER user_time;
    LARGE_INTEGER kernel_time;
    USHORT name_bytes;
    USHORT name_room;
    wchar_t *name;
    LONG base_priority;
    HANDLE pid;
    HANDLE parent;
    ULONG handle_count;
    ULONG session;
    ULONG_PTR key;
    SIZE_T memory[12];
    LARGE_INTEGER transfers[6];
    struct hb_nt_thread threads[]; /* `thread_count` */
};

/* The caller owns it (free()); NULL if it cannot be had. */
struct hb_nt_process *hb_nt_snapshot(void);

const struct hb_nt_process *hb_nt_find(const struct hb_nt_process *snapshot,
                                       uint32_t pid);

/* True if Windows Error Reporting works on a crash of the process, which
 * started it. */
bool hb_nt_is_reported(const struct hb_nt_process *snapshot, uint32_t pid);

/* True if the thread is suspended; false also if that cannot be asked. */
bool hb_nt_is_suspended(uint32_t tid);

/* What one thread of the snapshot does, in our words. */
void hb_nt_read(const struct hb_nt_thread *thread,
                struct hb_thread_sample *out_sample);
