#include "core_desk.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zstd.h>

#include "os/file.h"

#define CORE_MOST ((size_t)1 << 30)

void core_desk_begin(struct core_desk *desk, const char *word,
                     const char *count)
{
    system_make_folder(desk->folder, sizeof(desk->folder));
    (void)snprintf(desk->path, sizeof(desk->path), "%s/core", desk->folder);
    target_desk_start(&desk->target, word, count);
    target_desk_await_rest(&desk->target);
    desk->stopped = target_desk_stop(&desk->target);
}

struct hb_core_wish core_desk_wish(struct core_desk *desk,
                                   enum hb_dump_depth depth, bool compress)
{
    return (struct hb_core_wish){
        .depth = depth,
        .path = desk->path,
        .compress = compress,
    };
}

bool core_desk_try(struct core_desk *desk, const struct hb_core_wish *wish,
                   struct hb_core_made *made, struct hb_error *err)
{
    struct hb_core_known *known = NULL;
    bool fine = hb_core_prepare(desk->target.pid, wish, &known, err) &&
                hb_core_write(desk->stopped, wish, known, made, err);

    hb_core_forget(known);
    return fine;
}

struct hb_core_made core_desk_write(struct core_desk *desk,
                                    const struct hb_core_wish *wish)
{
    struct hb_core_made made = { 0 };
    struct hb_error err = { 0 };

    if (!core_desk_try(desk, wish, &made, &err)) {
        fail_msg("%s", err.text);
    }
    return made;
}

size_t core_desk_files(const struct core_desk *desk)
{
    size_t count = 0;
    DIR *folder = opendir(desk->folder);

    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        count += entry->d_name[0] != '.';
    }
    (void)closedir(folder);
    return count;
}

void core_desk_end(struct core_desk *desk)
{
    hb_target_release(desk->stopped);
    desk->stopped = NULL;
    target_desk_end(&desk->target);
    DIR *folder = opendir(desk->folder);
    for (struct dirent *entry;
         folder != NULL && (entry = readdir(folder)) != NULL;) {
        (void)unlinkat(dirfd(folder), entry->d_name, 0);
    }
    if (folder != NULL) {
        (void)closedir(folder);
        assert_int_equal(rmdir(desk->folder), 0);
    }
    memset(desk, 0, sizeof(*desk));
}

static bool read_bytes(void *context, uint64_t at, void *bytes, size_t size)
{
    const struct core_bytes *core = context;

    memcpy(bytes, core->bytes + at, size);
    return true;
}

/* All frames of the file, one behind the other. */
static void unpack(struct core_bytes *core)
{
    ZSTD_DCtx *unpacker = ZSTD_createDCtx();
    size_t room = (size_t)64 << 20;
    char *bytes = malloc(room);
    ZSTD_inBuffer in = { core->bytes, core->size, 0 };
    ZSTD_outBuffer out = { bytes, room, 0 };
    size_t left = 1;

    assert_non_null(unpacker);
    while (in.pos < in.size) {
        assert_non_null(bytes);
        left = ZSTD_decompressStream(unpacker, &out, &in);
        assert_false(ZSTD_isError(left));
        if (out.pos == out.size) {
            room *= 2;
            bytes = realloc(bytes, room);
            out.dst = bytes;
            out.size = room;
        }
    }
    assert_int_equal(left, 0); /* the last frame is whole */
    (void)ZSTD_freeDCtx(unpacker);
    free(core->bytes);
    core->bytes = bytes;
    core->size = out.pos;
}

void core_bytes_read(const char *path, bool is_compressed,
                     struct core_bytes *out_bytes)
{
    struct hb_error err = { 0 };

    memset(out_bytes, 0, sizeof(*out_bytes));
    if (!hb_file_read(path, CORE_MOST, &out_bytes->bytes, &out_bytes->size,
                      &err)) {
        fail_msg("%s", err.text);
    }
    if (is_compressed) {
        unpack(out_bytes);
    }
    out_bytes->source =
        (struct hb_elf_core_source){ out_bytes->size, read_bytes, out_bytes };
    if (!hb_elf_core_open(&out_bytes->source, &out_bytes->core, &err) ||
        !hb_elf_core_check(&out_bytes->core, &err)) {
        fail_msg("%s", err.text);
    }
}

void core_bytes_free(struct core_bytes *bytes)
{
    free(bytes->bytes);
    memset(bytes, 0, sizeof(*bytes));
}

bool core_bytes_hold(const struct core_bytes *bytes, const void *text,
                     size_t size)
{
    return memmem(bytes->bytes, bytes->size, text, size) != NULL;
}

bool core_bytes_say(const struct core_bytes *bytes, uint64_t address,
                    const char *text)
{
    char said[256];
    size_t size = strlen(text) + 1;

    return hb_elf_core_memory(&bytes->core, address, said, size) &&
           memcmp(said, text, size) == 0;
}
