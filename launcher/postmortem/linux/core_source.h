#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/text.h"
#include "core/secrets.h"
#include "postmortem/linux/core_file.h"
#include "postmortem/linux/maps.h"

#define HB_CORE_PAGE ((uint64_t)4096)

/* What is known of the process before it is stopped. */
struct hb_core_known {
    struct hb_buffer auxv;
    struct hb_secrets *secrets;
    uint64_t environment; /* address of its first byte in the process */
    char *blanked;        /* the environment as it may be seen */
    size_t blanked_size;  /* 0: it cannot be found */
};

/* The stopped process, as the parts of the writer see it. */
struct hb_core_source {
    struct hb_target *target;
    const struct hb_core_wish *wish;
    const struct hb_core_known *known;
    size_t first; /* the thread that the core begins with */
    pid_t tid;    /* its number; memory is read through it */
    struct hb_maps maps;
    int memory; /* /proc/TID/mem, for what may not be read; -1 */
    uint32_t holes;
};

bool hb_core_source_open(struct hb_target *target,
                         const struct hb_core_wish *wish,
                         const struct hb_core_known *known,
                         struct hb_core_source *out_source,
                         struct hb_error *err);
void hb_core_source_close(struct hb_core_source *source);

/* Copies memory; pages that cannot be read are zeros and counted as holes.
 * False if the process has ended, or time is over. */
bool hb_core_source_read(struct hb_core_source *source,
                         const struct hb_mapping *mapping, uint64_t address,
                         char *bytes, size_t size, struct hb_error *err);

/* Blanks what may not be seen in a copy of the memory at `address`. */
void hb_core_source_blank(const struct hb_core_source *source, uint64_t address,
                          char *bytes, size_t size);

/* core_secrets.c: adds the values of the environment beside the target's own.
 * False when out of memory. */
bool hb_core_secrets_beside(struct hb_secrets *secrets,
                            const struct hb_core_wish *wish);

/* core_notes.c: all notes of the core. */
bool hb_core_notes(const struct hb_core_source *source, struct hb_buffer *notes,
                   struct hb_error *err);
