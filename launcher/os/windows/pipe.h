#pragma once

#include <stdbool.h>
#include <windows.h>

/* A pipe that we read through a completion port, and an inheritable end that a
 * program writes to as to any other. The caller closes both. False with the
 * last error set. */
bool hb_pipe_open(DWORD size, HANDLE *out_ours, HANDLE *out_theirs);

/* False if nobody can write into our end any more, however much is still in
 * it; true if that cannot be had. */
bool hb_pipe_has_writer(HANDLE ours);
