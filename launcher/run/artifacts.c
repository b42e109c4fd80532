#include "run/artifacts.h"

#include <stdlib.h>
#include <string.h>

#include "os/clock.h"
#include "os/host.h"

#define SAFE_NAME_SIZE 101u

static const char *const log_names[HB_STREAM_COUNT] = { "stdout.log",
                                                        "stderr.log" };

/* Paths and names */

static bool is_reserved(const char *name)
{
    static const char *const reserved[] = {
        "con",
        "prn",
        "aux",
        "nul",
        "com1",
        "com2",
        "com3",
        "com4",
        "com5",
        "com6",
        "com7",
        "com8",
        "com9",
        "lpt1",
        "lpt2",
        "lpt3",
        "lpt4",
        "lpt5",
        "lpt6",
        "lpt7",
        "lpt8",
        "lpt9",
        /* Windows takes the superscripts 1, 2 and 3 for digits. */
        "com\xc2\xb9",
        "com\xc2\xb2",
        "com\xc2\xb3",
        "lpt\xc2\xb9",
        "lpt\xc2\xb2",
        "lpt\xc2\xb3",
    };
    char lower[8] = "";

    for (size_t i = 0; i < sizeof(lower) - 1 && name[i] != '\0'; i++) {
        bool upper = name[i] >= 'A' && name[i] <= 'Z';

        if (name[i] == '.') {
            break;
        }
        lower[i] = (char)(upper ? name[i] - 'A' + 'a' : name[i]);
    }
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (strcmp(lower, reserved[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_safe(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || strchr("._-+@=,", c) != NULL;
}

static void make_letters_safe(char *name)
{
    for (char *c = name; *c != '\0'; c++) {
        size_t width = hb_utf8_length(c, strlen(c));

        if (width > 1) {
            c += width - 1;
        } else if (!is_safe(*c)) {
            *c = '_';
        }
    }
}

void hb_artifacts_safe_name(const char *name, char *target, size_t size)
{
    char bounded[SAFE_NAME_SIZE];
    char *last;

    (void)hb_text_copy(bounded, sizeof(bounded), name);
    make_letters_safe(bounded);
    (void)hb_text_format(
        target, size < sizeof(bounded) ? size : sizeof(bounded), "%s%s",
        bounded[0] == '\0' || is_reserved(bounded) ? "_" : "", bounded);
    last = target + strlen(target) - 1;
    if (*last == '.') {
        *last = '_';
    }
    if (target[0] == '.') {
        target[0] = '_';
    }
}

void hb_artifacts_path(const struct hb_artifacts *artifacts, const char *file,
                       char *target)
{
    (void)hb_text_format(target, HB_PATH_SIZE, "%s/%s", artifacts->folder,
                         file);
}

/* The first number that makes the run id a new one. */
static bool choose_folder(struct hb_artifacts *artifacts,
                          struct hb_run_header *header, const char *base,
                          struct hb_error *err)
{
    char name[SAFE_NAME_SIZE + 8];
    char stamp[HB_TIME_SIZE];

    hb_artifacts_safe_name(header->name, name, sizeof(name));
    hb_format_time_compact(stamp, header->started_at_unix_ms);
    for (unsigned number = 1; number < 10000; number++) {
        (void)hb_text_format(header->run_id, sizeof(header->run_id), "%s-%u-%u",
                             stamp, (unsigned)header->launcher.pid, number);
        if (!hb_text_format(artifacts->folder, sizeof(artifacts->folder),
                            "%s/%s/%s", base, name, header->run_id)) {
            break;
        }
        if (!hb_file_exists(artifacts->folder)) {
            return hb_folder_make(artifacts->folder, err);
        }
    }
    return hb_fail(err, HB_ERR_WRITE, 0,
                   "cannot make a folder for this run in '%s'", base);
}

bool hb_artifacts_open(struct hb_artifacts *artifacts,
                       const struct hb_settings *settings,
                       struct hb_run_header *header, struct hb_error *err)
{
    char path[HB_PATH_SIZE];

    memset(artifacts, 0, sizeof(*artifacts));
    artifacts->settings = settings;
    if (!hb_path_absolute(settings->artifacts, artifacts->base,
                          sizeof(artifacts->base), err) ||
        !choose_folder(artifacts, header, artifacts->base, err)) {
        return false;
    }
    hb_artifacts_path(artifacts, "timeline.jsonl", path);
    return hb_appender_open(path, &artifacts->timeline, err);
}

/* Output */

static void keep_excerpt(struct hb_excerpt *excerpt, const char *bytes,
                         size_t size)
{
    size_t room = HB_EXCERPT_HEAD - excerpt->head.size;
    size_t head = size < room ? size : room;

    hb_buffer_add(&excerpt->head, bytes, head);
    excerpt->total += head;
    bytes += head;
    size -= head;
    if (size == 0) {
        return;
    }
    if (excerpt->tail == NULL) {
        excerpt->tail = malloc(HB_EXCERPT_TAIL);
    }
    if (size > HB_EXCERPT_TAIL) {
        excerpt->total += size - HB_EXCERPT_TAIL;
        bytes += size - HB_EXCERPT_TAIL;
        size = HB_EXCERPT_TAIL;
    }
    for (size_t i = 0; i < size && excerpt->tail != NULL;) {
        size_t at = (excerpt->total - HB_EXCERPT_HEAD) % HB_EXCERPT_TAIL;
        size_t part = HB_EXCERPT_TAIL - at;

        part = part < size - i ? part : size - i;
        memcpy(excerpt->tail + at, bytes + i, part);
        excerpt->total += part;
        i += part;
    }
}

bool hb_artifacts_output(struct hb_artifacts *artifacts, enum hb_stream stream,
                         const char *bytes, size_t size, struct hb_error *err)
{
    char path[HB_PATH_SIZE];

    keep_excerpt(&artifacts->excerpts[stream], bytes, size);
    if (artifacts->log_failed[stream]) {
        return true;
    }
    if (artifacts->logs[stream] == NULL) {
        hb_artifacts_path(artifacts, log_names[stream], path);
        if (!hb_log_open(path, artifacts->settings->options.log_cap,
                         &artifacts->logs[stream], err)) {
            artifacts->log_failed[stream] = true;
            return false;
        }
    }
    if (!hb_log_write(artifacts->logs[stream], bytes, size, err)) {
        artifacts->log_failed[stream] = true;
        return false;
    }
    return true;
}

/* The end */

bool hb_artifacts_close_logs(struct hb_artifacts *artifacts,
                             struct hb_error *err)
{
    bool ok = true;

    for (size_t i = 0; i < HB_STREAM_COUNT; i++) {
        ok = (hb_log_close(artifacts->logs[i], err) ||
              artifacts->log_failed[i]) &&
             ok;
        artifacts->logs[i] = NULL;
    }
    return ok;
}

bool hb_artifacts_keep(struct hb_artifacts *artifacts,
                       const struct hb_result *result, struct hb_error *err)
{
    bool well = result->verdict == HB_VERDICT_PASS ||
                result->verdict == HB_VERDICT_SKIP;
    bool keep = !well || artifacts->only_copy ||
                artifacts->settings->options.keep == HB_KEEP_ALL;
    bool ok = true;

    for (size_t i = 0; i < HB_STREAM_COUNT; i++) {
        char path[HB_PATH_SIZE];
        bool printed = artifacts->excerpts[i].total > 0;

        hb_artifacts_path(artifacts, log_names[i], path);
        if (keep && !printed) {
            ok = hb_file_replace(path, "", 0, err) && ok;
        } else if (!keep && printed) {
            hb_file_remove(path);
        }
    }
    return ok;
}

void hb_artifacts_withdraw(const struct hb_artifacts *artifacts)
{
    static const char *const files[] = { "result.json", "junit.xml",
                                         "timeline.jsonl" };
    char path[HB_PATH_SIZE];
    char *end;

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        hb_artifacts_path(artifacts, files[i], path);
        hb_file_remove(path);
    }
    hb_folder_remove(artifacts->folder);
    (void)hb_text_copy(path, sizeof(path), artifacts->folder);
    end = strrchr(path, '/');
    if (end != NULL) {
        *end = '\0';
        hb_folder_remove(path); /* that of the test's name, if it is empty */
    }
}

void hb_artifacts_close(struct hb_artifacts *artifacts)
{
    struct hb_error ignored;

    (void)hb_artifacts_close_logs(artifacts, &ignored);
    for (size_t i = 0; i < HB_STREAM_COUNT; i++) {
        hb_buffer_free(&artifacts->excerpts[i].head);
        free(artifacts->excerpts[i].tail);
        artifacts->excerpts[i].tail = NULL;
    }
    hb_appender_close(artifacts->timeline);
    artifacts->timeline = NULL;
}
