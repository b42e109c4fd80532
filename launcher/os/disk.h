#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Bytes of a file: what os/log.c and os/file.c stand on, and all of them that
 * the systems differ in. Only for code under os/.
 */
struct hb_disk {
    intptr_t file; /* descriptor or HANDLE; -1 is none */
    bool pipe;     /* opened for reading, and no plain file */
};

#define HB_DISK_NONE ((struct hb_disk){ -1, false })

/* Creates or truncates a file, private to the user, for reading and writing.
 * The caller owns `*out_disk` (hb_disk_close). */
bool hb_disk_create(const char *path, struct hb_disk *out_disk,
                    struct hb_error *err);

/* Opens a file that exists for reading with hb_disk_next(). On Linux a pipe is
 * one as well (that of a shell's `<(...)`), and is not waited for here; what
 * else is no plain file (a folder, a terminal) is refused. The caller owns
 * `*out_disk`. */
bool hb_disk_open(const char *path, struct hb_disk *out_disk,
                  struct hb_error *err);

/* Reads on from where the last call ended, at most `*size` bytes, and sets it
 * to how many came: 0 at the end, and where nobody writes. A pipe that has a
 * writer is waited for, for 10 s at a time. `path` is for the error. */
bool hb_disk_next(struct hb_disk disk, const char *path, void *bytes,
                  size_t *size, struct hb_error *err);

/* Writes all bytes at `offset`; the file grows as needed. */
bool hb_disk_write(struct hb_disk disk, uint64_t offset, const void *bytes,
                   size_t size, struct hb_error *err);

/* Reads exactly `size` bytes; fewer is an error. */
bool hb_disk_read(struct hb_disk disk, uint64_t offset, void *bytes,
                  size_t size, struct hb_error *err);

/* Twice is fine. */
void hb_disk_close(struct hb_disk *disk);
