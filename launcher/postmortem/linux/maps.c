#include "postmortem/linux/maps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "os/linux/stat.h"

/* Many programs have a hundred mappings, the kernel's bound is 65530. */
#define READ_SIZE 65536u

static bool read_all(const char *path, struct hb_buffer *text)
{
    char *part = malloc(READ_SIZE);
    int fd = part != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t got = fd >= 0 ? 1 : -1;

    while (got > 0) {
        got = read(fd, part, READ_SIZE);
        if (got > 0) {
            hb_buffer_add(text, part, (size_t)got);
        }
    }
    int error = errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    free(part);
    errno = text->failed ? ENOMEM : error;
    return got == 0 && !text->failed;
}

static bool take_hex(const char **at, uint64_t *out_value)
{
    const char *from = *at;
    uint64_t value = 0;

    for (;; from++) {
        if (*from >= '0' && *from <= '9') {
            value = value << 4 | (uint64_t)(*from - '0');
        } else if (*from >= 'a' && *from <= 'f') {
            value = value << 4 | (uint64_t)(*from - 'a' + 10);
        } else {
            break;
        }
    }
    if (from == *at) {
        return false;
    }
    *at = from;
    *out_value = value;
    return true;
}

static bool take_char(const char **at, char wanted)
{
    if (**at != wanted) {
        return false;
    }
    (*at)++;
    return true;
}

/* The kernel writes a line feed in a name as "\012", and only that. */
static char *copy_path(const char *from, const char *end)
{
    char *path = malloc((size_t)(end - from) + 1);
    char *to = path;

    while (path != NULL && from < end) {
        if (end - from >= 4 && memcmp(from, "\\012", 4) == 0) {
            *to++ = '\n';
            from += 4;
        } else {
            *to++ = *from++;
        }
    }
    if (path != NULL) {
        *to = '\0';
    }
    return path;
}

/* "7f00-7f10 rw-p 0000 08:01 1234    /path"; leaves `*at` before the path. */
static bool parse_fields(const char **at, struct hb_mapping *mapping)
{
    uint64_t major = 0;
    uint64_t minor = 0;

    if (!take_hex(at, &mapping->start) || !take_char(at, '-') ||
        !take_hex(at, &mapping->end) || !take_char(at, ' ') ||
        strnlen(*at, 5) < 5) {
        return false;
    }
    mapping->readable = (*at)[0] == 'r';
    mapping->writable = (*at)[1] == 'w';
    mapping->executable = (*at)[2] == 'x';
    mapping->shared = (*at)[3] == 's';
    *at += 5;
    if (!take_hex(at, &mapping->file_offset) || !take_char(at, ' ') ||
        !take_hex(at, &major) || !take_char(at, ':') || !take_hex(at, &minor) ||
        !take_char(at, ' ') || !hb_proc_number(at, &mapping->inode)) {
        return false;
    }
    mapping->device_major = (uint32_t)major;
    mapping->device_minor = (uint32_t)minor;
    return mapping->start < mapping->end;
}

static bool add_line(struct hb_maps *maps, size_t *room, const char *line,
                     const char *end)
{
    struct hb_mapping mapping = { 0 };
    const char *at = line;

    if (!parse_fields(&at, &mapping)) {
        return true; /* not a mapping, and not ours to judge */
    }
    while (at < end && *at == ' ') {
        at++;
    }
    if (maps->count == *room) {
        size_t larger = *room == 0 ? 128 : *room * 2;
        void *items = realloc(maps->items, larger * sizeof(maps->items[0]));

        if (items == NULL) {
            return false;
        }
        maps->items = items;
        *room = larger;
    }
    mapping.path = copy_path(at, end);
    if (mapping.path == NULL) {
        return false;
    }
    maps->items[maps->count++] = mapping;
    return true;
}

static bool parse(char *text, struct hb_maps *maps)
{
    size_t room = 0;

    while (text != NULL && *text != '\0') {
        char *end = strchr(text, '\n');

        if (end == NULL) {
            break; /* cut in the middle */
        }
        *end = '\0';
        if (!add_line(maps, &room, text, end)) {
            return false;
        }
        text = end + 1;
    }
    return true;
}

bool hb_maps_read(pid_t tid, struct hb_maps *out_maps, struct hb_error *err)
{
    struct hb_maps maps = { 0 };
    struct hb_buffer text = { 0 };
    char path[40];

    (void)snprintf(path, sizeof(path), "/proc/%d/maps", (int)tid);
    bool fine = read_all(path, &text);
    if (!fine) {
        fine = hb_fail(err, HB_ERR_READ, errno, "cannot read '%s'", path);
    } else if (!parse(text.bytes, &maps)) {
        hb_maps_free(&maps);
        fine = hb_fail(err, HB_ERR_INTERNAL, ENOMEM, "cannot keep '%s'", path);
    }
    hb_buffer_free(&text);
    if (fine) {
        *out_maps = maps;
    }
    return fine;
}

void hb_maps_free(struct hb_maps *maps)
{
    for (size_t i = 0; i < maps->count; i++) {
        free(maps->items[i].path);
    }
    free(maps->items);
    *maps = (struct hb_maps){ 0 };
}

const struct hb_mapping *hb_maps_find(const struct hb_maps *maps,
                                      uint64_t address)
{
    size_t from = 0;
    size_t to = maps->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const struct hb_mapping *mapping = &maps->items[middle];

        if (address < mapping->start) {
            to = middle;
        } else if (address >= mapping->end) {
            from = middle + 1;
        } else {
            return mapping;
        }
    }
    return NULL;
}
