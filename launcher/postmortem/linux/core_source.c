#include "postmortem/linux/core_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "os/clock.h"

static bool fail_ended(const struct hb_core_source *source,
                       struct hb_error *err)
{
    return hb_fail(err, HB_ERR_READ, ESRCH,
                   "cannot dump process %d: it ended meanwhile",
                   (int)hb_target_pid(source->target));
}

/* The blamed thread, or the first that has registers: the leader, mostly. */
static bool find_first(struct hb_core_source *source, struct hb_error *err)
{
    size_t count = hb_target_count(source->target);
    size_t found = count;

    for (size_t i = 0; i < count; i++) {
        const struct hb_target_thread *thread =
            hb_target_thread(source->target, i);

        if (thread->has_registers &&
            (found == count || thread->tid == source->wish->blamed)) {
            found = i;
        }
    }
    if (found == count) {
        return hb_fail(err, HB_ERR_READ, 0,
                       "cannot dump process %d: no thread of it has 64-bit "
                       "registers",
                       (int)hb_target_pid(source->target));
    }
    source->first = found;
    source->tid = hb_target_thread(source->target, found)->tid;
    return true;
}

bool hb_core_source_open(struct hb_target *target,
                         const struct hb_core_wish *wish,
                         const struct hb_core_known *known,
                         struct hb_core_source *out_source,
                         struct hb_error *err)
{
    struct hb_core_source source = {
        .target = target, .wish = wish, .known = known, .memory = -1
    };

    bool fine = find_first(&source, err) &&
                hb_maps_read(source.tid, &source.maps, err) &&
                (source.maps.count > 0 || fail_ended(&source, err));
    if (!fine) {
        hb_core_source_close(&source);
        return false;
    }
    *out_source = source;
    return true;
}

void hb_core_source_close(struct hb_core_source *source)
{
    hb_maps_free(&source->maps);
    if (source->memory >= 0) {
        (void)close(source->memory);
    }
}

/* Memory of its own that the process may not read itself at the moment (a
 * guard, a page that a collector protects) lies behind no device. */
static size_t read_protected(struct hb_core_source *source, uint64_t address,
                             char *bytes, size_t size)
{
    char path[40];

    if (source->memory < 0) {
        (void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)source->tid);
        source->memory = open(path, O_RDONLY | O_CLOEXEC);
    }
    ssize_t got = pread(source->memory, bytes, size, (off_t)address);
    errno = errno == ESRCH ? ESRCH : 0; /* a hole is all else */
    return got > 0 ? (size_t)got : 0;
}

static size_t read_some(struct hb_core_source *source,
                        const struct hb_mapping *mapping, uint64_t address,
                        char *bytes, size_t size)
{
    bool is_own = mapping->inode == 0 && !mapping->shared;

    errno = 0;
    if (!mapping->readable && is_own) {
        return read_protected(source, address, bytes, size);
    }
    return hb_memory_read(source->tid, address, bytes, size);
}

static bool check(const struct hb_core_source *source, size_t got,
                  struct hb_error *err)
{
    if (got == 0 && errno == ESRCH) {
        return fail_ended(source, err);
    }
    if (got == 0 &&
        hb_memory_is_refused(hb_target_pid(source->target), errno, err)) {
        return false;
    }
    if (source->wish->until_ms != 0 &&
        hb_clock_ms() >= source->wish->until_ms) {
        return hb_fail(err, HB_ERR_READ, ETIMEDOUT,
                       "cannot dump process %d in the time that there is",
                       (int)hb_target_pid(source->target));
    }
    return true;
}

bool hb_core_source_read(struct hb_core_source *source,
                         const struct hb_mapping *mapping, uint64_t address,
                         char *bytes, size_t size, struct hb_error *err)
{
    bool in_hole = false;

    for (size_t done = 0; done < size;) {
        size_t got = read_some(source, mapping, address + done, bytes + done,
                               size - done);

        if (!check(source, got, err)) {
            return false;
        }
        if (got == 0) { /* up to the next page */
            size_t page =
                HB_CORE_PAGE - (size_t)((address + done) % HB_CORE_PAGE);

            got = page < size - done ? page : size - done;
            memset(bytes + done, 0, got);
            source->holes += !in_hole;
            in_hole = true;
        } else {
            in_hole = false;
        }
        done += got;
    }
    return true;
}

void hb_core_source_blank(const struct hb_core_source *source, uint64_t address,
                          char *bytes, size_t size)
{
    uint64_t from = source->known->environment;
    uint64_t to = from + source->known->blanked_size;

    if (from < address) {
        from = address;
    }
    if (to > address + size) {
        to = address + size;
    }
    if (from < to) {
        memcpy(bytes + (from - address),
               source->known->blanked + (from - source->known->environment),
               (size_t)(to - from));
    }
    (void)hb_secrets_blank(source->known->secrets, bytes, size);
}
