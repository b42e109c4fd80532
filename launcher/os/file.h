#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Files of ours. Paths are UTF-8 on Windows (long ones are fine) and plain
 * bytes on Linux. All files are private to the user: mode 0600, folders 0700,
 * an equivalent DACL on Windows. Nothing is ever left half written under its
 * final name.
 */

/*
 * Writes all bytes under a temporary name in the same folder and renames it
 * over `path`. Survives the death of this process at any moment; it does not
 * wait for the disk (no fsync), so a power cut may cost it. A link stays, and
 * the file that it names is replaced; a device, a pipe or a folder is refused.
 */
bool hb_file_replace(const char *path, const void *bytes, size_t size,
                     struct hb_error *err);

/* For a disk without room for a second file: writes over the bytes of a file
 * that exists, in the room that it has. A failure before the first byte (it
 * does not fit) leaves it as it was; the death of this process in the middle
 * may not. */
bool hb_file_overwrite(const char *path, const void *bytes, size_t size,
                       struct hb_error *err);

/* Whether hb_file_replace() can write there as things stand; writes nothing. */
bool hb_file_check(const char *path, struct hb_error *err);

/* True if replacing the one would replace the other: two spellings, links, the
 * case of letters on Windows. The files need not exist. */
bool hb_file_same(const char *one, const char *other);

/* Makes the folder and those above it that are missing. Folders that exist
 * are left as they are; a file in the way is an error that names it. */
bool hb_folder_make(const char *path, struct hb_error *err);

/* Reads a whole file of at most `cap` bytes; longer is an error, and so
 * is what would be waited for without end. On success the caller owns
 * `*out_bytes` (NUL-terminated, free()). */
bool hb_file_read(const char *path, size_t cap, char **out_bytes,
                  size_t *out_size, struct hb_error *err);

bool hb_file_exists(const char *path);

/* Removes the file; not finding it is fine. */
void hb_file_remove(const char *path);

/* Removes a folder if it is empty. */
void hb_folder_remove(const char *path);

/* The working directory / an absolute form of `path` (needs not exist). */
bool hb_path_current(char *target, size_t size, struct hb_error *err);
bool hb_path_absolute(const char *path, char *target, size_t size,
                      struct hb_error *err);

/* A file that only grows, written through at once (one write a call, no
 * buffer of ours). */
struct hb_appender;

/* Creates or truncates the file. The caller owns `*out_appender`. */
bool hb_appender_open(const char *path, struct hb_appender **out_appender,
                      struct hb_error *err);
/* `*out_written` is how much of it stands in the file, also after a failure
 * (disk full); NULL is fine. */
bool hb_appender_write(struct hb_appender *appender, const void *bytes,
                       size_t size, size_t *out_written, struct hb_error *err);
/* Asks for room on the disk for `size` more bytes, ahead of somebody who may
 * fill it. A wish: what is not used is given back by hb_appender_close(). */
void hb_appender_reserve(struct hb_appender *appender, size_t size);

/* NULL is fine. */
void hb_appender_close(struct hb_appender *appender);

/* Appends to a file that others write too, creating it if need be (the step
 * summary of a CI job). */
bool hb_file_append(const char *path, const void *bytes, size_t size,
                    struct hb_error *err);

/*
 * A log with a cap: the first half of `cap` bytes and the last half are kept,
 * with a visible mark between that says how many bytes are missing. Bytes go
 * to the disk as they come (the tail as a ring inside the file, put in order
 * on close), so memory does not grow with the output.
 */
struct hb_log;

bool hb_log_open(const char *path, uint64_t cap, struct hb_log **out_log,
                 struct hb_error *err);
/* After a failure (disk full) further writes fail at once and quietly; what
 * is on disk stays. */
bool hb_log_write(struct hb_log *log, const void *bytes, size_t size,
                  struct hb_error *err);
/* Puts the tail in order and closes. NULL is fine. */
bool hb_log_close(struct hb_log *log, struct hb_error *err);
