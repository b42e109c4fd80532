#include "postmortem/linux/core_output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <zstd.h>

#include "base/text.h"

#define BUFFER_SIZE ((size_t)256 << 10)
#define FRAME_SIZE ((uint64_t)64 << 20)
#define LOOK_EVERY ((uint64_t)8 << 20) /* at the free disk */
#define ZEROS_SIZE 65536u
#define PAGE ((size_t)4096)

struct hb_core_output {
    struct hb_core_output_spec spec;
    int fd;
    bool named; /* NAME.part exists */
    bool published;
    char part[PATH_MAX];
    ZSTD_CCtx *packer; /* NULL: plain */
    uint64_t frame;    /* bytes that went into the frame */
    char *buffer;      /* of BUFFER_SIZE, for the file */
    size_t used;
    uint64_t position;  /* in the file, behind the buffer */
    uint64_t stored;    /* bytes written: without holes */
    uint64_t looked_at; /* `stored` at the last look */
};

static const char zeros[ZEROS_SIZE];

static bool fail(const struct hb_core_output *output, int error,
                 struct hb_error *err)
{
    return hb_fail(err, HB_ERR_WRITE, error, "cannot write '%s'",
                   output->spec.path);
}

/* The file system is asked before the disk is full: other programs need it. */
static bool check_disk(struct hb_core_output *output, struct hb_error *err)
{
    struct statvfs about;

    if (output->stored != 0 &&
        output->stored - output->looked_at < LOOK_EVERY) {
        return true;
    }
    output->looked_at = output->stored;
    if (output->spec.disk_free == 0 || fstatvfs(output->fd, &about) < 0 ||
        (uint64_t)about.f_bavail * about.f_frsize >= output->spec.disk_free) {
        return true;
    }
    return hb_fail(err, HB_ERR_WRITE, ENOSPC,
                   "cannot write '%s': less than %llu MiB of the disk would "
                   "stay free",
                   output->spec.path,
                   (unsigned long long)(output->spec.disk_free >> 20));
}

static bool put(struct hb_core_output *output, const char *bytes, size_t size,
                struct hb_error *err)
{
    if (output->spec.size_max != 0 &&
        output->stored + size > output->spec.size_max) {
        return hb_fail(err, HB_ERR_WRITE, EFBIG,
                       "cannot write '%s': it would be larger than %llu KiB",
                       output->spec.path,
                       (unsigned long long)(output->spec.size_max >> 10));
    }
    output->stored += size;
    while (size > 0) {
        ssize_t done = pwrite(output->fd, bytes, size, (off_t)output->position);

        if (done < 0 && errno != EINTR) {
            return fail(output, errno, err);
        }
        if (done > 0) {
            bytes += done;
            size -= (size_t)done;
            output->position += (uint64_t)done;
        }
    }
    return check_disk(output, err);
}

static bool flush(struct hb_core_output *output, struct hb_error *err)
{
    size_t used = output->used;

    output->used = 0;
    return used == 0 || put(output, output->buffer, used, err);
}

static bool write_plain(struct hb_core_output *output, const char *bytes,
                        size_t size, struct hb_error *err)
{
    if (size >= BUFFER_SIZE / 2) { /* not worth a copy */
        return flush(output, err) && put(output, bytes, size, err);
    }
    if (size > BUFFER_SIZE - output->used && !flush(output, err)) {
        return false;
    }
    memcpy(output->buffer + output->used, bytes, size);
    output->used += size;
    return true;
}

/* Compresses, straight into the buffer. */
static bool pack(struct hb_core_output *output, const char *bytes, size_t size,
                 ZSTD_EndDirective how, struct hb_error *err)
{
    ZSTD_inBuffer in = { bytes, size, 0 };
    size_t left = 1;

    while (in.pos < in.size || (how == ZSTD_e_end && left > 0)) {
        ZSTD_outBuffer out = { output->buffer, BUFFER_SIZE, output->used };

        left = ZSTD_compressStream2(output->packer, &out, &in, how);
        if (ZSTD_isError(left)) {
            return hb_fail(err, HB_ERR_INTERNAL, 0, "cannot compress '%s': %s",
                           output->spec.path, ZSTD_getErrorName(left));
        }
        output->used = out.pos;
        if (output->used > BUFFER_SIZE / 2 && !flush(output, err)) {
            return false;
        }
    }
    output->frame += size;
    return true;
}

static bool open_packer(struct hb_core_output *output, struct hb_error *err)
{
    if (!output->spec.compress) {
        return true;
    }
    output->packer = ZSTD_createCCtx();
    if (output->packer == NULL ||
        ZSTD_isError(ZSTD_CCtx_setParameter(output->packer,
                                            ZSTD_c_compressionLevel, 1)) ||
        ZSTD_isError(
            ZSTD_CCtx_setParameter(output->packer, ZSTD_c_checksumFlag, 1))) {
        return hb_fail(err, HB_ERR_INTERNAL, ENOMEM, "cannot compress '%s'",
                       output->spec.path);
    }
    /* Refused by a library without threads, which is fine. */
    (void)ZSTD_CCtx_setParameter(output->packer, ZSTD_c_nbWorkers,
                                 (int)output->spec.workers);
    return true;
}

