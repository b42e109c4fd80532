#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/core_pattern.h"
#include "base/error.h"

/*
 * Files that are named as cores are, in the folders where cores are written.
 */
struct hb_core_search {
    const struct hb_core_pattern *pattern;
    struct hb_core_facts facts;
    const char *const *folders; /* working folders of the process */
    size_t folder_count;
    uint64_t since_ns; /* wall clock: older files are nobody's */
    bool of_system;    /* they belong to the system and not to us */
};

/* What the system's pattern is. */
bool hb_core_pattern_of_system(struct hb_core_pattern *out_pattern,
                               struct hb_error *err);

/* What is to be done about a file with the name that all cores get. */
#define HB_CORE_IN_THE_WAY                                                     \
    "another test in the same folder has written it, or it was left from "     \
    "earlier (then remove it)"

/* The folder in which a core of a process with that working folder lies. */
bool hb_core_search_folder(const struct hb_core_search *search,
                           const char *working, char *target, size_t size);

/* Visits the files until one visit returns false. Only plain files that
 * belong to who they should and that no second link leads to. Returns how many
 * there were. */
size_t hb_core_search_visit(const struct hb_core_search *search,
                            bool (*visit)(void *context, const char *path),
                            void *context);
