#include "os/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

/* So long a writer of a pipe may think about the next byte. */
#define WRITER_PATIENCE_MS 10000

bool hb_disk_create(const char *path, struct hb_disk *out_disk,
                    struct hb_error *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0) {
        return hb_fail(err, HB_ERR_WRITE, errno, "cannot create '%s'", path);
    }
    out_disk->file = fd;
    return true;
}

bool hb_disk_open(const char *path, struct hb_disk *out_disk,
                  struct hb_error *err)
{
    struct stat about = { 0 };
    /* Opening a pipe would else wait for its writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0 || fstat(fd, &about) < 0) {
        (void)hb_fail(err, HB_ERR_READ, errno, "cannot open '%s'", path);
    } else if (S_ISREG(about.st_mode) || S_ISFIFO(about.st_mode)) {
        out_disk->file = fd;
        out_disk->pipe = S_ISFIFO(about.st_mode);
        return true;
    } else {
        (void)hb_fail(err, HB_ERR_READ, 0, "cannot read '%s': it is %s", path,
                      S_ISDIR(about.st_mode) ? "a folder" : "a device");
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return false;
}

/* True if another try makes sense. */
static bool is_worth_a_wait(int fd)
{
    struct pollfd pipe = { .fd = fd, .events = POLLIN };

    return errno == EINTR ||
           (errno == EAGAIN && poll(&pipe, 1, WRITER_PATIENCE_MS) != 0);
}

bool hb_disk_next(struct hb_disk disk, const char *path, void *bytes,
                  size_t *size, struct hb_error *err)
{
    ssize_t got = read((int)disk.file, bytes, *size);

    while (got < 0 && is_worth_a_wait((int)disk.file)) {
        got = read((int)disk.file, bytes, *size);
    }
    if (got < 0 && errno == EAGAIN) {
        return hb_fail(err, HB_ERR_READ, 0,
                       "cannot read '%s': it is a pipe whose writer wrote "
                       "nothing for %d s",
                       path, WRITER_PATIENCE_MS / 1000);
    }
    if (got < 0) {
        return hb_fail(err, HB_ERR_READ, errno, "cannot read '%s'", path);
    }
    *size = (size_t)got;
    return true;
}

bool hb_disk_write(struct hb_disk disk, uint64_t offset, const void *bytes,
                   size_t size, struct hb_error *err)
{
    const char *from = bytes;

    while (size > 0) {
        ssize_t done = pwrite((int)disk.file, from, size, (off_t)offset);

        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            return hb_fail(err, HB_ERR_WRITE, errno, "cannot write the log");
        }
        from += done;
        size -= (size_t)done;
        offset += (uint64_t)done;
    }
    return true;
}

bool hb_disk_read(struct hb_disk disk, uint64_t offset, void *bytes,
                  size_t size, struct hb_error *err)
{
    char *to = bytes;

    while (size > 0) {
        ssize_t done = pread((int)disk.file, to, size, (off_t)offset);

        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return hb_fail(err, HB_ERR_READ, done < 0 ? errno : 0,
                           "cannot read the log back");
        }
        to += done;
        size -= (size_t)done;
        offset += (uint64_t)done;
    }
    return true;
}

void hb_disk_close(struct hb_disk *disk)
{
    if (disk->file >= 0) {
        (void)close((int)disk->file);
    }
    *disk = HB_DISK_NONE;
}
