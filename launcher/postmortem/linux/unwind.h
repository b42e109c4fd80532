#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "postmortem/linux/maps.h"
#include "postmortem/linux/target.h"
#include "postmortem/tell.h"

/*
 * Stacks by libdw, which touches the target itself nowhere. In three steps,
 * because only the second needs a stopped target and it must be short:
 * modules before; a copy of registers and stacks while it is stopped; the walk
 * and the words of every frame after it goes on.
 */
struct hb_unwinder;

/* Finds the modules of a living process; opens no debug file yet. */
bool hb_unwinder_of_process(pid_t pid, struct hb_unwinder **out,
                            struct hb_error *err);

/* The same for a core file, also one that zstd compressed; its threads are
 * there already, so that only hb_unwinder_tell() is left. */
bool hb_unwinder_of_file(const char *path, struct hb_unwinder **out,
                         struct hb_error *err);
void hb_unwinder_free(struct hb_unwinder *unwinder);

/* This thread crashed and waits in a signal handler: it is told so, and its
 * stack from where the signal came upon it. */
void hb_unwinder_crashed(struct hb_unwinder *unwinder, uint32_t tid);

/* Makes room for the copies; to be called before every stop, so that no page
 * of it is made while the target waits. */
bool hb_unwinder_prepare(struct hb_unwinder *unwinder, struct hb_error *err);

/* Copies what a walk needs of every thread of the stopped target. After it
 * the target may go on. */
bool hb_unwinder_copy(struct hb_unwinder *unwinder,
                      const struct hb_target *target, struct hb_error *err);

/*
 * Walks every thread, gives its frames their words, and tells modules and
 * threads; of a file also why the process died. `sample` as in struct
 * hb_found_thread; with 1, `moved` is told against the tell before. A thread
 * that cannot be walked to its end says why in `cut_short`. Returns how many
 * threads were told.
 */
size_t hb_unwinder_tell(struct hb_unwinder *unwinder, uint32_t sample,
                        struct hb_teller *teller);
