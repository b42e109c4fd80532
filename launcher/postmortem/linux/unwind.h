#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "postmortem/linux/maps.h"
#include "postmortem/linux/target.h"
#include "postmortem/tell.h"

/*
 * Stacks by libdw. In three steps, because only the second needs a stopped
 * target and it must be short: modules before, program counters while it is
 * stopped, symbols after it goes on.
 */
struct hb_unwinder;

/* Finds the modules of a living process; opens no debug file yet. */
bool hb_unwinder_of_process(pid_t pid, struct hb_unwinder **out,
                            struct hb_error *err);

/* The same for a core file, also one that zstd compressed. */
bool hb_unwinder_of_file(const char *path, struct hb_unwinder **out,
                         struct hb_error *err);
void hb_unwinder_free(struct hb_unwinder *unwinder);

/* Walks every thread of the stopped target; keeps the program counters. */
bool hb_unwinder_walk(struct hb_unwinder *unwinder, struct hb_target *target,
                      struct hb_error *err);

/* Gives every frame its words and tells modules and threads. `sample` as in
 * struct hb_found_thread; with 1, `moved` is told against the walk before. */
bool hb_unwinder_tell(struct hb_unwinder *unwinder, uint32_t sample,
                      struct hb_teller *teller, struct hb_error *err);
