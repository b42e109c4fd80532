#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/linux/bytes.h"

#define READER_PATIENCE_MS 2000

/* Some who start us hand down a standard error that does not block. */
static bool wait_for(int fd)
{
    struct pollfd reader = { .fd = fd, .events = POLLOUT };

    return poll(&reader, 1, READER_PATIENCE_MS) > 0;
}

bool hb_write_all(int fd, const void *bytes, size_t size)
{
    const char *from = bytes;

    while (size > 0) {
        ssize_t written = write(fd, from, size);

        if (written >= 0) {
            from += written;
            size -= (size_t)written;
        } else if (errno != EINTR && !(errno == EAGAIN && wait_for(fd))) {
            return false;
        }
    }
    return true;
}

bool hb_fail_memory(struct hb_error *err)
{
    return hb_fail(err, HB_ERR_INTERNAL, 0, "out of memory");
}

/* A leftover of a process that had our id and died half way is removed: the
 * file must be new, or somebody else could have made it. */
static int create_new(const char *path)
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    int fd = open(path, flags, 0600);

    if (fd < 0 && errno == EEXIST && unlink(path) == 0) {
        fd = open(path, flags, 0600);
    }
    return fd;
}

/* The file that a rename may replace: a link stays and what it names changes;
 * a device, a pipe or a folder is nobody's to replace. */
static bool find_target(const char *path, char *target, struct hb_error *err)
{
    struct stat found;
    int length = snprintf(target, PATH_MAX, "%s", path);

    if (length < 0 || length >= PATH_MAX) {
        return hb_fail(err, HB_ERR_WRITE, ENAMETOOLONG,
                       "path too long: '%.80s...'", path);
    }
    if (lstat(path, &found) < 0) {
        return true; /* it is made, or says itself why not */
    }
    if (S_ISLNK(found.st_mode) &&
        (realpath(path, target) == NULL || stat(target, &found) < 0)) {
        return hb_fail(err, HB_ERR_WRITE, errno,
                       "cannot replace '%s': a link to nothing", path);
    }
    return S_ISREG(found.st_mode) ||
           hb_fail(err, HB_ERR_WRITE, 0,
                   "cannot replace '%s': it is no regular file", path);
}

bool hb_file_replace(const char *path, const void *bytes, size_t size,
                     struct hb_error *err)
{
    char target[PATH_MAX];
    char temp[PATH_MAX];
    int fd = -1;
    bool made = false;
    bool ok = false;

    if (!find_target(path, target, err)) {
        return false;
    }
    int length =
        snprintf(temp, sizeof(temp), "%s.%ld.tmp", target, (long)getpid());
    if (length < 0 || (size_t)length >= sizeof(temp)) {
        hb_fail(err, HB_ERR_WRITE, ENAMETOOLONG, "path too long: '%.80s...'",
                path);
        goto out;
    }
    fd = create_new(temp);
    if (fd < 0) {
        hb_fail(err, HB_ERR_WRITE, errno, "cannot create '%s'", temp);
        goto out;
    }
    made = true;
    if (!hb_write_all(fd, bytes, size)) {
        hb_fail(err, HB_ERR_WRITE, errno, "cannot write '%s'", temp);
        goto out;
    }
    if (rename(temp, target) < 0) {
        hb_fail(err, HB_ERR_WRITE, errno, "cannot replace '%s'", path);
        goto out;
    }
    made = false;
    ok = true;

out:
    if (fd >= 0) {
        (void)close(fd);
    }
    if (made) {
        (void)unlink(temp);
    }
    return ok;
}

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

static bool read_all(int fd, const char *path, size_t cap, char **bytes,
                     size_t *out_size, struct hb_error *err)
{
    size_t room = 0;
    size_t size = 0;

    for (;;) {
        if (!make_room(bytes, size, &room, cap)) {
            return hb_fail_memory(err);
        }
        ssize_t got = read(fd, *bytes + size, room - size);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return hb_fail(err, HB_ERR_READ, errno, "cannot read '%s'", path);
        }
        if (got == 0) {
            break;
        }
        size += (size_t)got;
        if (size > cap) {
            return hb_fail(err, HB_ERR_READ, EFBIG,
                           "'%s' is longer than %zu bytes", path, cap);
        }
    }
    (*bytes)[size] = '\0';
    *out_size = size;
    return true;
}

bool hb_file_read(const char *path, size_t cap, char **out_bytes,
                  size_t *out_size, struct hb_error *err)
{
    char *bytes = NULL;
    int fd = -1;
    bool ok = false;

    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        hb_fail(err, HB_ERR_READ, errno, "cannot open '%s'", path);
        goto out;
    }
    if (!read_all(fd, path, cap, &bytes, out_size, err)) {
        goto out;
    }
    *out_bytes = bytes;
    bytes = NULL;
    ok = true;

out:
    free(bytes);
    if (fd >= 0) {
        (void)close(fd);
    }
    return ok;
}

bool hb_file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

void hb_file_remove(const char *path)
{
    (void)unlink(path);
}

void hb_folder_remove(const char *path)
{
    (void)rmdir(path);
}
