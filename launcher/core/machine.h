#pragma once

#include <stdbool.h>

#include "base/text.h"
#include "core/result.h"
#include "core/supervisor.h"

/* True if a program that has ended may have died: then the machine is worth a
 * look, although only the judge will know. */
bool hb_machine_wanted(const struct hb_result *result,
                       const struct hb_supervisor *supervisor);

/* True if the record has it and the verdict is one that a machine can cause:
 * crash, hang, timeout, silent death. */
bool hb_machine_matters(const struct hb_result *result);

/* Says what of the machine is out of the ordinary, in clauses with commas
 * between; nothing if all is well, or if it does not matter. */
void hb_machine_describe(const struct hb_result *result, struct hb_buffer *out);
