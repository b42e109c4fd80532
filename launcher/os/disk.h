#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Bytes at places of a file: what os/log.c stands on, and all of a log that
 * the systems differ in. Only for code under os/.
 */
struct hb_disk {
    intptr_t file; /* descriptor or HANDLE; -1 is none */
};

#define HB_DISK_NONE ((struct hb_disk){ -1 })

/* Creates or truncates a file, private to the user, for reading and writing.
 * The caller owns `*out_disk` (hb_disk_close). */
bool hb_disk_create(const char *path, struct hb_disk *out_disk,
                    struct hb_error *err);

/* Writes all bytes at `offset`; the file grows as needed. */
bool hb_disk_write(struct hb_disk disk, uint64_t offset, const void *bytes,
                   size_t size, struct hb_error *err);

/* Reads exactly `size` bytes; fewer is an error. */
bool hb_disk_read(struct hb_disk disk, uint64_t offset, void *bytes,
                  size_t size, struct hb_error *err);

/* Twice is fine. */
void hb_disk_close(struct hb_disk *disk);
