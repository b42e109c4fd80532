#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/error.h"
#include "os/linux/hold.h"

/* What is searched where PATH is not set. */
#define HB_SPAWN_SEARCH "/bin:/usr/bin"

/*
 * One exec, described so that the child needs nothing but system calls.
 */
struct hb_spawn {
    char *const *command; /* ends with NULL */
    char *const *environment;
    const char *search; /* value of PATH; NULL where it is not set */
    int output[2];      /* become stdout and stderr; -1: inherited */
    int kept;           /* a descriptor that stays open; -1: none */
    bool own_group;     /* the child leads a process group */
    pid_t parent;       /* the child dies with it; 0: it need not */
    const struct rlimit *core_limit; /* for its cores; NULL: as we have it */
    struct hb_hold *hold; /* holds it at its end; NULL: nobody does */

    /* What the child reports when it could not. Attempts that failed before
     * one that worked leave their marks in `error` too. */
    bool returned;            /* no attempt worked */
    int error;                /* errno of the best attempt */
    char attempted[PATH_MAX]; /* the file of that attempt */
};

/* Starts the child and returns when it runs the program or could not: then
 * false, with `error` and `attempted` set and the child reaped. */
bool hb_spawn_start(struct hb_spawn *spawn, pid_t *out_pid);

/* Replaces this process, looking the program up in the same way. Returns only
 * if that failed, with `error` and `attempted` set. Async-signal-safe. */
void hb_spawn_exec(struct hb_spawn *spawn);

/* Turns a failed start into the error that people see: what is wrong with the
 * file. */
bool hb_spawn_diagnose(const struct hb_spawn *spawn, struct hb_error *err);
