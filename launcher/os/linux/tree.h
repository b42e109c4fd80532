#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>

#include "os/linux/stat.h"

/*
 * The descendants of this process. As a subreaper it inherits every orphan
 * below it, so whatever the test program started is found by parent links
 * from here, and when waiting says that there are no children, none is left.
 */
struct hb_tree_list {
    struct hb_stat *items; /* borrowed until the next listing */
    size_t count;
};

/* A child of ours that is none of the test's, and that nothing here lists or
 * kills; 0: there is none. It is still reaped like any other. */
void hb_tree_leave_out(pid_t child);

/* Lists living and dead descendants, parents before children. */
void hb_tree_list(struct hb_tree_list *out_list);

/* True if there are neither living descendants nor unreaped ones. */
bool hb_tree_is_empty(void);

/* A child that was reaped: how it ended, and what it and those it waited for
 * have used. */
struct hb_reaped {
    siginfo_t ended;
    struct rusage used;
};

/* Told of each child that was reaped. */
typedef void hb_tree_reaped(const struct hb_reaped *reaped, void *context);

/* Reaps the child `pid`, or any if that is 0; false if it has not ended. */
bool hb_tree_reap(pid_t pid, struct hb_reaped *out_reaped);

/* Waiting also tells of a child that called PTRACE_TRACEME and was stopped for
 * its tracer, which we never meant to be. It is let go, with the signal that
 * stopped it; false if that cannot be done. */
bool hb_tree_is_end(const siginfo_t *seen);
bool hb_tree_let_go(const siginfo_t *stopped);

/* Waits for a child to end, a little while. */
void hb_tree_wait(void);

/* Sends SIGKILL until waiting says that nothing is left, for `limit_ms` at
 * most. `test_group` is the process group of the test program, or 0. Tells
 * each child that it reaps. Returns false if something is still there. */
bool hb_tree_kill(pid_t test_group, uint32_t limit_ms, hb_tree_reaped *reaped,
                  void *context);

/* Sends `signal` to each process; SIGKILL to their groups too. */
void hb_tree_signal(pid_t test_group, int signal);