static bool open_part(struct hb_core_output *output, struct hb_error *err)
{
    const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

    output->fd = open(output->part, flags, 0600);
    if (output->fd < 0 && errno == EEXIST) {
        (void)unlink(output->part); /* left by somebody who was killed */
        output->fd = open(output->part, flags, 0600);
    }
    output->named = output->fd >= 0;
    return output->named || fail(output, errno, err);
}

static bool open_file(struct hb_core_output *output, struct hb_error *err)
{
    char folder[PATH_MAX];
    const char *path = output->spec.path;
    const char *base = hb_text_base_name(path, false);

    if (!hb_text_format(output->part, sizeof(output->part), "%s.part", path) ||
        !hb_text_copy_bytes(folder, sizeof(folder), path,
                            (size_t)(base - path))) {
        return fail(output, ENAMETOOLONG, err);
    }
    if (!output->spec.named) {
        output->fd = open(folder[0] != '\0' ? folder : ".",
                          O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    }
    return output->fd >= 0 || open_part(output, err);
}

bool hb_core_output_open(const struct hb_core_output_spec *spec,
                         struct hb_core_output **out, struct hb_error *err)
{
    struct hb_core_output *output = calloc(1, sizeof(*output));
    char *buffer = malloc(BUFFER_SIZE);

    if (output == NULL || buffer == NULL) {
        free(output);
        free(buffer);
        return hb_fail(err, HB_ERR_INTERNAL, ENOMEM, "cannot write '%s'",
                       spec->path);
    }
    output->spec = *spec;
    output->fd = -1;
    output->buffer = buffer;
    if (!open_packer(output, err) || !open_file(output, err) ||
        !check_disk(output, err)) {
        hb_core_output_free(output);
        return false;
    }
    *out = output;
    return true;
}

bool hb_core_output_write(struct hb_core_output *output, const void *bytes,
                          size_t size, struct hb_error *err)
{
    if (output->packer == NULL) {
        return write_plain(output, bytes, size, err);
    }
    return pack(output, bytes, size, ZSTD_e_continue, err) &&
           (output->frame < FRAME_SIZE || hb_core_output_cut(output, err));
}

bool hb_core_output_skip(struct hb_core_output *output, uint64_t size,
                         struct hb_error *err)
{
    if (output->packer == NULL) {
        if (!flush(output, err)) {
            return false;
        }
        output->position += size;
        return true;
    }
    while (size > 0) {
        size_t part = size < ZEROS_SIZE ? (size_t)size : ZEROS_SIZE;

        if (!hb_core_output_write(output, zeros, part, err)) {
            return false;
        }
        size -= part;
    }
    return true;
}

static bool is_zero(const char *page, size_t size)
{
    /* Most pages differ in their first word. */
    return size == PAGE && memcmp(page, zeros, 64) == 0 &&
           memcmp(page, zeros, PAGE) == 0;
}

static size_t page_at(size_t from, size_t size)
{
    return size - from < PAGE ? size - from : PAGE;
}

bool hb_core_output_pages(struct hb_core_output *output, const char *bytes,
                          size_t size, struct hb_error *err)
{
    size_t from = 0;

    while (from < size) {
        bool skip = is_zero(bytes + from, page_at(from, size));
        size_t to = from + page_at(from, size);

        while (to < size && is_zero(bytes + to, page_at(to, size)) == skip) {
            to += page_at(to, size);
        }
        bool fine =
            skip ? hb_core_output_skip(output, to - from, err)
                 : hb_core_output_write(output, bytes + from, to - from, err);
        if (!fine) {
            return false;
        }
        from = to;
    }
    return true;
}

bool hb_core_output_cut(struct hb_core_output *output, struct hb_error *err)
{
    if (output->packer == NULL || output->frame == 0) {
        return true;
    }
    if (!pack(output, NULL, 0, ZSTD_e_end, err)) {
        return false;
    }
    output->frame = 0;
    return true;
}

/* A rename that does not replace, where the file system has one. */
static bool name_part(const struct hb_core_output *output)
{
    const char *path = output->spec.path;

    return renameat2(AT_FDCWD, output->part, AT_FDCWD, path,
                     RENAME_NOREPLACE) == 0 ||
           ((errno == EINVAL || errno == ENOSYS) &&
            rename(output->part, path) == 0);
}

static bool name_file(const struct hb_core_output *output)
{
    char link[40];

    if (output->named) {
        return name_part(output);
    }
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", output->fd);
    return linkat(AT_FDCWD, link, AT_FDCWD, output->spec.path,
                  AT_SYMLINK_FOLLOW) == 0;
}

bool hb_core_output_publish(struct hb_core_output *output, uint64_t *out_bytes,
                            struct hb_error *err)
{
    if (!hb_core_output_cut(output, err) || !flush(output, err)) {
        return false;
    }
    /* A hole at the end is a hole only in a file that is long enough. */
    if (ftruncate(output->fd, (off_t)output->position) < 0) {
        return fail(output, errno, err);
    }
    if (!name_file(output)) {
        return hb_fail(err, HB_ERR_WRITE, errno, "cannot create '%s'",
                       output->spec.path);
    }
    output->published = true;
    *out_bytes = output->position;
    return true;
}

void hb_core_output_free(struct hb_core_output *output)
{
    if (output == NULL) {
        return;
    }
    if (output->named && !output->published) {
        (void)unlink(output->part);
    }
    if (output->fd >= 0) {
        (void)close(output->fd);
    }
    (void)ZSTD_freeCCtx(output->packer);
    free(output->buffer);
    free(output);
}
