#pragma once

#include <limits.h>

#include "os/linux/core_files.h"
#include "postmortem/request.h"

/*
 * Finds the cores that the system wrote of a tree that has died.
 */
#define HB_DEAD_CORES_MAX 16u

struct hb_dead_core {
    int fd; /* a plain file, at any place; the caller closes it */
    uint32_t pid;
    bool is_main;
    char path[PATH_MAX]; /* where it lay */
};

struct hb_dead_cores {
    struct hb_dead_core items[HB_DEAD_CORES_MAX]; /* the program's own first */
    size_t count;
    size_t beyond;    /* of children that were one too many; removed, too */
    char reason[400]; /* why there is none of the program itself */
};

/* Of those that are ours to move nothing stays where it was: from here on
 * they have no name. Waits at most until `until_ms` (clock of os/clock.h) for
 * a service of the system that stores them. */
void hb_dead_cores_find(const struct hb_request_dead *dead, uint64_t until_ms,
                        struct hb_dead_cores *out_cores);

/* The same for one pattern instead of the system's own. `of_system`: they are
 * stored by a service, belong to root and stay. `may_come`: it may not have
 * stored them yet. */
struct hb_dead_place {
    struct hb_core_pattern pattern;
    bool of_system;
    bool may_come;
};
void hb_dead_cores_find_in(const struct hb_request_dead *dead,
                           const struct hb_dead_place *place, uint64_t until_ms,
                           struct hb_dead_cores *out_cores);
void hb_dead_cores_close(struct hb_dead_cores *cores);
