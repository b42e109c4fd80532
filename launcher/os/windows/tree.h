#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <windows.h>

#include "base/facts.h"

/*
 * The processes of the job, one handle each. A handle keeps the id from being
 * used again, says by itself when its process has ended, and gives the status
 * then; the messages of the job only tell us where to open one. They may be
 * late, come twice, or not at all.
 */
#define HB_TREE_ROOM 4096u

struct hb_member {
    uint32_t pid;  /* 0: the place is free */
    HANDLE handle; /* NULL: it could not be opened */
    HANDLE wait;
    HANDLE port; /* where the end is posted, with `key` and this member */
    ULONG_PTR key;
    struct hb_tree_process about;
    uint64_t settle_ms; /* until then something may still show; 0: nothing */
    bool nameless;      /* ... its name */
    bool doubtful;      /* ... whether it ended, or has not begun */
    bool ours;  /* of the system's making, not of the test's: never told */
    bool told;  /* its appearance was told */
    bool ended; /* ... and its end may be */
    bool has_status;
    DWORD status;
};

struct hb_tree {
    HANDLE job;
    HANDLE port;               /* borrowed */
    ULONG_PTR key;             /* of packets that say that a member ended */
    struct hb_member *members; /* HB_TREE_ROOM; the first is the test program */
    size_t high;               /* places from here on were never used */
    uint64_t ended_user;       /* times of those that are gone, 100 ns */
    uint64_t ended_kernel;
};

/* Makes the job: all in it die with the last handle, and its messages come to
 * `port` with `job_key`. False with the last error set. */
bool hb_tree_open(struct hb_tree *tree, HANDLE port, ULONG_PTR job_key,
                  ULONG_PTR end_key);

/* The test program itself, whose handle it takes over. False with the last
 * error set if its end would go unnoticed. */
bool hb_tree_add_first(struct hb_tree *tree, uint32_t pid, HANDLE handle);

/* A message of the job. */
void hb_tree_message(struct hb_tree *tree, DWORD message, uint32_t pid);

/* The packet of an end: reads the status. */
void hb_tree_ended(struct hb_tree *tree, struct hb_member *member);

/* Looks the job through for members whose message got lost. */
void hb_tree_refresh(struct hb_tree *tree);

/* Looks again at members that had no name yet, or looked ended and were not.
 * True if there were any: then it is worth another look in a moment. */
bool hb_tree_settle(struct hb_tree *tree);

/* Forgets a member whose end was told. */
void hb_tree_forget(struct hb_tree *tree, struct hb_member *member);

bool hb_member_is_alive(const struct hb_member *member);

/* User and kernel time, in units of 100 ns, of all members. */
uint64_t hb_tree_time(const struct hb_tree *tree, uint64_t *out_user,
                      uint64_t *out_kernel);

/* True if the job is empty, as far as it can be known. */
bool hb_tree_is_empty(const struct hb_tree *tree);

/* One more attempt to end all; returns when one process has ended or
 * `limit_ms` are over. */
void hb_tree_terminate(struct hb_tree *tree, DWORD limit_ms);

/* From now on the tree may outlive us. */
void hb_tree_release(struct hb_tree *tree);

/* Closes all handles, the job's last: what still runs dies unless it was
 * released. Twice is fine. */
void hb_tree_close(struct hb_tree *tree);
