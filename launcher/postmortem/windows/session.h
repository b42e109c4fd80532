#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <windows.h>

#include "postmortem/windows/dbghelp.h"
#include "postmortem/windows/modules.h"
#include "postmortem/windows/taken.h"

/*
 * DbgHelp for one process or dump: walks copied stacks and finds words for
 * addresses. Symbols come from the files of the modules and from what lies
 * beside them; nothing is fetched from a server and nothing asks.
 */
struct hb_session {
    const struct hb_dbghelp *help;
    HANDLE key; /* the process; of a dump any number that is no handle */
    const struct hb_memory *memory;
    struct hb_modules *modules;
};

/* All of it is borrowed until hb_session_end(). */
bool hb_session_begin(HANDLE key, const struct hb_memory *memory,
                      struct hb_modules *modules, struct hb_session *out,
                      struct hb_error *err);
void hb_session_end(struct hb_session *session);

/* A walked stack: addresses of instructions, innermost first. In callers it
 * is that of the call. */
struct hb_walked {
    uint64_t addresses[HB_FRAMES_MAX];
    size_t count;
    uint64_t stacks[HB_FRAMES_MAX]; /* where each frame begins */
    char cut_short[96];
};
void hb_session_walk(struct hb_session *session, const struct hb_taken *taken,
                     struct hb_walked *out_walked);

/* Fills the frames of a walk, with the calls that were dissolved in them;
 * `room` frames at most. Returns how many. */
size_t hb_session_words(struct hb_session *session,
                        const struct hb_walked *walked, struct hb_frame *frames,
                        size_t room);
