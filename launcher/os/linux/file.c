#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/linux/bytes.h"
#include "os/linux/target.h"

#define READER_PATIENCE_MS 2000

/* Some who start us hand down a standard error that does not block. */
static bool wait_for(int fd)
{
    struct pollfd reader = { .fd = fd, .events = POLLOUT };

    return poll(&reader, 1, READER_PATIENCE_MS) > 0;
}

bool hb_write_counted(int fd, const void *bytes, size_t size,
                      size_t *out_written)
{
    const char *from = bytes;

    *out_written = 0;
    while (*out_written < size) {
        ssize_t written = write(fd, from + *out_written, size - *out_written);

        if (written >= 0) {
            *out_written += (size_t)written;
        } else if (errno != EINTR && !(errno == EAGAIN && wait_for(fd))) {
            return false;
        }
    }
    return true;
}

bool hb_write_all(int fd, const void *bytes, size_t size)
{
    size_t written;

    return hb_write_counted(fd, bytes, size, &written);
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

/* The new file changes places with the old one, if there is one: to rename over
 * it makes some file systems (ext4) write out the bytes first. */
static bool put_in_place(const char *temp, const char *target)
{
    if (renameat2(AT_FDCWD, temp, AT_FDCWD, target, RENAME_EXCHANGE) == 0) {
        (void)unlink(temp);
        return true;
    }
    return rename(temp, target) == 0;
}

bool hb_file_replace(const char *path, const void *bytes, size_t size,
                     struct hb_error *err)
{
    char target[PATH_MAX];
    char temp[PATH_MAX];
    int fd = -1;
    bool made = false;
    bool ok = false;

    if (!hb_target_find(path, target, err)) {
        return false;
    }
    int length =
        snprintf(temp, sizeof(temp), "%s.%ld.tmp", target, (long)getpid());
    if (length < 0 || (size_t)length >= sizeof(temp)) {
        hb_fail(err, HB_ERR_WRITE, 0, "path too long: '%.80s...'", path);
        goto out;
    }
    fd = create_new(temp);
    if (fd < 0) {
        hb_fail(err, HB_ERR_WRITE, errno, "cannot create '%s'", path);
        goto out;
    }
    made = true;
    if (!hb_write_all(fd, bytes, size)) {
        hb_fail(err, HB_ERR_WRITE, errno, "cannot write '%s'", path);
        goto out;
    }
    if (!put_in_place(temp, target)) {
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

/* A file system that cannot say whether there is room still has that of the
 * bytes that are there. */
static bool has_room(int fd, size_t size)
{
    struct stat about;

    if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)size) == 0) {
        return true;
    }
    int why = errno;
    bool fits = fstat(fd, &about) == 0 && about.st_size >= (off_t)size;

    errno = why;
    return fits;
}

bool hb_file_overwrite(const char *path, const void *bytes, size_t size,
                       struct hb_error *err)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0) {
        return hb_fail(err, HB_ERR_WRITE, errno, "cannot open '%s'", path);
    }
    bool ok = (has_room(fd, size) && hb_write_all(fd, bytes, size) &&
               ftruncate(fd, (off_t)size) == 0) ||
              hb_fail(err, HB_ERR_WRITE, errno, "cannot write '%s'", path);
    (void)close(fd);
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
