#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <windows.h>

#include "core/secrets.h"
#include "postmortem/windows/opened.h"

/*
 * The values of the environment variables of a process, and of ours, whose
 * names fit; NULL if there are none. False: the environment cannot be read. The
 * caller must hb_secrets_free().
 */
bool hb_secrets_of_process(const struct hb_opened *opened,
                           const char *const *patterns, size_t count,
                           struct hb_secrets **out_secrets,
                           struct hb_error *err);

/* The same of ours alone, for a process that has ended. */
bool hb_secrets_of_own(const char *const *patterns, size_t count,
                       struct hb_secrets **out_secrets, struct hb_error *err);

/* Blanks them in a file that is open for both. */
bool hb_secrets_blank_file(struct hb_secrets *secrets, HANDLE file,
                           struct hb_error *err);
