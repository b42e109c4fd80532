#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define HB_COMM_SIZE 16

/* What /proc/PID/stat says of a process or a thread. */
struct hb_stat {
    uint32_t pid;
    uint32_t ppid;
    uint32_t group;
    uint32_t threads;
    char state; /* R S D T t Z X I */
    char name[HB_COMM_SIZE];
    uint64_t own_ticks;    /* user and system, of all its threads */
    uint64_t waited_ticks; /* of children that it has waited for */
    uint64_t rss_pages;
    uint64_t start_ticks; /* tells two processes of one number apart */
};

/* False if there is no such process. `path` is "PID/stat" or
 * "PID/task/TID/stat" below /proc. */
bool hb_stat_read(const char *path, struct hb_stat *out_stat);
bool hb_stat_read_process(uint32_t pid, struct hb_stat *out_stat);

/* A zombie whose last thread has ended counts as gone; a dead leader with
 * living threads does not. */
bool hb_stat_is_gone(const struct hb_stat *stat);

/* Reads a small file below /proc as text; returns its size, 0 if it cannot be
 * read. Cut at `size` - 1, always ended with NUL. */
size_t hb_proc_read(const char *path, char *target, size_t size);

/* Says that the process has ended, or, where nothing could be seen of it in any
 * case, that /proc is not mounted. */
bool hb_proc_fail_gone(uint32_t pid, struct hb_error *err);
bool hb_proc_is_mounted(void);

/* The name of the process as people know it: what the kernel has, or, where
 * that was cut, the base name of its file. */
void hb_stat_image(const struct hb_stat *stat, char *target, size_t size);

/* The decimal number at `*at`, which moves behind it; blanks before it are
 * skipped. False if there is none. */
bool hb_proc_number(const char **at, uint64_t *out_value);
