#pragma once

#include <stdbool.h>
#include <windows.h>

#include "os/windows/registry.h"

/*
 * A registry of a test's own, below HKEY_CURRENT_USER, and a launcher that dies
 * while it uses it.
 */

/* Each test program has its own: they run at the same time. */
extern const wchar_t *const registry_here;

extern HKEY root;
extern struct hb_registry registry;

bool registry_open(void);
int registry_set_up(void **state);
int registry_tear_down(void **state);

/* Runs this same program with "die" as its argument; returns its status. */
DWORD registry_run_killed(void);
