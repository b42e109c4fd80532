#pragma once

#include "core/budget.h"
#include "os/shared.h"
#include "run/artifacts.h"

#define HB_BUDGET_LOCK ".hbtest-dumps.lock"

/*
 * --dump-budget over all dumps under one artifacts folder, also of launchers
 * that work there at the same time. Each asks for what it may take before it
 * takes a dump, and has that reserved until it is done: a file in its run's
 * folder, held as long as it lives, whose name says how much. All is counted
 * and granted under one lock, the file `.hbtest-dumps.lock`.
 */
struct hb_grant {
    uint64_t bytes;          /* that all dumps together may take; 0: none */
    uint64_t disk_kept;      /* that must stay free of the disk */
    char why[200];           /* it is not more */
    struct hb_lock *reserve; /* of them; NULL: nothing is reserved */
    unsigned removed_count;  /* dumps that went for it */
    uint64_t removed_bytes;
};

/* Asks for `wanted` bytes, and where that would go over removes duplicates.
 * With `more`, half of what is left is granted if that is more: how large a
 * full dump becomes only it can tell. The caller owns `*grant` and must pass it
 * to hb_grant_end(). */
void hb_grant_ask(const struct hb_artifacts *artifacts, uint64_t wanted,
                  bool more, struct hb_grant *grant);

/* The dumps are on disk, or there are none. Twice is fine. */
void hb_grant_end(struct hb_grant *grant);
