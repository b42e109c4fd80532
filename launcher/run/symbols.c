/* --keep-symbols: what a debugger needs beside a dump. */
#include "core/symbols.h"

#include <string.h>

#include "core/budget.h"
#include "os/host.h"
#include "os/reader.h"
#include "os/shared.h"
#include "run/watch.h"

#define COPY_SIZE 65536u
#define HEAD_SIZE 4096u

struct keeping {
    struct hb_watch *watch;
    uint64_t bytes; /* that are new */
    unsigned kept;
    char why[200]; /* the first that could not be kept */
};

static void fail(struct keeping *keeping, const char *path, const char *why)
{
    if (keeping->why[0] == '\0') {
        (void)hb_text_format(keeping->why, sizeof(keeping->why), "'%s' %s",
                             path, why);
    }
}

static bool has_room(const struct keeping *keeping, uint64_t size)
{
    uint64_t disk_free = 0;
    uint64_t total = 0;

    return !hb_folder_room(keeping->watch->artifacts.base, &disk_free,
                           &total) ||
           disk_free > hb_budget_floor(total) + size;
}

/* Under a name of our own first: who finds the final one finds it whole. */
static bool copy(struct hb_reader *reader, const char *temp,
                 struct hb_error *err)
{
    static char bytes[COPY_SIZE];
    struct hb_appender *file = NULL;
    uint64_t size = hb_reader_size(reader);
    bool ok = hb_appender_open(temp, &file, err);

    for (uint64_t at = 0; ok && at < size;) {
        size_t part = size - at < COPY_SIZE ? (size_t)(size - at) : COPY_SIZE;

        ok = (hb_reader_read(reader, at, bytes, part) ||
              hb_fail(err, HB_ERR_READ, 0, "cannot be read to its end")) &&
             hb_appender_write(file, bytes, part, NULL, err);
        at += part;
    }
    hb_appender_close(file);
    return ok;
}

static bool make_folder_of(const char *path, struct hb_error *err)
{
    char folder[HB_PATH_SIZE];

    (void)hb_text_copy(folder, sizeof(folder), path);
    *strrchr(folder, '/') = '\0';
    return hb_folder_make(folder, err);
}

static bool store(struct keeping *keeping, struct hb_reader *reader,
                  const char *target, struct hb_error *err)
{
    char temp[HB_PATH_SIZE];
    bool ok = hb_text_format(temp, sizeof(temp), "%s.%lu.part", target,
                             (unsigned long)hb_host_pid()) &&
              make_folder_of(target, err) && copy(reader, temp, err) &&
              hb_file_rename(temp, target, err);

    if (ok) {
        keeping->bytes += hb_reader_size(reader);
    } else {
        hb_file_remove(temp);
    }
    return ok;
}

/* `place` is below "symbols/". A file that is there is the same build's. */
static void keep_file(struct keeping *keeping, const char *path,
                      const char *place)
{
    const struct hb_watch *watch = keeping->watch;
    char target[HB_PATH_SIZE];
    struct hb_reader *reader = NULL;
    struct hb_error err = { 0 };

    if (!hb_text_format(target, sizeof(target), "%s/symbols/%s",
                        watch->artifacts.base, place)) {
        return;
    }
    if (hb_file_exists(target)) {
        keeping->kept++;
        return;
    }
    if (!hb_reader_open(path, &reader, &err)) {
        fail(keeping, path, "cannot be opened");
    } else if (hb_file_time_ms(path) > watch->header.started_at_unix_ms) {
        fail(keeping, path, "was changed after the test began");
    } else if (!has_room(keeping, hb_reader_size(reader))) {
        fail(keeping, path, "would leave too little room on the disk");
    } else if (!store(keeping, reader, target, &err)) {
        fail(keeping, path, err.text);
    } else {
        keeping->kept++;
    }
    hb_reader_close(reader);
}

static bool read_pe_id(const char *path, char *target, size_t size)
{
    unsigned char head[HEAD_SIZE];
    struct hb_reader *reader = NULL;
    struct hb_error ignored;
    bool ok = false;

    if (hb_reader_open(path, &reader, &ignored)) {
        uint64_t length = hb_reader_size(reader);
        size_t part = length < HEAD_SIZE ? (size_t)length : HEAD_SIZE;

        ok = hb_reader_read(reader, 0, head, part) &&
             hb_symbols_pe_id(head, part, target, size);
    }
    hb_reader_close(reader);
    return ok;
}

static void keep_module(struct keeping *keeping, const struct hb_module *module)
{
    bool windows = keeping->watch->header.host.windows;
    bool separate =
        module->debug[0] != '\0' && strcmp(module->debug, module->path) != 0;
    char place[HB_PATH_SIZE];
    char id[sizeof(module->id)];

    (void)hb_text_copy(id, sizeof(id), module->id);
    if ((!windows || read_pe_id(module->path, id, sizeof(id))) &&
        hb_symbols_place(module->path, id, windows, false, place,
                         sizeof(place))) {
        keep_file(keeping, module->path, place);
    } else {
        fail(keeping, module->path, "has no id");
    }
    if (separate && hb_symbols_place(module->debug, module->id, windows, true,
                                     place, sizeof(place))) {
        keep_file(keeping, module->debug, place);
    }
}

static void tell(struct keeping *keeping, uint64_t duration_ms)
{
    struct hb_evidence evidence = {
        .kind = "symbols",
        .status = keeping->kept > 0 ? HB_EVIDENCE_CAPTURED : HB_EVIDENCE_FAILED,
        .bytes = keeping->bytes,
        .duration_ms = duration_ms,
    };
    struct hb_observation seen = {
        .kind = HB_OBS_EVIDENCE,
        .at_ms = hb_watch_now_ms(keeping->watch),
        .evidence = &evidence,
    };

    (void)hb_text_copy(evidence.reason, sizeof(evidence.reason), keeping->why);
    if (keeping->kept == 0 && keeping->why[0] == '\0') {
        (void)hb_text_copy(evidence.reason, sizeof(evidence.reason),
                           "no module of the test is known");
    }
    hb_funnel_tell(&keeping->watch->funnel, &seen);
}

void hb_watch_keep_symbols(struct hb_watch *watch)
{
    const struct hb_result *result = &watch->funnel.result;
    struct keeping keeping = { .watch = watch };
    uint64_t from_ms = hb_watch_now_ms(watch);

    if (!watch->settings->options.keep_symbols ||
        result->finds.stack_count == 0) {
        return;
    }
    for (size_t i = 0; i < result->finds.module_count; i++) {
        if (hb_symbols_wants(result, &result->finds.modules[i])) {
            keep_module(&keeping, &result->finds.modules[i]);
        }
    }
    tell(&keeping, hb_watch_now_ms(watch) - from_ms);
}
