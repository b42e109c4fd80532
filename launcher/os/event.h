#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/facts.h"
#include "base/found.h"

/*
 * What hb_process_next() tells: one thing that happened to the test program,
 * its tree, its output or us.
 */
enum hb_event_kind {
    HB_EVENT_NONE = 0,      /* the time asked for has come */
    HB_EVENT_OUTPUT,        /* bytes came; already passed on to our own
                               stream */
    HB_EVENT_OUTPUT_CLOSED, /* `stream` has ended */
    HB_EVENT_READER_GONE,   /* whoever reads our own `stream` went away; the
                               test's pipe was closed as it would have been.
                               The last of a stream, as OUTPUT_CLOSED is */
    HB_EVENT_NOT_PASSED,    /* our own `stream` takes no more (a full disk;
                               `os_code`): the test goes on, and what comes is
                               told and no longer passed on. Once a stream */
    HB_EVENT_NOTIFY,        /* an sd_notify datagram from `pid` */
    HB_EVENT_CHILD,         /* `process` of the tree was seen for the first
                               time */
    HB_EVENT_CHILD_EXIT,    /* another process of the tree ended */
    HB_EVENT_EXIT,          /* the test program ended; once */
    HB_EVENT_STOP_REQUEST,  /* we are asked to stop */
    HB_EVENT_SIGNAL,        /* `signal` came to us and is meant for the test
                               (Linux); `pid` the sender, 0 if it is unknown */
    HB_EVENT_CALLED,        /* the test wants its recorder read now */
    HB_EVENT_LEAVING,       /* the test program ends itself and is held
                               (`leaving`); once (os/door.h) */
    HB_EVENT_HELPER_OUTPUT, /* bytes of the helper's stdout */
    HB_EVENT_HELPER_ENDED,  /* the helper has ended (`exit`): its last event */
};

struct hb_event {
    enum hb_event_kind kind;
    enum hb_stream stream;
    const char *bytes; /* borrowed until the next call */
    size_t size;
    uint32_t pid;
    long os_code; /* of NOT_PASSED: errno or GetLastError() */
    struct hb_exit exit;
    struct hb_resources resources; /* of EXIT: what the tree used, reaped */
    struct hb_tree_process process;
    struct hb_leaving leaving;
    uint32_t signal;         /* STOP_REQUEST: its number (Windows: 2 for Ctrl-C,
                                21 for Ctrl-Break, 1 for close, 15 for logoff and
                                shutdown); 0: the guard is lost, nobody waits for
                                us any more */
    const char *signal_name; /* static: "SIGTERM", "CTRL_C_EVENT", ... and
                                "guard lost" */
};
