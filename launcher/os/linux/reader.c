#include "os/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/linux/bytes.h"

struct hb_reader {
    int fd;
    uint64_t size;
};

/* Opening a fifo for reading waits for its writer, but for O_NONBLOCK. */
static int open_plain(const char *path, uint64_t *out_size,
                      struct hb_error *err)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0 || fstat(fd, &status) < 0) {
        hb_fail(err, HB_ERR_READ, errno, "cannot open '%s'", path);
    } else if (!S_ISREG(status.st_mode)) {
        hb_fail(err, HB_ERR_READ, 0, "'%s' is no plain file", path);
    } else {
        *out_size = (uint64_t)status.st_size;
        return fd;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return -1;
}

bool hb_reader_open(const char *path, struct hb_reader **out_reader,
                    struct hb_error *err)
{
    struct hb_reader *reader = malloc(sizeof(*reader));

    if (reader == NULL) {
        return hb_fail_memory(err);
    }
    reader->fd = open_plain(path, &reader->size, err);
    if (reader->fd < 0) {
        free(reader);
        return false;
    }
    *out_reader = reader;
    return true;
}

uint64_t hb_reader_size(const struct hb_reader *reader)
{
    return reader->size;
}

bool hb_reader_read(struct hb_reader *reader, uint64_t at, void *bytes,
                    size_t size)
{
    char *to = bytes;

    while (size > 0) {
        ssize_t got = pread(reader->fd, to, size, (off_t)at);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        to += got;
        at += (uint64_t)got;
        size -= (size_t)got;
    }
    return true;
}

void hb_reader_close(struct hb_reader *reader)
{
    if (reader != NULL) {
        (void)close(reader->fd);
        free(reader);
    }
}
