#pragma once

#include <stddef.h>

#include "postmortem/tell.h"
#include "postmortem/windows/opened.h"
#include "postmortem/windows/taken.h"

/*
 * Tells what a thread waits for, if somebody holds it. A critical section is
 * found by what the waiting thread's own stack points to: it has an owner that
 * is another living thread, and somebody waits for it. What is not certain is
 * not told.
 */
void hb_locks_of_thread(const struct hb_opened *opened,
                        const struct hb_taken *taken,
                        const struct hb_frame *frames, size_t count,
                        struct hb_teller *teller);
