#pragma once

#include "postmortem/modules.h"
#include "postmortem/windows/opened.h"

/* Reads the list that the process keeps of itself; it may be short while the
 * process starts. The caller must hb_modules_free(). */
bool hb_modules_read(const struct hb_opened *opened,
                     struct hb_modules *out_modules, struct hb_error *err);
