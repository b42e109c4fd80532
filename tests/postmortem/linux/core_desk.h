#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/elf_core.h"
#include "postmortem/linux/core_file.h"
#include "target_desk.h"

/* A folder with cores of a target, for one case. */
struct core_desk {
    struct target_desk target;
    struct hb_target *stopped;
    char folder[200];
    char path[256]; /* of the core */
};

/* Starts the target, and stops it when it has come to rest. */
void core_desk_begin(struct core_desk *desk, const char *word,
                     const char *count);

/* A wish for "core" in the folder. */
struct hb_core_wish core_desk_wish(struct core_desk *desk,
                                   enum hb_dump_depth depth, bool compress);

bool core_desk_try(struct core_desk *desk, const struct hb_core_wish *wish,
                   struct hb_core_made *made, struct hb_error *err);

/* Dumps as wished, or fails the test. */
struct hb_core_made core_desk_write(struct core_desk *desk,
                                    const struct hb_core_wish *wish);

/* Files in the folder. */
size_t core_desk_files(const struct core_desk *desk);

/* Ends the target in order, removes the folder with what is in it. */
void core_desk_end(struct core_desk *desk);

/* A core in memory. */
struct core_bytes {
    char *bytes; /* owned */
    size_t size;
    struct hb_elf_core_source source;
    struct hb_elf_core core;
};

/* Reads a core and checks that it is whole. */
void core_bytes_read(const char *path, bool is_compressed,
                     struct core_bytes *out_bytes);
void core_bytes_free(struct core_bytes *bytes);

/* True if the text stands anywhere in it. */
bool core_bytes_hold(const struct core_bytes *bytes, const void *text,
                     size_t size);

/* True if the process's memory at `address` begins with the text. */
bool core_bytes_say(const struct core_bytes *bytes, uint64_t address,
                    const char *text);
