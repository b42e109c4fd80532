#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/minidump.h"
#include "postmortem/modules.h"
#include "postmortem/request.h"
#include "postmortem/tell.h"

/* True if the file begins as a minidump does. */
bool hb_is_minidump(const char *path);

/*
 * Who can walk the stacks of a dump. Without one (on a system that is not
 * Windows) each thread has the frame that its registers name.
 */
struct hb_dump_walker {
    /* Called once before the threads; both are borrowed until `end`. False:
     * then it is as if there were no walker. */
    bool (*begin)(void *context, const struct hb_minidump *dump,
                  struct hb_modules *modules);
    /* Fills frames of a context; they name modules by their place in the list.
     * Returns how many; `cut_short` has the size that struct hb_found_thread
     * gives it. */
    size_t (*walk)(void *context, const struct hb_minidump_place *registers,
                   struct hb_frame *frames, size_t room, char *cut_short);
    void (*end)(void *context);
    void *context;
};

/* Tells what a minidump knows: its exception, modules and threads, and as
 * evidence whether it can be used. `walker` may be NULL. */
void hb_look_minidump(const struct hb_request *request,
                      const struct hb_dump_walker *walker,
                      struct hb_teller *teller);
