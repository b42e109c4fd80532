#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "postmortem/facts.h"
#include "postmortem/tell.h"
#include "postmortem/windows/opened.h"

/* The program and the DLLs of a process. */
struct hb_known_module {
    struct hb_module module;
    uint32_t told; /* its index for frames; HB_NO_MODULE: not told yet */
};

struct hb_modules {
    struct hb_known_module *items;
    size_t count;
};

/* Reads the list that the process keeps of itself; it may be short while the
 * process starts. The caller must hb_modules_free(). */
bool hb_modules_read(const struct hb_opened *opened,
                     struct hb_modules *out_modules, struct hb_error *err);
void hb_modules_free(struct hb_modules *modules);

/* The module that holds the address, or NULL. */
struct hb_known_module *hb_modules_find(const struct hb_modules *modules,
                                        uint64_t address);

/* Tells it if nobody did, and returns its index. */
uint32_t hb_modules_tell(struct hb_known_module *module,
                         struct hb_teller *teller);
/* Those that no frame needed. */
void hb_modules_tell_rest(struct hb_modules *modules, struct hb_teller *teller);
