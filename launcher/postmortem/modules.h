#pragma once

#include <stddef.h>
#include <stdint.h>

#include "postmortem/facts.h"
#include "postmortem/tell.h"

/* The program and the libraries of a process, told of when a frame needs
 * them. */
struct hb_known_module {
    struct hb_module module;
    uint32_t told; /* its index for frames; HB_NO_MODULE: not told yet */
};

struct hb_modules {
    struct hb_known_module *items; /* owned */
    size_t count;
};

void hb_modules_free(struct hb_modules *modules);

/* The module that holds the address, or NULL. */
struct hb_known_module *hb_modules_find(const struct hb_modules *modules,
                                        uint64_t address);

/* Tells it if nobody did, and returns its index. */
uint32_t hb_modules_tell(struct hb_known_module *module,
                         struct hb_teller *teller);
/* Those that no frame needed. */
void hb_modules_tell_rest(struct hb_modules *modules, struct hb_teller *teller);

/* Frames that name modules by their place in `modules` name them as the teller
 * counts them from here on. */
void hb_modules_tell_frames(struct hb_modules *modules, struct hb_frame *frames,
                            size_t count, struct hb_teller *teller);
