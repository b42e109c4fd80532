#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Which pages of a process there are: in memory or in swap. The page of zeros
 * that the system shares out does not count.
 */
struct hb_core_pages {
    int fd;   /* /proc/TID/pagemap; -1: cannot be had */
    bool old; /* a kernel without PAGEMAP_SCAN (before 6.7) */
};

void hb_core_pages_open(struct hb_core_pages *pages, pid_t tid);
void hb_core_pages_close(struct hb_core_pages *pages);

/* True if the page at the address is there, or that cannot be told. */
bool hb_core_pages_has(const struct hb_core_pages *pages, uint64_t address);

/* A run of pages. `is_own`: of the process alone, not of a file or shared. */
struct hb_core_run {
    uint64_t from;
    uint64_t to;
    bool is_own;
};

/* Calls `visit` for every run in the range, by address; it ends the walk by
 * returning false. `most`: bytes that there can be at most, where something
 * else says so; older kernels need it for huge empty ranges. Where the pages
 * cannot be told, all are there and belong to the process. */
void hb_core_pages_walk(
    struct hb_core_pages *pages, uint64_t from, uint64_t to, uint64_t most,
    bool (*visit)(void *context, const struct hb_core_run *run), void *context);
