#pragma once

#include "postmortem/linux/core_layout.h"
#include "postmortem/linux/core_pages.h"
#include "postmortem/linux/core_source.h"

/* core_filter.c: lays out what /proc/PID/coredump_filter keeps. */
void hb_core_filter(const struct hb_core_source *source,
                    struct hb_core_layout *layout);

/* core_full.c: reads and writes in turns; the process may go on at the end. */
bool hb_core_full(struct hb_core_source *source, struct hb_core_output *output,
                  struct hb_error *err);

/* What a small core holds, copied. Zero-initialised it is empty. */
struct hb_core_copy {
    struct hb_core_layout layout;
    struct hb_buffer notes;
    char *memory; /* what is stored, in the order of the layout */
};

/* core_mini.c: copies; writes when the process went on. */
bool hb_core_mini_copy(struct hb_core_source *source,
                       struct hb_core_copy *out_copy, struct hb_error *err);
bool hb_core_mini_write(const struct hb_core_source *source,
                        struct hb_core_copy *copy,
                        struct hb_core_output *output, struct hb_error *err);
void hb_core_mini_free(struct hb_core_copy *copy);

/* The pages that a small core holds, each once. What comes when there is no
 * more room is left out, so the most important come first. */
struct hb_core_pick {
    const struct hb_core_source *source;
    uint64_t *table; /* of HB_CORE_PICK_TABLE addresses; 0: free */
    size_t count;
};
#define HB_CORE_PICK_TABLE 16384u
#define HB_CORE_PICK_MOST 4096u /* pages: 16 MiB */

/* core_mini.c. Picks what there is to read of a range. */
void hb_core_pick_range(struct hb_core_pick *pick, uint64_t from,
                        uint64_t size);

/* core_stacks.c: the stacks, and the pages that registers and stacks point
 * to. */
void hb_core_pick_stacks(struct hb_core_pick *pick);

/* core_modules.c: what a debugger needs of the modules: their heads, changed
 * pages of their files, the loader's list of them, the vdso. */
void hb_core_pick_modules(struct hb_core_pick *pick);
