/*
 * As in core_full.c, the last page of the buffer stays behind until what
 * follows it is there too: no value that must be blanked is cut in two.
 */
#include "postmortem/linux/core_copy.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/elf_core.h"
#include "core/secrets.h"
#include "os/clock.h"
#include "postmortem/linux/core_output.h"
#include "postmortem/linux/core_source.h"

#define PAGE ((size_t)HB_CORE_PAGE)
#define CHUNK ((size_t)1 << 20)
#define HOLE_PART                                                              \
    ((uint64_t)64 << 20) /* skipped between looks at the clock                 \
                          */
#define ENVIRONMENT_MOST ((uint64_t)1 << 20)

struct copy {
    int fd;
    const struct hb_core_wish *wish;
    uint64_t size;
    struct hb_secrets *secrets;
    uint64_t block_at; /* the environment in the file */
    size_t block_size; /* 0: it was not found */
    char *block;       /* as it may be seen */
    char *bytes;       /* of CHUNK + PAGE */
    size_t used;
    uint64_t at; /* of the first byte, in the file */
    struct hb_core_output *output;
};

static bool read_exactly(int fd, uint64_t at, char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t got = pread(fd, bytes, size, (off_t)at);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            errno = got == 0 ? 0 : errno;
            return false;
        }
        bytes += got;
        at += (uint64_t)got;
        size -= (size_t)got;
    }
    return true;
}

static bool read_source(void *context, uint64_t at, void *bytes, size_t size)
{
    return read_exactly((int)(intptr_t)context, at, bytes, size);
}

bool hb_core_read_file(int fd, struct hb_elf_core *out_core,
                       struct hb_error *err)
{
    struct stat about;
    struct hb_elf_core_source source = { .read = read_source,
                                         .context = (void *)(intptr_t)fd };

    if (fstat(fd, &about) != 0 || about.st_size < 0) {
        return hb_fail(err, HB_ERR_READ, errno, "cannot read a core");
    }
    source.size = (uint64_t)about.st_size;
    return hb_elf_core_open(&source, out_core, err);
}

/* The kernel puts the name of the program last on the first stack, and the
 * environment and the arguments right before it. */
static bool find_environment(struct copy *copy)
{
    struct hb_elf_core core;
    struct hb_elf_core_place place;
    struct hb_error ignored = { 0 };
    uint64_t name = 0;
    size_t size;

    if (!hb_core_read_file(copy->fd, &core, &ignored) ||
        !hb_elf_core_vector(&core, AT_EXECFN, &name) ||
        !hb_elf_core_place(&core, name, &place)) {
        return true;
    }
    size = (size_t)(place.before < ENVIRONMENT_MOST ? place.before
                                                    : ENVIRONMENT_MOST);
    copy->block = malloc(size + 1);
    if (copy->block == NULL) {
        return false;
    }
    if (size == 0 ||
        !read_exactly(copy->fd, place.at - size, copy->block, size)) {
        return true; /* cut before it */
    }
    copy->block_at = place.at - size;
    copy->block_size = size;
    return hb_secrets_take_block(copy->secrets, copy->wish->redact,
                                 copy->wish->redact_count, copy->block, size);
}

static bool find_secrets(struct copy *copy, struct hb_error *err)
{
    copy->secrets = hb_secrets_new();
    if (copy->secrets == NULL ||
        (copy->wish->redact_count > 0 &&
         !(find_environment(copy) &&
           hb_core_secrets_beside(copy->secrets, copy->wish)))) {
        return hb_fail(err, HB_ERR_INTERNAL, ENOMEM, "cannot copy a core");
    }
    return true;
}

static void blank(struct copy *copy)
{
    uint64_t from = copy->block_at;
    uint64_t to = from + copy->block_size;

    from = from > copy->at ? from : copy->at;
    to = to < copy->at + copy->used ? to : copy->at + copy->used;
    if (from < to) {
        memcpy(copy->bytes + (from - copy->at),
               copy->block + (from - copy->block_at), (size_t)(to - from));
    }
    (void)hb_secrets_blank(copy->secrets, copy->bytes, copy->used);
}

