/*
 * Reading a whole file, the same on both systems.
 */
#include "os/file.h"

#include <stdlib.h>

#include "os/disk.h"

/* Grows by doubling up to one byte beyond the cap, which tells a file that
 * just fits from one that does not. */
static bool make_room(char **bytes, size_t size, size_t *room, size_t cap)
{
    if (*bytes != NULL && size < *room) {
        return true;
    }
    size_t wanted = *room == 0 ? 4096 : *room * 2;
    if (wanted > cap + 1) {
        wanted = cap + 1;
    }
    char *bigger = realloc(*bytes, wanted + 1); /* and the NUL */
    if (bigger == NULL) {
        return false;
    }
    *bytes = bigger;
    *room = wanted;
    return true;
}

static bool read_all(struct hb_disk disk, const char *path, size_t cap,
                     char **bytes, size_t *out_size, struct hb_error *err)
{
    size_t room = 0;
    size_t size = 0;

    for (;;) {
        size_t got = 0;

        if (!make_room(bytes, size, &room, cap)) {
            return hb_fail(err, HB_ERR_INTERNAL, 0, "out of memory");
        }
        got = room - size;
        if (!hb_disk_next(disk, path, *bytes + size, &got, err)) {
            return false;
        }
        if (got == 0 && size == 0 && disk.pipe) {
            return hb_fail(err, HB_ERR_READ, 0,
                           "cannot read '%s': it is a pipe that nobody writes "
                           "to",
                           path);
        }
        if (got == 0) {
            break;
        }
        size += got;
        if (size > cap) {
            return hb_fail(err, HB_ERR_READ, 0, "'%s' is longer than %zu bytes",
                           path, cap);
        }
    }
    (*bytes)[size] = '\0';
    *out_size = size;
    return true;
}

bool hb_file_read(const char *path, size_t cap, char **out_bytes,
                  size_t *out_size, struct hb_error *err)
{
    struct hb_disk disk = HB_DISK_NONE;
    char *bytes = NULL;
    bool ok = false;

    if (!hb_disk_open(path, &disk, err) ||
        !read_all(disk, path, cap, &bytes, out_size, err)) {
        goto out;
    }
    *out_bytes = bytes;
    bytes = NULL;
    ok = true;

out:
    free(bytes);
    hb_disk_close(&disk);
    return ok;
}
