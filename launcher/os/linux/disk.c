#include "os/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

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
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return hb_fail(err, HB_ERR_READ, errno, "cannot open '%s'", path);
    }
    out_disk->file = fd;
    return true;
}

bool hb_disk_next(struct hb_disk disk, const char *path, void *bytes,
                  size_t *size, struct hb_error *err)
{
    ssize_t got = read((int)disk.file, bytes, *size);

    while (got < 0 && errno == EINTR) {
        got = read((int)disk.file, bytes, *size);
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