/* Writes all but the last `keep` bytes, which move to the front. */
static bool drain(struct copy *copy, size_t keep, struct hb_error *err)
{
    size_t size = copy->used - keep;

    if (copy->used == 0) {
        return true;
    }
    blank(copy);
    if (!hb_core_output_pages(copy->output, copy->bytes, size, err)) {
        return false;
    }
    memmove(copy->bytes, copy->bytes + size, keep);
    copy->at += size;
    copy->used = keep;
    return true;
}

static bool check_time(const struct copy *copy, struct hb_error *err)
{
    return copy->wish->until_ms == 0 || hb_clock_ms() < copy->wish->until_ms ||
           hb_fail(err, HB_ERR_READ, ETIMEDOUT,
                   "cannot copy a core in the time that there is");
}

/* The end of what is stored at `at`, or of the hole there. */
static uint64_t end_of_run(const struct copy *copy, uint64_t at, bool *out_hole)
{
    off_t data = lseek(copy->fd, (off_t)at, SEEK_DATA);
    off_t hole;

    *out_hole = data < 0 ? errno == ENXIO : (uint64_t)data > at;
    if (*out_hole) {
        return data < 0 ? copy->size : (uint64_t)data;
    }
    hole = lseek(copy->fd, (off_t)at, SEEK_HOLE);
    return hole > 0 && (uint64_t)hole > at && (uint64_t)hole < copy->size
               ? (uint64_t)hole
               : copy->size;
}

static bool skip(struct copy *copy, uint64_t to, struct hb_error *err)
{
    if (!drain(copy, 0, err)) {
        return false;
    }
    while (copy->at < to) {
        uint64_t part = to - copy->at < HOLE_PART ? to - copy->at : HOLE_PART;

        if (!check_time(copy, err) ||
            !hb_core_output_skip(copy->output, part, err)) {
            return false;
        }
        copy->at += part;
    }
    return true;
}

static bool take(struct copy *copy, uint64_t to, struct hb_error *err)
{
    while (copy->at + copy->used < to) {
        uint64_t at = copy->at + copy->used;
        size_t room = CHUNK + PAGE - copy->used;
        size_t size = to - at < room ? (size_t)(to - at) : room;

        if (!check_time(copy, err)) {
            return false;
        }
        if (!read_exactly(copy->fd, at, copy->bytes + copy->used, size)) {
            return hb_fail(err, HB_ERR_READ, errno, "cannot read a core");
        }
        copy->used += size;
        if (copy->used == CHUNK + PAGE && !drain(copy, PAGE, err)) {
            return false;
        }
    }
    return true;
}

static bool copy_all(struct copy *copy, struct hb_error *err)
{
    while (copy->at + copy->used < copy->size) {
        bool is_hole = false;
        uint64_t end = end_of_run(copy, copy->at + copy->used, &is_hole);

        if (!(is_hole ? skip(copy, end, err) : take(copy, end, err))) {
            return false;
        }
    }
    return drain(copy, 0, err);
}

bool hb_core_copy_file(int fd, const struct hb_core_wish *wish,
                       uint64_t *out_bytes, struct hb_error *err)
{
    const struct hb_core_output_spec spec = { .path = wish->path,
                                              .compress = wish->compress,
                                              .size_max = wish->size_max,
                                              .disk_free = wish->disk_free };
    struct copy copy = { .fd = fd, .wish = wish };
    struct stat about = { 0 };
    bool ok = false;

    if (fstat(fd, &about) != 0 || about.st_size <= 0) {
        return hb_fail(err, HB_ERR_READ, errno, "a core is empty");
    }
    copy.size = (uint64_t)about.st_size;
    copy.bytes = malloc(CHUNK + PAGE);
    if (copy.bytes == NULL) {
        (void)hb_fail(err, HB_ERR_INTERNAL, ENOMEM, "cannot copy a core");
        goto out;
    }
    ok = find_secrets(&copy, err) &&
         hb_core_output_open(&spec, &copy.output, err) &&
         copy_all(&copy, err) &&
         hb_core_output_publish(copy.output, out_bytes, err);

out:
    hb_core_output_free(copy.output);
    hb_secrets_free(copy.secrets);
    free(copy.block);
    free(copy.bytes);
    return ok;
}
