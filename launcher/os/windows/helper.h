#pragma once

#include <stdbool.h>
#include <windows.h>

#include "os/helper.h"
#include "os/windows/member.h"
#include "os/windows/suspended.h"

#define HB_HELPER_SIZE (16u * 1024u)

/*
 * A program of ours that runs beside the test (os/helper.h), in a job of its
 * own that dies with us. Its end is told when its pipe is empty and closed.
 */
struct hb_helper {
    struct hb_member member;    /* pid 0: there is none */
    struct hb_suspended before; /* threads of the test */
    HANDLE job;
    HANDLE out; /* our end of its stdout; NULL once closed */
    OVERLAPPED read;
    bool reading; /* the system fills the buffer */
    DWORD size;   /* of what is in the buffer, not yet told */
    char bytes[HB_HELPER_SIZE];
};

/* Packets: a read is over, with the error that the port told; it ended. */
void hb_helper_read(struct hb_helper *helper, DWORD error, DWORD size);
void hb_helper_ended(struct hb_helper *helper, const struct hb_tree *tree);

/* Tells what it wrote, or its end; false if there is nothing to tell yet. */
bool hb_helper_step(struct hb_helper *helper, struct hb_event *out_event);

/* Ends it and closes everything. Twice is fine. */
void hb_helper_close(struct hb_helper *helper);
