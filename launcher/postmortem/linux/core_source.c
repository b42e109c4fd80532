#include "postmortem/linux/core_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/linux/stat.h"

#define ENVIRONMENT_MOST ((size_t)8 << 20)
#define ENVIRONMENT_FIELD 50 /* of /proc/PID/stat: env_start, env_end */

static bool out_of_memory(const struct hb_core_source *source,
                          struct hb_error *err)
{
    return hb_fail(err, HB_ERR_INTERNAL, ENOMEM, "cannot dump process %d",
                   (int)hb_target_pid(source->target));
}

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

static void read_auxv(struct hb_core_source *source)
{
    char path[40];
    char bytes[4096];

    (void)snprintf(path, sizeof(path), "%d/auxv", (int)source->tid);
    hb_buffer_add(&source->auxv, bytes,
                  hb_proc_read(path, bytes, sizeof(bytes)));
}

/* Field `number` of the text of /proc/PID/stat, counted as proc(5) does. */
static uint64_t stat_field(const char *text, int number)
{
    const char *at = strrchr(text, ')');
    uint64_t value = 0;

    for (int i = 3; at != NULL && i <= number; i++) {
        at = strchr(at + 1, ' ');
    }
    if (at != NULL) {
        (void)hb_proc_number(&at, &value);
    }
    return value;
}

static bool read_environment(struct hb_core_source *source)
{
    char path[40];
    char text[2048];

    (void)snprintf(path, sizeof(path), "%d/stat", (int)source->tid);
    (void)hb_proc_read(path, text, sizeof(text));
    uint64_t from = stat_field(text, ENVIRONMENT_FIELD);
    uint64_t to = stat_field(text, ENVIRONMENT_FIELD + 1);
    if (from == 0 || to <= from || to - from > ENVIRONMENT_MOST) {
        return true; /* none, or none that we may see */
    }
    source->environment = from;
    source->blanked = malloc((size_t)(to - from));
    if (source->blanked == NULL) {
        return false;
    }
    source->blanked_size =
        hb_memory_read(source->tid, from, source->blanked, (size_t)(to - from));
    return hb_secrets_take_block(source->secrets, source->wish->redact,
                                 source->wish->redact_count, source->blanked,
                                 source->blanked_size);
}

/* The texts belong to others and stay as they are. */
static bool take_beside(struct hb_core_source *source)
{
    const char *const *texts = source->wish->environment;

    for (size_t i = 0; texts != NULL && texts[i] != NULL; i++) {
        size_t size = strlen(texts[i]);
        char *copy = malloc(size + 1);

        if (copy == NULL) {
            return false;
        }
        memcpy(copy, texts[i], size + 1);
        bool taken =
            hb_secrets_take_block(source->secrets, source->wish->redact,
                                  source->wish->redact_count, copy, size);
        free(copy);
        if (!taken) {
            return false;
        }
    }
    return true;
}

static bool find_secrets(struct hb_core_source *source, struct hb_error *err)
{
    source->secrets = hb_secrets_new();
    if (source->secrets == NULL ||
        (source->wish->redact_count > 0 &&
         !(read_environment(source) && take_beside(source)))) {
        return out_of_memory(source, err);
    }
    return true;
}

bool hb_core_source_open(struct hb_target *target,
                         const struct hb_core_wish *wish,
                         struct hb_core_source *out_source,
                         struct hb_error *err)
{
    struct hb_core_source source = { .target = target,
                                     .wish = wish,
                                     .memory = -1 };

    bool fine = find_first(&source, err) &&
                hb_maps_read(source.tid, &source.maps, err) &&
                (source.maps.count > 0 || fail_ended(&source, err)) &&
                find_secrets(&source, err);
    if (!fine) {
        hb_core_source_close(&source);
        return false;
    }
    read_auxv(&source);
    *out_source = source;
    return true;
}

void hb_core_source_close(struct hb_core_source *source)
{
    hb_maps_free(&source->maps);
    hb_buffer_free(&source->auxv);
    hb_secrets_free(source->secrets);
    free(source->blanked);
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
    uint64_t from = source->environment;
    uint64_t to = from + source->blanked_size;

    if (from < address) {
        from = address;
    }
    if (to > address + size) {
        to = address + size;
    }
    if (from < to) {
        memcpy(bytes + (from - address),
               source->blanked + (from - source->environment),
               (size_t)(to - from));
    }
    (void)hb_secrets_blank(source->secrets, bytes, size);
}
