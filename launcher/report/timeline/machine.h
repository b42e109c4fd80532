#pragma once

#include "base/machine.h"
#include "report/emit.h"
#include "report/timeline/fields.h"

/*
 * The machine, as members of an object that is open: in result.json, or in a
 * line of the timeline, where numbers and texts come back exactly.
 */
void hb_machine_put(struct hb_emit *emit, const struct hb_machine *machine,
                    bool exactly);

/* What is wrong stays in `fields->wrong`; what is too much is left out. */
void hb_machine_get(struct hb_fields *fields, struct hb_machine *out);
