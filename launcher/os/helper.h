#pragma once

#include "os/process.h"

/*
 * Starts a program of ours beside the test, for work that must not happen in
 * this process. It is no part of the tree: not listed, not counted, not
 * stopped or killed with it, and what it uses is not in the test's resources.
 * It dies with us. It hears nothing of Ctrl-C, its stderr goes nowhere, and
 * its stdout is told as HELPER_OUTPUT.
 *
 * One at a time, from the start of the test program on. command[0] is a path.
 */
bool hb_helper_start(struct hb_process *process, const char *const *command,
                     size_t count, struct hb_error *err);

/* Ends it now, if there is one; HELPER_ENDED is still told. What it held of the
 * test's threads goes on. */
void hb_helper_end(struct hb_process *process);
