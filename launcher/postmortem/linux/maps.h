#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* What a process has mapped, from /proc/PID/maps. */
struct hb_mapping {
    uint64_t start;
    uint64_t end;
    uint64_t file_offset;
    uint64_t inode;
    uint32_t device_major;
    uint32_t device_minor;
    bool readable, writable, executable, shared;
    char *path; /* "" for anonymous memory; owned by the list */
};

struct hb_maps {
    struct hb_mapping *items;
    size_t count;
};

/* `tid` may be any thread: the list of a leader that has ended is empty while
 * that of its threads is not. The caller must hb_maps_free(). */
bool hb_maps_read(pid_t tid, struct hb_maps *out_maps, struct hb_error *err);
void hb_maps_free(struct hb_maps *maps);

/* The mapping that holds the address, or NULL. */
const struct hb_mapping *hb_maps_find(const struct hb_maps *maps,
                                      uint64_t address);
