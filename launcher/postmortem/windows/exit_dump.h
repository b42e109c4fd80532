#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <wchar.h>

#include "base/error.h"

#define HB_EXIT_DUMP_PATH 1024

/*
 * What the system's exit monitor wrote as one process ended another: a folder
 * "test.exe-(PID-4711)-94027", in it "test.exe-(PID-4711).dmp" and a file of
 * the same form of who did it.
 */
struct hb_exit_dump {
    wchar_t folder[HB_EXIT_DUMP_PATH];
    wchar_t victim[HB_EXIT_DUMP_PATH]; /* path; empty: there is none */
    wchar_t killer[HB_EXIT_DUMP_PATH];
    wchar_t killer_name[128]; /* "taskkill.exe" */
    uint32_t killer_pid;
};

/* False: of this process nothing lies in the folder. */
bool hb_exit_dump_find(const char *folder, uint32_t pid,
                       struct hb_exit_dump *out_dump);

/* Removes what is left of it. */
void hb_exit_dump_remove(const struct hb_exit_dump *dump);
