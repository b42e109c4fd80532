#pragma once

#include "base/found.h"
#include "report/emit.h"
#include "report/timeline/fields.h"

/*
 * What was found in a process, as members of an object that is open: in a line
 * of the timeline, and in those that hbtest-postmortem writes. The readers
 * leave what is wrong in `fields->wrong`.
 */
void hb_found_put_module(struct hb_emit *emit, const struct hb_module *module);
void hb_found_put_thread(struct hb_emit *emit,
                         const struct hb_found_thread *thread);
void hb_found_put_lock(struct hb_emit *emit, const struct hb_found_lock *lock);
void hb_found_put_exception(struct hb_emit *emit,
                            const struct hb_found_exception *exception);
void hb_found_put_leaving(struct hb_emit *emit,
                          const struct hb_leaving *leaving);

void hb_found_read_module(struct hb_fields *fields, struct hb_module *out);

/* At most HB_FRAMES_MAX frames are kept; the caller frees `*out_frames`, which
 * `out` points to. False if out of memory. */
bool hb_found_read_thread(struct hb_fields *fields, struct hb_found_thread *out,
                          struct hb_frame **out_frames);
void hb_found_read_lock(struct hb_fields *fields, struct hb_found_lock *out);
void hb_found_read_exception(struct hb_fields *fields,
                             struct hb_found_exception *out);
void hb_found_read_leaving(struct hb_fields *fields, struct hb_leaving *out);
