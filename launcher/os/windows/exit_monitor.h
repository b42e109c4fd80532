#pragma once

#include "os/windows/loan.h"

/*
 * "Silent process exit": the system writes a dump of a program of this name
 * when another process ends it, and one of who did. Two keys of the registry,
 * borrowed like LocalDumps (reports.h); the dumps lie in a folder for each end
 * below the one that is given.
 *
 * Ends by the program itself are left out: the system would write a dump of
 * each test that passes.
 */
#define HB_EXIT_MONITOR_ITEMS 5u

/* What is to be set for the program ("test.exe"), on top of what is set now.
 * False with an error of the system if that cannot be read, or is odd. */
bool hb_exit_monitor_items(const struct hb_registry *registry,
                           const wchar_t *program, const wchar_t *folder,
                           struct hb_loan_item items[HB_EXIT_MONITOR_ITEMS],
                           LSTATUS *out_why);
