#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <windows.h>

#include "os/process.h"
#include "os/windows/helper.h"
#include "os/windows/output.h"
#include "os/windows/reports.h"
#include "os/windows/tree.h"
#include "os/windows/wer.h"

/*
 * Everything that can happen comes as a packet on one completion port. Taking
 * a packet off only changes what stands here; what is worth telling is then
 * found by looking. So packets can be taken at any time, also in the middle of
 * a kill, and nothing gets lost.
 */
enum hb_packet {
    HB_PACKET_JOB = 1, /* bytes: message, overlapped: process id */
    HB_PACKET_ENDED,   /* overlapped: the member */
    HB_PACKET_STOP,    /* bytes: kind of request */
    HB_PACKET_READ,    /* + stream */
    HB_PACKET_PASSED = HB_PACKET_READ + HB_STREAM_COUNT, /* + stream */
    HB_PACKET_HELPER_READ = HB_PACKET_PASSED + HB_STREAM_COUNT,
    HB_PACKET_HELPER_ENDED,
};

#define HB_STOP_ROOM 8

struct hb_process {
    bool plain;
    bool hold_exit; /* is wanted */
    bool late;      /* the job list is not used */
    char *name;
    wchar_t *line;
    wchar_t *environment;
    HANDLE port;
    struct hb_tree tree;
    struct hb_output outputs[HB_STREAM_COUNT];
    struct hb_helper helper;
    struct hb_reports reports;
    struct hb_wer wer;
    char no_report[2 * HB_LOAN_WHY_SIZE + 8]; /* why there is none */
    bool cores;                               /* were asked for */
    bool exit_monitor;                        /* ... and of the exit monitor */
    HANDLE standard[3]; /* inheritable twins of our own; NULL */
    HANDLE mapping;
    void *recorder;
    bool started;
    bool released;
    DWORD stops[HB_STOP_ROOM]; /* requests not told yet */
    size_t stop_count;
};

/* Takes one packet; false if none came until `until_ms` of the clock. */
bool hb_events_take(struct hb_process *process, uint64_t until_ms);

/* Finds something to tell; false if there is nothing. */
bool hb_events_tell(struct hb_process *process, struct hb_event *out_event);
