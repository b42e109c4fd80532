#include "run/budget_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "os/file.h"
#include "os/shared.h"
#include "run/artifacts.h"

#define RECORD_MAX ((size_t)16 << 20)

bool hb_dump_read_record(const char *folder, struct hb_past *out)
{
    char path[HB_PATH_SIZE];
    struct hb_error ignored;
    char *bytes = NULL;
    size_t size = 0;
    bool ok = hb_text_format(path, sizeof(path), "%s/result.json", folder) &&
              hb_file_read(path, RECORD_MAX, &bytes, &size, &ignored) &&
              hb_past_read(bytes, size, out);

    free(bytes);
    return ok;
}

struct measured {
    const char *name;
    uint64_t size;
    bool is_file;
};

static bool measure(void *context, const struct hb_entry *entry)
{
    struct measured *measured = context;
    bool same = strcmp(entry->name, measured->name) == 0;

    if (same) {
        measured->size = entry->size;
        measured->is_file = entry->is_file;
    }
    return !same;
}

static void remove_one(const char *folder, const char *name,
                       const char *instead, struct hb_removed *removed)
{
    struct measured measured = { .name = name };
    char path[HB_PATH_SIZE];
    char note[HB_PATH_SIZE];
    char text[HB_PATH_SIZE + 256];
    struct hb_error ignored;

    hb_folder_list(folder, measure, &measured);
    if (!measured.is_file ||
        !hb_text_format(path, sizeof(path), "%s/%s", folder, name) ||
        !hb_text_format(note, sizeof(note), "%s.removed.txt", path)) {
        return;
    }
    hb_file_remove(path);
    if (hb_file_exists(path)) {
        return;
    }
    (void)hb_text_format(
        text, sizeof(text),
        "%s (%llu bytes) was removed for --dump-budget: runs of the same "
        "signature have newer dumps.\nThe room was wanted by %s\n",
        name, (unsigned long long)measured.size, instead);
    (void)hb_file_replace(note, text, strlen(text), &ignored);
    removed->count++;
    removed->bytes += measured.size;
}

void hb_dump_remove(const char *folder, const char *instead,
                    struct hb_removed *out_removed)
{
    struct hb_past past;

    if (hb_dump_read_record(folder, &past)) {
        for (size_t i = 0; i < past.dump_count; i++) {
            remove_one(folder, past.dumps[i], instead, out_removed);
        }
    }
}
