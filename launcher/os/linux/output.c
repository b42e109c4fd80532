#include "os/linux/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "os/clock.h"

/* Beyond this a read counts as part of a flood. */
#define FLOOD_SIZE ((size_t)32 * 1024)

/* tee(2) hands on pages, and a page with ten bytes takes as much of a pipe's
 * room as a full one; small parts are therefore copied, or a reader who comes
 * late would find less room than the test had without us. */
#define TEE_LEAST ((size_t)16 * 1024)

#define GROWN_PIPE (1024 * 1024)

/* A reader that takes nothing for so long at the very end is given up. */
#define PATIENCE_MS 10000

bool hb_output_open(struct hb_output *output, int stream)
{
    int ends[2];

    hb_pass_init(&output->pass, stream);
    if (pipe2(ends, O_CLOEXEC) < 0) {
        return false;
    }
    output->fd = ends[0];
    output->test_end = ends[1];
    return true;
}

void hb_output_shut(struct hb_output *output)
{
    if (output->fd >= 0) {
        (void)close(output->fd);
        output->fd = -1;
    }
}

/* A copy that our reader gets when there is time; out of memory loses it. */
static void keep_for_later(struct hb_output *output, const char *bytes,
                           size_t size)
{
    char *more = realloc(output->backlog, output->backlog_size + size);

    if (more != NULL) {
        memcpy(more + output->backlog_size, bytes, size);
        output->backlog = more;
        output->backlog_size += size;
    }
}

/* Passes on from the buffer; what this returns may be told. */
static size_t pass_on(struct hb_output *output)
{
    const char *bytes = output->buffer + output->from;
    size_t size = output->to - output->from;
    size_t passed = 0;

    if (output->backlog_size == 0) { /* else it would overtake that */
        passed = hb_pass_write(&output->pass, bytes, size);
    }
    if (output->pass.gone) {
        output->tell_gone = !output->dropped;
        return size; /* told all the same: the log has a reader */
    }
    if (passed < size && output->dropped) {
        keep_for_later(output, bytes + passed, size - passed);
        return size;
    }
    output->blocked = passed < size;
    return passed;
}

static enum hb_output_news tell_passed(struct hb_output *output,
                                       const char **out_bytes, size_t *out_size)
{
    size_t size = pass_on(output);

    *out_bytes = output->buffer + output->from;
    *out_size = size;
    output->from += size;
    return size > 0 ? HB_OUTPUT_BYTES : HB_OUTPUT_NOTHING;
}

static enum hb_output_news end(struct hb_output *output)
{
    hb_output_shut(output);
    return HB_OUTPUT_ENDED;
}

/* Reads exactly what tee(2) has already passed on. */
static enum hb_output_news take_passed(struct hb_output *output, size_t size,
                                       const char **out_bytes, size_t *out_size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t got = read(output->fd, output->buffer + done, size - done);

        if (got > 0) {
            done += (size_t)got;
        } else if (got == 0 || errno != EINTR) {
            break;
        }
    }
    *out_bytes = output->buffer;
    *out_size = done;
    return HB_OUTPUT_BYTES;
}

/* True if a flood could be passed on, or waits for our reader. */
static bool tee_flood(struct hb_output *output, enum hb_output_news *out_news,
                      const char **out_bytes, size_t *out_size)
{
    ssize_t size = tee(output->fd, output->pass.fd, sizeof(output->buffer),
                       SPLICE_F_NONBLOCK);

    if (size > 0) {
        output->flood = (size_t)size >= TEE_LEAST;
        *out_news = take_passed(output, (size_t)size, out_bytes, out_size);
        return true;
    }
    if (size < 0 && errno == EAGAIN) { /* there is something: no room, then */
        output->blocked = true;
        *out_news = HB_OUTPUT_NOTHING;
        return true;
    }
    output->flood = false; /* the end, or no reader: found in the plain way */
    return false;
}

