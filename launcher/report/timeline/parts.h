#pragma once

#include "core/observation.h"
#include "core/run_header.h"
#include "report/timeline/fields.h"

/* Texts in both are borrowed from the tree that `fields` holds. */

/* What an observation points at. Zero-initialised it is empty; pass it to
 * hb_timeline_store_free() when it is no longer needed. */
struct hb_timeline_store {
    struct hb_tree_process process;
    struct hb_dialog dialog;
    struct hb_evidence evidence;
    struct hb_thread_sample *threads; /* owned */
    struct hb_module module;
    struct hb_found_thread found;
    struct hb_frame *frames; /* owned */
    struct hb_found_lock lock;
    struct hb_found_exception exception;
    struct hb_machine *machine; /* owned */
    struct hb_leaving leaving;
    char unwritten[3 * HB_UNWRITTEN_SIZE]; /* in JSON a byte can be three */
};

void hb_timeline_store_free(struct hb_timeline_store *store);

/* False if the line cannot be understood; `*out_observation` is then of no
 * use. Replaces what is in `store`. */
bool hb_timeline_read_observation(struct hb_fields *fields,
                                  struct hb_timeline_store *store,
                                  struct hb_observation *out_observation);

/* What is wrong stays in `fields->wrong`. The caller frees `*out_command`. */
void hb_timeline_read_header(struct hb_fields *fields,
                             struct hb_run_header *out_header,
                             const char ***out_command);
