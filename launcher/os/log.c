/*
 * The capped log, the same on both systems.
 *
 * With a cap of C bytes, H = C / 2 of them head, T = C - H tail, and a mark of
 * M bytes, byte `s` of the output goes to place `s` of the file as long as
 * s < C + M. From there on the T places before C + M are a ring. A log that
 * never exceeds its cap is thus an ordinary file; one that does is put in
 * order on close: head, mark, tail. The mark stands in the file from the first
 * time round, so a log whose writer was killed does not look whole.
 */
#include "os/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/disk.h"

#define MARK_SIZE 64
#define CHUNK_SIZE ((size_t)64 * 1024)

struct hb_log {
    struct hb_disk disk;
    uint64_t head; /* bytes kept from the start */
    uint64_t tail; /* bytes kept from the end */
    uint64_t total;
    bool marked;
    bool failed;
    long os_code; /* of the failure */
};

/* Two buffers for moving bytes within the file; only a log beyond its cap
 * needs them. */
struct mover {
    struct hb_disk disk;
    char *one;
    char *other;
};

bool hb_log_open(const char *path, uint64_t cap, struct hb_log **out_log,
                 struct hb_error *err)
{
    struct hb_log *log = calloc(1, sizeof(*log));

    if (log == NULL) {
        return hb_fail(err, HB_ERR_INTERNAL, 0, "out of memory");
    }
    if (!hb_disk_create(path, &log->disk, err)) {
        free(log);
        return false;
    }
    log->head = cap / 2;
    log->tail = cap - log->head;
    *out_log = log;
    return true;
}

static bool write_mark(struct hb_log *log, bool ordered, struct hb_error *err)
{
    char line[MARK_SIZE + 1];
    char text[MARK_SIZE - 1];
    uint64_t missing = log->total - log->head - log->tail;

    if (ordered) {
        (void)snprintf(text, sizeof(text),
                       "[hbtest: %" PRIu64 " bytes are missing here]", missing);
    } else {
        (void)snprintf(text, sizeof(text),
                       "[hbtest: cut here; what follows is not in order]");
    }
    (void)snprintf(line, sizeof(line), "\n%-*s\n", MARK_SIZE - 2, text);
    return hb_disk_write(log->disk, log->head, line, MARK_SIZE, err);
}

/* Where byte `s` of the output goes, and how many may follow it there. */
static uint64_t place_of(const struct hb_log *log, uint64_t s,
                         uint64_t *out_room)
{
    uint64_t ring = log->head + MARK_SIZE;
    uint64_t end = ring + log->tail;

    if (s < end) {
        *out_room = end - s;
        return s;
    }
    uint64_t place = ring + (s - ring) % log->tail;
    *out_room = end - place;
    return place;
}

static bool write_part(struct hb_log *log, const char *bytes, size_t size,
                       size_t *out_written, struct hb_error *err)
{
    uint64_t ring_end = log->head + MARK_SIZE + log->tail;
    uint64_t room = 0;

    if (log->tail == 0 && log->total >= ring_end) {
        log->total += size; /* a cap of 0 keeps nothing but the count */
        *out_written = size;
        return true;
    }
    if (!log->marked && log->total >= ring_end) {
        log->marked = true;
        if (!write_mark(log, false, err)) {
            return false;
        }
    }
    uint64_t place = place_of(log, log->total, &room);
    size_t part = size < room ? size : (size_t)room;

    if (!hb_disk_write(log->disk, place, bytes, part, err)) {
        return false;
    }
    log->total += part;
    *out_written = part;
    return true;
}

bool hb_log_write(struct hb_log *log, const void *bytes, size_t size,
                  struct hb_error *err)
{
    const char *from = bytes;

    if (log->failed) {
        return hb_fail(err, HB_ERR_WRITE, log->os_code,
                       "cannot write the log any more");
    }
    while (size > 0) {
        size_t written = 0;
        struct hb_error why = { 0 };

        if (!write_part(log, from, size, &written, &why)) {
            log->failed = true;
            log->os_code = why.os_code;
            *err = why;
            return false;
        }
        from += written;
        size -= written;
    }
    return true;
}

static size_t chunk_of(uint64_t left)
{
    return left < CHUNK_SIZE ? (size_t)left : CHUNK_SIZE;
}

