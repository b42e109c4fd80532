#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "os/helper.h"

#define HB_HELPER_SIZE ((size_t)16 * 1024)

/*
 * A program of ours that runs beside the test (os/helper.h). Its end is told
 * when it was reaped and all that it had written is told.
 */
struct hb_helper {
    pid_t pid;  /* 0: there is none, or it was reaped */
    int out;    /* our end of its stdout; -1 once closed */
    bool ended; /* reaped, and its end is still to be told */
    struct hb_exit exit;
    char bytes[HB_HELPER_SIZE];
};

/* True if this child was the helper. */
bool hb_helper_reaped(struct hb_helper *helper, pid_t pid, struct hb_exit how);

/* Tells what it wrote, or its end; false if there is nothing to tell yet. */
bool hb_helper_step(struct hb_helper *helper, struct hb_event *out_event);

/* Ends and reaps it, and closes everything. Twice is fine. */
void hb_helper_close(struct hb_helper *helper);