static enum hb_output_news read_more(struct hb_output *output,
                                     const char **out_bytes, size_t *out_size)
{
    size_t wanted = sizeof(output->buffer);

    if (output->dropped) {
        wanted = output->quota < wanted ? output->quota : wanted;
        if (wanted == 0) {
            return end(output);
        }
    }
    ssize_t got = read(output->fd, output->buffer, wanted);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
        return HB_OUTPUT_NOTHING;
    }
    if (got <= 0) {
        return end(output);
    }
    output->from = 0;
    output->to = (size_t)got;
    output->quota -= output->dropped ? (size_t)got : 0;
    if ((size_t)got >= FLOOD_SIZE) {
        /* Growing costs time, so only those pay for it who fill a pipe. */
        if (!output->grown) {
            output->grown = true;
            (void)fcntl(output->fd, F_SETPIPE_SZ, GROWN_PIPE);
        }
        hb_pass_open(&output->pass);
        output->flood = output->pass.pipe && output->pass.error == 0;
    }
    return tell_passed(output, out_bytes, out_size);
}

/* The time is counted also while our reader takes now and then a little. */
static void count_blocked(struct hb_output *output, bool was)
{
    uint64_t now_ms;

    if (!was && !output->blocked) {
        return;
    }
    now_ms = hb_clock_ms();
    output->blocked_ms += was ? now_ms - output->blocked_at_ms : 0;
    output->blocked_at_ms = now_ms;
}

static enum hb_output_news step(struct hb_output *output,
                                const char **out_bytes, size_t *out_size)
{
    enum hb_output_news news = HB_OUTPUT_NOTHING;

    if (output->tell_gone) {
        output->tell_gone = false;
        hb_output_shut(output);
        return HB_OUTPUT_READER_GONE;
    }
    if (output->pass.error != 0 && !output->told_error) {
        output->told_error = true;
        return HB_OUTPUT_NOT_PASSED;
    }
    if (output->from < output->to) {
        return tell_passed(output, out_bytes, out_size);
    }
    if (output->flood && !output->dropped &&
        tee_flood(output, &news, out_bytes, out_size)) {
        return news;
    }
    return read_more(output, out_bytes, out_size);
}

enum hb_output_news hb_output_step(struct hb_output *output,
                                   const char **out_bytes, size_t *out_size)
{
    bool was = output->blocked;

    output->blocked = false;
    enum hb_output_news news = step(output, out_bytes, out_size);
    count_blocked(output, was);
    return news;
}

/* Of a pipe without writers poll() says so, however much is still in it. */
bool hb_output_has_writer(const struct hb_output *output)
{
    struct pollfd pipe = { .fd = output->fd };

    return output->fd >= 0 &&
           !(poll(&pipe, 1, 0) > 0 && (pipe.revents & POLLHUP) != 0);
}

struct hb_output_state hb_output_state(const struct hb_output *output)
{
    struct hb_output_state state = {
        .blocked_ms = output->blocked_ms,
    };

    if (output->blocked) {
        state.waits_ms = hb_clock_ms() - output->blocked_at_ms;
        state.blocked_ms += state.waits_ms;
    }
    return state;
}

void hb_output_drop(struct hb_output *output)
{
    int inside = 0;

    if (output->fd >= 0 && !output->dropped) {
        (void)ioctl(output->fd, FIONREAD, &inside);
        output->quota = inside > 0 ? (size_t)inside : 0;
        output->dropped = true;
    }
}

void hb_output_close(struct hb_output *output)
{
    hb_pass_finish(&output->pass, output->backlog, output->backlog_size,
                   PATIENCE_MS);
    hb_pass_finish(&output->pass, output->buffer + output->from,
                   output->to - output->from, PATIENCE_MS);
    output->from = output->to;
    free(output->backlog);
    output->backlog = NULL;
    output->backlog_size = 0;
    hb_pass_close(&output->pass);
    hb_output_shut(output);
    if (output->test_end >= 0) {
        (void)close(output->test_end);
        output->test_end = -1;
    }
}
