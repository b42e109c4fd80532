#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "report/timeline/parts.h"

/*
 * Reads what hbtest-postmortem tells (launcher/postmortem/tell.h): one JSON
 * object a line. It read hostile memory, so its lines are taken for hostile
 * too.
 */
enum hb_told {
    HB_TOLD_NOTHING = 0, /* not to be understood */
    HB_TOLD_FOUND,       /* an observation, but for its time */
    HB_TOLD_DONE,        /* its last line: it has told all */
};

/* Longer lines are not read. */
#define HB_TOLD_LINE_MAX ((size_t)1 << 20)

/* What the observation points at is in `store`, until the next call. */
enum hb_told hb_told_read(const char *line, size_t size,
                          struct hb_timeline_store *store,
                          struct hb_observation *out_observation);
