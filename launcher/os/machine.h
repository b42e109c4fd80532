#pragma once

#include "base/machine.h"

/*
 * Looks at the machine, and at what the process `pid` has open (0: at no
 * process). Nothing is stopped or touched, nothing fails: what cannot be had is
 * not known. `folder` lies on the disk that our files go to. Names of files are
 * kept as the system shows them, up to a bound for all of them together.
 */
void hb_machine_read(const char *folder, uint32_t pid,
                     struct hb_machine *out_machine);

/* Resident memory of these processes together, as far as they live. */
uint64_t hb_machine_rss_kib(const uint32_t *pids, size_t count);

/* A machine of which nothing is known. */
void hb_machine_clear(struct hb_machine *machine);

/* Keeps one of `handle_total`, unless the bound is reached, which is then said
 * in `handles_missing`. `*used` is what they take so far, 0 at first. */
void hb_machine_keep_handle(struct hb_machine *machine,
                            const struct hb_open_handle *handle, size_t *used);

/* Keeps the five largest processes, and the five that used the most of a
 * processor in their lives. All are told one by one. */
struct hb_busy {
    struct hb_busy_process largest[HB_BUSY_MAX / 2];
    size_t largest_count;
    struct hb_busy_process busiest[HB_BUSY_MAX / 2];
    size_t busiest_count;
};
void hb_busy_tell(struct hb_busy *busy, const struct hb_busy_process *process);
void hb_busy_finish(const struct hb_busy *busy, struct hb_machine *machine);
