#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>
#include <windows.h>

#include "base/error.h"

#define HB_SPAWN_HANDLES 4

/*
 * One start of a program, inside a job from its first instruction, with these
 * handles and no others.
 */
struct hb_spawn {
    const char *name; /* as it was given */
    wchar_t *line;
    wchar_t *environment;
    HANDLE job;
    bool late;          /* no job list: put a sleeping process into the job */
    bool shares_group;  /* Ctrl-C reaches the program too */
    HANDLE standard[3]; /* NULL: none */
    HANDLE extra;       /* one more to inherit; NULL */

    /* What it came to. */
    wchar_t *file; /* the program that was found; owned (free()) */
    DWORD error;   /* of the failed attempt */
    const char *attempt;
};

/* Looks the program up and starts it. The caller owns `*out_process`. False
 * with `error` set. */
bool hb_spawn_start(struct hb_spawn *spawn, DWORD *out_pid,
                    HANDLE *out_process);

/* Turns a failed start into the error that people see: what is wrong with the
 * file. Returns false. */
bool hb_spawn_diagnose(const struct hb_spawn *spawn, struct hb_error *err);

/* Finds the file of a program as a shell does, without the working directory:
 * a name with a separator is a path, else PATH is searched; ".exe" and ".com"
 * may be left out. The caller owns it; NULL if there is none, with the last
 * error set. */
wchar_t *hb_program_find(const char *name);

/* True for what only cmd.exe can execute. */
bool hb_program_is_batch(const wchar_t *file);
