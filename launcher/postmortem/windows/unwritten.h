#pragma once

#include "postmortem/tell.h"
#include "postmortem/windows/subject.h"

/*
 * What a program had printed into the buffers of stdout and stderr and never
 * wrote, where its C library is msvcrt.dll or the universal one as a DLL. The
 * process is only read, so what it prints meanwhile may come out torn.
 */
void hb_unwritten_tell(const struct hb_subject *subject,
                       struct hb_teller *teller);
