#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * What launchers share that work in one folder.
 */

/* One entry of a folder. Links are neither folders nor files. */
struct hb_entry {
    const char *name; /* borrowed */
    bool is_folder;
    bool is_file;
    uint64_t size; /* of a file */
};

/* Tells every entry, in any order, until it returns false. A folder that
 * cannot be read has none. */
typedef bool hb_tell_entry(void *context, const struct hb_entry *entry);
void hb_folder_list(const char *path, hb_tell_entry *tell, void *context);

/* Room on the disk of a folder, in bytes: what we may still use, and all. */
bool hb_folder_room(const char *path, uint64_t *out_free, uint64_t *out_total);

/* Gives the file another name on the same disk, over what has it. */
bool hb_file_rename(const char *from, const char *to, struct hb_error *err);

/* When the file was last written, milliseconds since 1970; 0: not known. */
int64_t hb_file_time_ms(const char *path);

/*
 * A file that one process at a time holds. Who dies lets go of it, also when it
 * is killed. Children do not inherit it.
 */
struct hb_lock;

/* Makes the file if it is not there, and waits up to `wait_ms`. The caller owns
 * `*out_lock` (hb_lock_free). */
bool hb_lock_take(const char *path, uint32_t wait_ms, struct hb_lock **out_lock,
                  struct hb_error *err);

/* Lets go; removes the file if `remove`. NULL is fine. */
void hb_lock_free(struct hb_lock *lock, bool remove);

/* True if a living process holds the file. */
bool hb_lock_is_held(const char *path);
