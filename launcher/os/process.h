#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/facts.h"
#include "base/found.h"

/*
 * One test program and everything it started.
 *
 * "Tree" below means the program and its descendants: on Linux all that the
 * subreaper collects, found by parent links and process group; a job object
 * on Windows. Stopping or killing always means the tree; there is no way to
 * end the program and leave its children behind by accident.
 *
 * One process at a time may be open in a launcher.
 */
struct hb_process;

struct hb_process_spec {
    const char *const *command; /* UTF-8, exactly as the program gets them;
                                   borrowed until hb_process_free() */
    size_t count;               /* at least 1; command[0] is looked up like a
                                   shell does: a name with a separator is a
                                   path, else PATH is searched */
    bool plain;     /* pass-through: our own stdout and stderr are inherited, no
                       pipes, no recorder, no notify socket */
    bool recorder;  /* hand down shared memory for the flight recorder */
    bool notify;    /* offer a NOTIFY_SOCKET (Linux) */
    bool cores;     /* let the system write cores of it (os/cores.h) */
    bool hold_exit; /* hold it, whatever it links, as it ends itself, */
    uint32_t hold_ms; /* at most so long */
    uint32_t beat_every_ms;
    uint64_t token; /* of the recorder */
};

/* Where the recorder lies in our own memory; NULL if it was not asked for or
 * cannot be had. Mapped before the program starts and zeroed; valid until
 * hb_process_free(). */
void *hb_process_recorder(struct hb_process *process, size_t *out_size);

/* Prepares all but the program itself: pipes, recorder, environment, tree. The
 * caller owns `*out_process` and must pass it to hb_process_free(). */
bool hb_process_prepare(const struct hb_process_spec *spec,
                        struct hb_process **out_process, struct hb_error *err);

/*
 * Starts the program. Bad starts are told apart by the error's code:
 * NOT_FOUND (no such file), NOT_EXECUTABLE (no right, a folder, wrong
 * architecture, a script without its interpreter: the text says which),
 * START for everything else. A missing DLL shows only at run time, as the
 * exit status 0xC0000135.
 */
bool hb_process_start(struct hb_process *process, uint32_t *out_pid,
                      struct hb_error *err);

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

/*
 * Waits until something happens or the clock of os/clock.h reads `until_ms`,
 * and tells one thing. Output is passed on before it is told, without ever
 * blocking on a reader of ours that is slow: the test's pipe is then left
 * full, as if it wrote there itself.
 */
bool hb_process_next(struct hb_process *process, uint64_t until_ms,
                     struct hb_event *out_event, struct hb_error *err);

/* CPU time of the tree so far, microseconds; false if it cannot be had. */
bool hb_process_cpu_us(struct hb_process *process, uint64_t *out_us);

/*
 * Looks at every thread of the tree from outside, touching none, and at the
 * windows it shows. Writes at most `room` samples, those of the test program
 * itself first; returns how many. `*out_dialog` is all zero if no message box
 * waits.
 */
size_t hb_process_sample(struct hb_process *process,
                         struct hb_thread_sample *samples, size_t room,
                         struct hb_dialog *out_dialog);

/* Lists the living processes of the tree, without the test program itself
 * once it has ended. Returns how many there are, also beyond `room`. */
size_t hb_process_tree(struct hb_process *process,
                       struct hb_tree_process *processes, size_t room);

/* Asks the tree to end: SIGTERM, and SIGCONT so that a stopped one hears it;
 * CTRL_BREAK on Windows. False if the system has no way to ask. */
bool hb_process_stop(struct hb_process *process, struct hb_error *err);

/* Ends every process of the tree, now. Also what forks meanwhile. Returns
 * when all are gone or 5 s have passed (then false). The test program's own
 * EXIT still comes through hb_process_next(). */
bool hb_process_kill(struct hb_process *process, struct hb_error *err);

/* Leaves what is left of the tree alone: it may outlive us. */
void hb_process_release(struct hb_process *process);

/* Stops reading output; what is still in the pipes is read first, without
 * waiting, and told by further calls of hb_process_next(), OUTPUT_CLOSED last.
 * What a slow reader of ours has not taken by then it gets from
 * hb_process_free(). */
void hb_process_drop_output(struct hb_process *process);

/* Kills the tree if it runs and was not released, reaps it, passes on what our
 * readers have not taken (while they take some every 10 s). NULL is fine. */
void hb_process_free(struct hb_process *process);
