#pragma once

#include <stddef.h>
#include <stdint.h>

#include "os/windows/tree.h"

#define HB_SUSPENDED_ROOM 64u

/*
 * A helper that is ended while it reads a process leaves the threads suspended
 * that it held: nothing on Windows counts a suspension to who made it. So what
 * was suspended before a helper is noted, and all else is resumed after it.
 */
struct hb_suspended {
    uint32_t threads[HB_SUSPENDED_ROOM];
    size_t count; /* one more than there is room for: too many to tell apart */
};

/* Notes the threads of the tree that are suspended now. */
void hb_suspended_note(struct hb_suspended *suspended,
                       const struct hb_tree *tree);

/* Resumes the threads of the tree that were not suspended then. A thread that
 * the test suspended itself in between goes on as well. */
void hb_suspended_resume(const struct hb_suspended *suspended,
                         const struct hb_tree *tree);
