#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How much a new dump may take, and which old ones go for it: duplicates, the
 * oldest first. Of each signature the newest two stay.
 */
#define HB_BUDGET_KEEPS 2u

/* A run that has dumps. */
struct hb_kept_dumps {
    char run[64]; /* its folder's name, which begins with its start */
    char signature[20];
    uint64_t bytes;
    bool ours; /* its record names them and a signature */
    bool gone; /* removed */
};

/* The run whose dumps go next; `count` if there is none. */
size_t hb_budget_oldest_duplicate(const struct hb_kept_dumps *runs,
                                  size_t count);

/* The disk is never filled beyond this: 1 GiB, or a twentieth of it if that is
 * less. */
uint64_t hb_budget_floor(uint64_t disk_total);

struct hb_budget {
    uint64_t limit;    /* --dump-budget */
    uint64_t used;     /* by all dumps under the folder */
    uint64_t reserved; /* by launchers that take some now */
    bool disk_known;
    uint64_t disk_free;
    uint64_t disk_total;
};

/* What new dumps may take. */
uint64_t hb_budget_left(const struct hb_budget *budget);

/* Why that is not more, for `evidence`. */
void hb_budget_explain(const struct hb_budget *budget, char *target,
                       size_t size);
