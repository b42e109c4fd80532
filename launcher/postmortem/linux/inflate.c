#include "postmortem/linux/inflate.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zstd.h>

#include "base/text.h"
#include "os/host.h"

#define PAGE ((size_t)4096)
#define WINDOW_LOG_MAX 27 /* 128 MiB, what zstd itself takes unasked */

struct inflation {
    int from;
    int to;
    ZSTD_DStream *stream;
    unsigned char *in;
    size_t in_room;
    unsigned char *out; /* a round number of pages */
    size_t out_room;
    size_t out_size;
    off_t written;
};

static bool is_zero(const unsigned char *bytes, size_t size)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

static bool write_at(int fd, const unsigned char *bytes, size_t size,
                     off_t offset)
{
    while (size > 0) {
        ssize_t done = pwrite(fd, bytes, size, offset);

        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return false;
        }
        bytes += done;
        size -= (size_t)done;
        offset += done;
    }
    return true;
}

/* Writes what is there, page by page, and skips those of zeros. */
static bool write_out(struct inflation *inflation)
{
    for (size_t at = 0; at < inflation->out_size; at += PAGE) {
        size_t left = inflation->out_size - at;
        size_t size = left < PAGE ? left : PAGE;

        if (!is_zero(inflation->out + at, size) &&
            !write_at(inflation->to, inflation->out + at, size,
                      inflation->written + (off_t)at)) {
            return false;
        }
    }
    inflation->written += (off_t)inflation->out_size;
    inflation->out_size = 0;
    return true;
}

static bool inflate_part(struct inflation *inflation, size_t size,
                         struct hb_error *err)
{
    ZSTD_inBuffer in = { inflation->in, size, 0 };
    bool is_full = true; /* then there may be more without more input */

    while (in.pos < in.size || is_full) {
        ZSTD_outBuffer out = { inflation->out, inflation->out_room,
                               inflation->out_size };
        size_t result = ZSTD_decompressStream(inflation->stream, &out, &in);

        if (ZSTD_isError(result)) {
            return hb_fail(err, HB_ERR_READ, 0, "cannot unpack a core: %s",
                           ZSTD_getErrorName(result));
        }
        inflation->out_size = out.pos;
        is_full = out.pos == out.size;
        if (is_full && !write_out(inflation)) {
            return hb_fail(err, HB_ERR_WRITE, errno, "cannot unpack a core");
        }
    }
    return true;
}

static bool inflate_all(struct inflation *inflation, struct hb_error *err)
{
    ssize_t got = 0;

    while ((got = read(inflation->from, inflation->in, inflation->in_room)) >
           0) {
        if (!inflate_part(inflation, (size_t)got, err)) {
            return false;
        }
    }
    if (got < 0) {
        return hb_fail(err, HB_ERR_READ, errno, "cannot read a core");
    }
    /* A core whose end is missing is no error: it has its first threads. */
    if (!write_out(inflation) ||
        ftruncate(inflation->to, inflation->written) != 0) {
        return hb_fail(err, HB_ERR_WRITE, errno, "cannot unpack a core");
    }
    return true;
}

static int open_in(const char *folder)
{
    char name[PATH_MAX];
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);

    if (fd >= 0 ||
        !hb_text_format(name, sizeof(name), "%s/.hbtest-XXXXXX", folder)) {
        return fd;
    }
    fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0) {
        (void)unlink(name);
    }
    return fd;
}

/* Beside the core, where there is room for dumps; else where temporary files
 * go. */
static int open_unnamed(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    const char *temporary = hb_environment_get("TMPDIR");
    size_t size = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    int fd = -1;

    if (size == 0) {
        fd = open_in(".");
    } else if (hb_text_copy_bytes(folder, sizeof(folder), path, size)) {
        fd = open_in(folder);
    }
    if (fd < 0) {
        fd = open_in(temporary != NULL ? temporary : "/tmp");
    }
    return fd;
}

static bool inflate(int from, const char *path, int *out_fd,
                    struct hb_error *err)
{
    struct inflation inflation = { .from = from, .to = open_unnamed(path) };
    bool ok;

    inflation.stream = ZSTD_createDStream();
    inflation.in_room = ZSTD_DStreamInSize();
    inflation.in = malloc(inflation.in_room);
    inflation.out_room = 64 * PAGE;
    inflation.out = malloc(inflation.out_room);
    if (inflation.to < 0) {
        ok = hb_fail(err, HB_ERR_WRITE, errno,
                     "cannot make room to unpack '%s'", path);
    } else if (inflation.stream == NULL || inflation.in == NULL ||
               inflation.out == NULL) {
        ok = hb_fail(err, HB_ERR_INTERNAL, ENOMEM, "cannot unpack '%s'", path);
    } else {
        (void)ZSTD_DCtx_setParameter(inflation.stream, ZSTD_d_windowLogMax,
                                     WINDOW_LOG_MAX);
        ok = inflate_all(&inflation, err);
    }
    free(inflation.in);
    free(inflation.out);
    (void)ZSTD_freeDStream(inflation.stream);
    if (ok) {
        *out_fd = inflation.to;
    } else if (inflation.to >= 0) {
        (void)close(inflation.to);
    }
    return ok;
}

bool hb_inflate_opened(int fd, const char *path, int *out_fd,
                       struct hb_error *err)
{
    static const unsigned char zstd[] = { 0x28, 0xB5, 0x2F, 0xFD };
    unsigned char head[sizeof(zstd)] = { 0 };
    struct stat facts;

    if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        (void)close(fd);
        return hb_fail(err, HB_ERR_READ, 0, "'%s' is no file", path);
    }
    if (pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
        memcmp(head, zstd, sizeof(zstd)) != 0) {
        *out_fd = fd;
        return true;
    }

    bool ok = inflate(fd, path, out_fd, err);

    (void)close(fd);
    return ok;
}

bool hb_inflate_open(const char *path, int *out_fd, struct hb_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0) {
        return hb_fail(err, HB_ERR_READ, errno, "cannot open '%s'", path);
    }
    return hb_inflate_opened(fd, path, out_fd, err);
}
