#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
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

/* Lists living and dead descendants, parents before children. */
void hb_tree_list(struct hb_tree_list *out_list);

/* True if this process has neither living children nor unreaped ones. */
bool hb_tree_is_empty(void);

/* Told of each child that was reaped. */
typedef void hb_tree_reaped(const siginfo_t *ended, void *context);

/* Reaps one child that has ended; false if there is none. */
bool hb_tree_reap(siginfo_t *out_ended);

/* Sends SIGKILL until waiting says that nothing is left, for `limit_ms` at
 * most. `test_group` is the process group of the test program, or 0. Tells
 * each child that it reaps. Returns false if something is still there. */
bool hb_tree_kill(pid_t test_group, uint32_t limit_ms, hb_tree_reaped *reaped,
                  void *context);

/* Sends `signal` to each process; SIGKILL to their groups too. */
void hb_tree_signal(pid_t test_group, int signal);
