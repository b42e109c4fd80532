#pragma once

#include "core/result.h"

/* Names us as the killer of what we ended, unless we were asked to; by the
 * means that its status shows. */
void hb_killer_name(struct hb_result *result);
