#pragma once

#include "postmortem/linux/unwind.h"
#include "postmortem/tell.h"

/*
 * What a program had printed into its C library's buffers and never wrote: of
 * stdout and stderr, and of glibc. Whoever ends without exit() loses it. The
 * process is only read, so what it prints meanwhile may come out torn.
 */
void hb_unwritten_tell(const struct hb_unwinder *unwinder,
                       struct hb_teller *teller);
