#include "postmortem/linux/core_pages.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "postmortem/linux/core_source.h"

/* ioctl_pagemap_scan(2); headers are older than kernels. */
struct region {
    uint64_t start;
    uint64_t end;
    uint64_t categories;
};
struct scan {
    uint64_t size;
    uint64_t flags;
    uint64_t start;
    uint64_t end;
    uint64_t walk_end;
    uint64_t regions;
    uint64_t region_count;
    uint64_t max_pages;
    uint64_t inverted;
    uint64_t all_of;
    uint64_t any_of;
    uint64_t returned;
};
#define SCAN _IOWR('f', 16, struct scan)
#define IS_FILE ((uint64_t)1 << 2)
#define IS_PRESENT ((uint64_t)1 << 3)
#define IS_SWAPPED ((uint64_t)1 << 4)
#define IS_ZERO ((uint64_t)1 << 5)

/* Bits of an entry of the file. */
#define ENTRY_PRESENT ((uint64_t)1 << 63)
#define ENTRY_SWAPPED ((uint64_t)1 << 62)
#define ENTRY_FILE ((uint64_t)1 << 61)

#define REGIONS 512u
#define ENTRIES 4096u

typedef bool visitor(void *context, const struct hb_core_run *run);

void hb_core_pages_open(struct hb_core_pages *pages, pid_t tid)
{
    char path[40];

    (void)snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)tid);
    pages->fd = open(path, O_RDONLY | O_CLOEXEC);
    pages->old = false;
}

void hb_core_pages_close(struct hb_core_pages *pages)
{
    if (pages->fd >= 0) {
        (void)close(pages->fd);
    }
    pages->fd = -1;
}

bool hb_core_pages_has(const struct hb_core_pages *pages, uint64_t address)
{
    uint64_t entry = 0;

    return pages->fd < 0 ||
           pread(pages->fd, &entry, sizeof(entry),
                 (off_t)(address / HB_CORE_PAGE * sizeof(entry))) !=
               (ssize_t)sizeof(entry) ||
           (entry & (ENTRY_PRESENT | ENTRY_SWAPPED)) != 0;
}

/* Returns where the walk ended: `to`, or before it if the kernel does not know
 * the request. */
static uint64_t walk_scan(struct hb_core_pages *pages, uint64_t from,
                          uint64_t to, visitor *visit, void *context)
{
    struct region regions[REGIONS];

    while (from < to) {
        struct scan scan = {
            .size = sizeof(scan),
            .start = from,
            .end = to,
            .regions = (uint64_t)(uintptr_t)regions,
            .region_count = REGIONS,
            .inverted = IS_ZERO,
            .all_of = IS_ZERO,
            .any_of = IS_PRESENT | IS_SWAPPED,
            .returned = IS_FILE,
        };
        int count = ioctl(pages->fd, SCAN, &scan);

        if (count < 0 || scan.walk_end <= from) {
            break;
        }
        for (int i = 0; i < count; i++) {
            const struct hb_core_run run = { regions[i].start, regions[i].end,
                                             (regions[i].categories &
                                              IS_FILE) == 0 };

            if (!visit(context, &run)) {
                return to;
            }
        }
        from = scan.walk_end;
    }
    return from;
}

/* The run that is being read; visits it once it has ended. */
struct reading {
    struct hb_core_run run;
    uint64_t seen; /* bytes */
    visitor *visit;
    void *context;
};

static bool read_entry(struct reading *reading, uint64_t address,
                       uint64_t entry)
{
    bool there = (entry & (ENTRY_PRESENT | ENTRY_SWAPPED)) != 0;
    bool is_own = (entry & ENTRY_FILE) == 0;
    struct hb_core_run *run = &reading->run;

    if (there && run->to == address && run->is_own == is_own &&
        run->from != run->to) {
        run->to += HB_CORE_PAGE;
    } else {
        if (run->from != run->to && !reading->visit(reading->context, run)) {
            return false;
        }
        run->from = address;
        run->to = there ? address + HB_CORE_PAGE : address;
        run->is_own = is_own;
    }
    reading->seen += there ? HB_CORE_PAGE : 0;
    return true;
}

static uint64_t walk_entries(struct hb_core_pages *pages, uint64_t from,
                             uint64_t to, uint64_t most,
                             struct reading *reading)
{
    uint64_t entries[ENTRIES];

    while (from < to && reading->seen < most) {
        uint64_t pages_left = (to - from) / HB_CORE_PAGE;
        size_t wanted = pages_left < ENTRIES ? (size_t)pages_left : ENTRIES;
        ssize_t got = pread(pages->fd, entries, wanted * sizeof(entries[0]),
                            (off_t)(from / HB_CORE_PAGE * sizeof(entries[0])));

        if (got < (ssize_t)sizeof(entries[0])) {
            break;
        }
        for (size_t i = 0; i < (size_t)got / sizeof(entries[0]); i++) {
            if (!read_entry(reading, from, entries[i])) {
                reading->run.from = reading->run.to;
                return to;
            }
            from += HB_CORE_PAGE;
        }
    }
    return reading->seen >= most ? to : from;
}

void hb_core_pages_walk(
    struct hb_core_pages *pages, uint64_t from, uint64_t to, uint64_t most,
    bool (*visit)(void *context, const struct hb_core_run *run), void *context)
{
    if (pages->fd >= 0 && !pages->old) {
        uint64_t ended = walk_scan(pages, from, to, visit, context);

        pages->old = ended < to;
        from = ended;
    }
    if (pages->fd >= 0 && from < to) {
        struct reading reading = { .visit = visit, .context = context };

        from = walk_entries(pages, from, to, most, &reading);
        if (reading.run.from != reading.run.to &&
            !visit(context, &reading.run)) {
            return;
        }
    }
    if (from < to) {
        const struct hb_core_run all = { from, to, true };

        (void)visit(context, &all);
    }
}