/* Moves bytes to a lower place, first byte first. */
static bool move_down(struct mover *mover, uint64_t from, uint64_t to,
                      uint64_t size, struct hb_error *err)
{
    for (uint64_t done = 0; done < size;) {
        size_t part = chunk_of(size - done);

        if (!hb_disk_read(mover->disk, from + done, mover->one, part, err) ||
            !hb_disk_write(mover->disk, to + done, mover->one, part, err)) {
            return false;
        }
        done += part;
    }
    return true;
}

/* Moves bytes to a higher place, last byte first. */
static bool move_up(struct mover *mover, uint64_t from, uint64_t to,
                    uint64_t size, struct hb_error *err)
{
    while (size > 0) {
        size_t part = chunk_of(size);

        size -= part;
        if (!hb_disk_read(mover->disk, from + size, mover->one, part, err) ||
            !hb_disk_write(mover->disk, to + size, mover->one, part, err)) {
            return false;
        }
    }
    return true;
}

static bool swap(struct mover *mover, uint64_t a, uint64_t b, uint64_t size,
                 struct hb_error *err)
{
    for (uint64_t done = 0; done < size;) {
        size_t part = chunk_of(size - done);

        if (!hb_disk_read(mover->disk, a + done, mover->one, part, err) ||
            !hb_disk_read(mover->disk, b + done, mover->other, part, err) ||
            !hb_disk_write(mover->disk, a + done, mover->other, part, err) ||
            !hb_disk_write(mover->disk, b + done, mover->one, part, err)) {
            return false;
        }
        done += part;
    }
    return true;
}

/* Rotates by keeping the shorter side, which fits `other`, in memory. */
static bool rotate_short(struct mover *mover, uint64_t base, uint64_t left,
                         uint64_t right, struct hb_error *err)
{
    if (left <= right) {
        return hb_disk_read(mover->disk, base, mover->other, (size_t)left,
                            err) &&
               move_down(mover, base + left, base, right, err) &&
               hb_disk_write(mover->disk, base + right, mover->other,
                             (size_t)left, err);
    }
    return hb_disk_read(mover->disk, base + left, mover->other, (size_t)right,
                        err) &&
           move_up(mover, base, base + right, left, err) &&
           hb_disk_write(mover->disk, base, mover->other, (size_t)right, err);
}

/* Exchanges the neighbours of `left` and `right` bytes at `base`, in place:
 * blocks of the shorter one's size are swapped into their final place until
 * what remains is short. */
static bool rotate(struct mover *mover, uint64_t base, uint64_t left,
                   uint64_t right, struct hb_error *err)
{
    while (left > CHUNK_SIZE && right > CHUNK_SIZE) {
        if (left <= right) {
            if (!swap(mover, base, base + left, left, err)) {
                return false;
            }
            base += left;
            right -= left;
        } else {
            if (!swap(mover, base + left - right, base + left, right, err)) {
                return false;
            }
            left -= right;
        }
    }
    return rotate_short(mover, base, left, right, err);
}

static bool order_tail(struct hb_log *log, struct mover *mover,
                       struct hb_error *err)
{
    uint64_t ring = log->head + MARK_SIZE;

    if (log->tail == 0) {
        return true;
    }
    if (log->total <= ring + log->tail) {
        return move_up(mover, log->total - log->tail, ring, log->tail, err);
    }
    uint64_t oldest = (log->total - ring) % log->tail;

    return rotate(mover, ring, oldest, log->tail - oldest, err);
}

static bool put_in_order(struct hb_log *log, struct hb_error *err)
{
    struct mover mover = { log->disk, malloc(CHUNK_SIZE), malloc(CHUNK_SIZE) };
    bool ok = false;

    if (mover.one == NULL || mover.other == NULL) {
        hb_fail(err, HB_ERR_INTERNAL, 0, "out of memory");
        goto out;
    }
    ok = order_tail(log, &mover, err) && write_mark(log, true, err);

out:
    free(mover.other);
    free(mover.one);
    return ok;
}

bool hb_log_close(struct hb_log *log, struct hb_error *err)
{
    bool ok = true;

    if (log == NULL) {
        return true;
    }
    if (!log->failed && log->total > log->head + log->tail) {
        ok = put_in_order(log, err);
    }
    hb_disk_close(&log->disk);
    free(log);
    return ok;
}
