#include "os/linux/pass.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

void hb_pass_init(struct hb_pass *pass, int stream)
{
    *pass = (struct hb_pass){ .stream = stream, .fd = -1 };
}

/* Another file description of the same pipe or terminal, whose flags are ours
 * alone. */
static int open_again(int stream)
{
    char path[32];

    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", stream);
    return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void hb_pass_open(struct hb_pass *pass)
{
    struct stat about = { 0 };

    if (pass->kind != HB_PASS_UNKNOWN) {
        return;
    }
    pass->fd = pass->stream;
    pass->kind = HB_PASS_DIRECT;
    if (fstat(pass->stream, &about) < 0) {
        return;
    }
    if (S_ISSOCK(about.st_mode)) {
        pass->kind = HB_PASS_SOCKET;
    } else if (S_ISFIFO(about.st_mode) || S_ISCHR(about.st_mode)) {
        int fd = open_again(pass->stream);

        pass->pipe = S_ISFIFO(about.st_mode);
        pass->kind = fd >= 0 ? HB_PASS_OWN : HB_PASS_GATED;
        if (fd >= 0) {
            pass->fd = fd;
        }
    }
}

static bool is_writable(int fd, int timeout_ms)
{
    struct pollfd reader = { .fd = fd, .events = POLLOUT };

    return poll(&reader, 1, timeout_ms) > 0;
}

static ssize_t write_some(const struct hb_pass *pass, const char *bytes,
                          size_t size)
{
    if (pass->kind == HB_PASS_SOCKET) {
        return send(pass->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    if (pass->kind == HB_PASS_GATED) {
        /* A pipe that poll() calls writable takes PIPE_BUF bytes at once. */
        if (!is_writable(pass->fd, 0)) {
            errno = EAGAIN;
            return -1;
        }
        size = size < PIPE_BUF ? size : PIPE_BUF;
    }
    return write(pass->fd, bytes, size);
}

size_t hb_pass_write(struct hb_pass *pass, const char *bytes, size_t size)
{
    size_t done = 0;

    hb_pass_open(pass);
    while (done < size && !pass->gone && pass->error == 0) {
        ssize_t written = write_some(pass, bytes + done, size - done);

        if (written >= 0) {
            done += (size_t)written;
        } else if (errno == EAGAIN) {
            break;
        } else if (errno == EPIPE || errno == ECONNRESET) {
            pass->gone = true;
        } else if (errno != EINTR) {
            pass->error = errno;
        }
    }
    return pass->error == 0 ? done : size;
}

void hb_pass_finish(struct hb_pass *pass, const char *bytes, size_t size,
                    int patience_ms)
{
    while (size > 0 && !pass->gone) {
        size_t done = hb_pass_write(pass, bytes, size);

        bytes += done;
        size -= done;
        if (size > 0 && !pass->gone && !is_writable(pass->fd, patience_ms)) {
            pass->gone = true; /* nor is it waited for again */
        }
    }
}

void hb_pass_close(struct hb_pass *pass)
{
    if (pass->kind == HB_PASS_OWN) {
        (void)close(pass->fd);
    }
    hb_pass_init(pass, pass->stream);
}
