#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <windows.h>

#include "base/error.h"
#include "postmortem/memory.h"

/* A living process with the rights that looking at it needs. */
struct hb_opened {
    HANDLE process;
    uint32_t pid;
    bool may_duplicate;      /* a dump may tell of its handles */
    struct hb_memory memory; /* borrowed from here: do not copy this struct */
};

/*
 * The error says what stands in the way: the process has ended, runs at a
 * higher integrity level, is protected, or is of another bitness than this
 * program, whose view of it would mislead. The caller must hb_opened_close().
 */
bool hb_opened_open(uint32_t pid, struct hb_opened *out_opened,
                    struct hb_error *err);
void hb_opened_close(struct hb_opened *opened);

/* False once it has ended. */
bool hb_opened_lives(const struct hb_opened *opened);
