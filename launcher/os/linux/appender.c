#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/linux/bytes.h"

struct hb_appender {
    int fd;
    bool reserved;
};

static int open_to_append(const char *path, int extra)
{
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | extra, 0600);
}

bool hb_appender_open(const char *path, struct hb_appender **out_appender,
                      struct hb_error *err)
{
    struct hb_appender *appender = malloc(sizeof(*appender));

    if (appender == NULL) {
        return hb_fail_memory(err);
    }
    appender->reserved = false;
    appender->fd = open_to_append(path, O_TRUNC);
    if (appender->fd < 0) {
        hb_fail(err, HB_ERR_WRITE, errno, "cannot create '%s'", path);
        free(appender);
        return false;
    }
    *out_appender = appender;
    return true;
}

bool hb_appender_write(struct hb_appender *appender, const void *bytes,
                       size_t size, size_t *out_written, struct hb_error *err)
{
    size_t written = 0;
    bool ok =
        hb_write_counted(appender->fd, bytes, size, &written) ||
        hb_fail(err, HB_ERR_WRITE, errno, "cannot append %zu bytes", size);

    if (out_written != NULL) {
        *out_written = written;
    }
    return ok;
}

void hb_appender_reserve(struct hb_appender *appender, size_t size)
{
    struct stat about;

    if (fstat(appender->fd, &about) == 0 &&
        fallocate(appender->fd, FALLOC_FL_KEEP_SIZE, about.st_size,
                  (off_t)size) == 0) {
        appender->reserved = true;
    }
}

static void give_back(struct hb_appender *appender)
{
    struct stat about;

    if (appender->reserved && fstat(appender->fd, &about) == 0) {
        (void)ftruncate(appender->fd, about.st_size);
    }
}

void hb_appender_close(struct hb_appender *appender)
{
    if (appender != NULL) {
        give_back(appender);
        (void)close(appender->fd);
        free(appender);
    }
}

bool hb_file_append(const char *path, const void *bytes, size_t size,
                    struct hb_error *err)
{
    int fd = open_to_append(path, 0);

    if (fd < 0) {
        return hb_fail(err, HB_ERR_WRITE, errno, "cannot open '%s'", path);
    }
    bool ok = hb_write_all(fd, bytes, size) ||
              hb_fail(err, HB_ERR_WRITE, errno, "cannot append to '%s'", path);
    (void)close(fd);
    return ok;
}
