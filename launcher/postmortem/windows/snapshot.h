#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <windows.h>

#include "postmortem/windows/dbghelp.h"

/*
 * What dumps are written with. A snapshot (PssCaptureSnapshot) is a copy of a
 * process that shares its pages: the process stands still while that is made,
 * and not while the dump is written from it. It belongs to this program, so
 * whoever kills this program lets the process go on.
 */
typedef DWORD WINAPI hb_capture(HANDLE process, DWORD what, DWORD contexts,
                                HANDLE *out_snapshot);
typedef DWORD WINAPI hb_uncapture(HANDLE owner, HANDLE snapshot);

struct hb_dump_tools {
    hb_write_dump *write;    /* NULL: the system writes no dumps */
    hb_capture *capture;     /* NULL: it makes no snapshots */
    hb_uncapture *uncapture; /* there if `capture` is */
};

/* Those of the system, looked up at run time: snapshots are of Windows 8.1. */
const struct hb_dump_tools *hb_dump_tools(void);

/* NULL if there can be none; the caller must hb_snapshot_free(). */
HANDLE hb_snapshot_take(const struct hb_dump_tools *tools, HANDLE process,
                        bool with_handles);
void hb_snapshot_free(const struct hb_dump_tools *tools, HANDLE snapshot);
