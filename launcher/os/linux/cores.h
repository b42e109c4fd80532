#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "os/cores.h"
#include "os/linux/core_files.h"

/* What is known of the cores of the test (os/cores.h). */
struct hb_cores {
    bool raises; /* `limit` is what the program is to start with */
    struct rlimit limit;
    struct hb_core_pattern pattern;
    const char *why_not;
    char text[400]; /* of `why_not`, where it names a file */
    uint64_t since_ns;
    char started_in[PATH_MAX]; /* empty: not known */
    char seen_in[PATH_MAX];    /* later; empty: it was not looked at */
    bool end_known;
    struct rlimit end; /* as it died */
};

/* Before the start: may the limit be raised? */
void hb_cores_prepare(struct hb_process *process);

/* While it lives: where is it? */
void hb_cores_look(struct hb_process *process);

/* When it has died and was not reaped. */
void hb_cores_note_end(struct hb_process *process);
