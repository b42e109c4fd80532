#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/facts.h"
#include "os/event.h"

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
    bool plain;    /* pass-through: our own stdout and stderr are inherited, no
                      pipes, no recorder, no notify socket */
    bool recorder; /* hand down shared memory for the flight recorder */
    bool notify;   /* offer a NOTIFY_SOCKET (Linux) */
    bool cores;    /* let the system write cores of it (os/cores.h) */
    bool exit_monitor; /* ... also if another process ends it (Windows) */
    bool hold_exit;    /* hold it, whatever it links, as it ends itself, */
    uint32_t hold_ms;  /* at most so long */
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

/*
 * Waits until something happens or the clock of os/clock.h reads `until_ms`,
 * and tells one thing. Output is passed on before it is told, without ever
 * blocking on a reader of ours that is slow: the test's pipe is then left
 * full, as if it wrote there itself.
 */
bool hb_process_next(struct hb_process *process, uint64_t until_ms,
                     struct hb_event *out_event, struct hb_error *err);

/* Whoever reads our own `stream`, and what the test wrote there. */
struct hb_output_state {
    uint64_t waits_ms;   /* for how long now our reader has taken nothing while
                            something waits for it; 0: it does not wait */
    uint64_t blocked_ms; /* how long something waited, all together */
};

struct hb_output_state hb_process_output(const struct hb_process *process,
                                         enum hb_stream stream);

/* True if a process may still write into the test's `stream`. */
bool hb_process_has_writer(const struct hb_process *process,
                           enum hb_stream stream);

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

/* Sends the test program `signal`, as if HB_EVENT_SIGNAL had come to it. False
 * if it has ended. */
bool hb_process_signal(struct hb_process *process, uint32_t signal);

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
