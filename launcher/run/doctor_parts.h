#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "run/artifacts.h"

/* The parts of the doctor: doctor.c (what there is, and whether a run works),
 * doctor_trials.c (deaths of its own). */

/* One row of the table. */
void hb_doctor_say(struct hb_buffer *out, bool available, const char *name,
                   const char *detail);

/* Where runs of the doctor's leave their folders: made by it beyond the first
 * `kept` bytes of `path`, which is DIR/doctor. */
struct hb_doctor_place {
    char path[HB_PATH_SIZE];
    size_t kept;
    bool windows;
};

/* Removes a folder of a run, which is empty, and those that were made for it.
 */
void hb_doctor_tidy(const struct hb_doctor_place *place, const char *folder);

/* Lets programs of ours crash, hang and leave, and says what a report has of
 * it. */
void hb_doctor_try(const struct hb_settings *settings,
                   const struct hb_doctor_place *place, struct hb_buffer *out);
