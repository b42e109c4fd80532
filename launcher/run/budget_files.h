#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "report/past.h"

/* The files of a run that has dumps. Only what its own record names is ever
 * removed. */

/* Reads the record in the folder of a run; false if that cannot be. */
bool hb_dump_read_record(const char *folder, struct hb_past *out);

struct hb_removed {
    unsigned count;
    uint64_t bytes;
};

/* Removes the dumps that the record in `folder` names, and leaves a file beside
 * each that says so and names `instead`, the folder of the run that wants the
 * room. */
void hb_dump_remove(const char *folder, const char *instead,
                    struct hb_removed *out_removed);
