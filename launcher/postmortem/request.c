#include "postmortem/request.h"

#include <string.h>

#include "base/text.h"

#define LIMIT_MS_DEFAULT 30000u
#define GAP_MS_MAX 60000u
#define SIGNAL_MAX 64u

static bool fail_value(const char *name, const char *value,
                       struct hb_error *err)
{
    return hb_fail(err, HB_ERR_USAGE, 0, "--%s does not take '%s'", name,
                   value);
}

static bool take_number(const char *name, const char *value, uint64_t most,
                        uint64_t *out_number, struct hb_error *err)
{
    uint64_t number = 0;

    if (!hb_parse_u64(value, &number) || number > most) {
        return fail_value(name, value, err);
    }
    *out_number = number;
    return true;
}

static bool take_pid(struct hb_request *request, const char *value,
                     struct hb_error *err)
{
    uint64_t pid = 0;

    if (request->pid_count == HB_REQUEST_PIDS_MAX) {
        return hb_fail(err, HB_ERR_USAGE, 0,
                       "--pid is given more than %u "
                       "times",
                       HB_REQUEST_PIDS_MAX);
    }
    if (!take_number("pid", value, UINT32_MAX, &pid, err)) {
        return false;
    }
    if (pid == 0) {
        return fail_value("pid", value, err);
    }
    request->pids[request->pid_count++] = (uint32_t)pid;
    return true;
}

static bool take_crashed(struct hb_request *request, const char *value,
                         struct hb_error *err)
{
    uint64_t tid = 0;

    if (!take_number("crashed", value, UINT32_MAX, &tid, err)) {
        return false;
    }
    request->crashed = (uint32_t)tid;
    return true;
}

static bool take_dead(struct hb_request *request, const char *value,
                      struct hb_error *err)
{
    uint64_t pid = 0;

    if (!take_number("dead", value, UINT32_MAX, &pid, err)) {
        return false;
    }
    request->dead.pid = (uint32_t)pid;
    return pid > 0 || fail_value("dead", value, err);
}

static bool take_since(struct hb_request *request, const char *value,
                       struct hb_error *err)
{
    return take_number("since-ns", value, UINT64_MAX, &request->dead.since_ns,
                       err);
}

static bool take_core_folder(struct hb_request *request, const char *value,
                             struct hb_error *err)
{
    if (request->dead.folder_count == HB_REQUEST_FOLDERS_MAX) {
        return hb_fail(err, HB_ERR_USAGE, 0,
                       "--core-folder is given more than %u times",
                       HB_REQUEST_FOLDERS_MAX);
    }
    request->dead.folders[request->dead.folder_count++] = value;
    return true;
}

static bool take_signal(struct hb_request *request, const char *value,
                        struct hb_error *err)
{
    uint64_t number = 0;

    if (!take_number("signal", value, SIGNAL_MAX, &number, err)) {
        return false;
    }
    request->signal = (uint32_t)number;
    return true;
}

static bool take_exception(struct hb_request *request, const char *value,
                           struct hb_error *err)
{
    return take_number("exception", value, UINT64_MAX, &request->exception,
                       err);
}

static bool take_file(struct hb_request *request, const char *value,
                      struct hb_error *err)
{
    (void)err;
    request->file = value;
    return true;
}

static bool take_samples(struct hb_request *request, const char *value,
                         struct hb_error *err)
{
    uint64_t samples = 0;

    if (!take_number("samples", value, 2, &samples, err)) {
        return false;
    }
    if (samples == 0) {
        return fail_value("samples", value, err);
    }
    request->samples = (uint32_t)samples;
    return true;
}

static bool take_gap(struct hb_request *request, const char *value,
                     struct hb_error *err)
{
    uint64_t gap_ms = 0;

    if (!take_number("gap-ms", value, GAP_MS_MAX, &gap_ms, err)) {
        return false;
    }
    request->gap_ms = (uint32_t)gap_ms;
    return true;
}

static bool take_dump(struct hb_request *request, const char *value,
                      struct hb_error *err)
{
    static const char *const names[] = {
        [HB_DUMP_NOTHING] = "none",
        [HB_DUMP_SMALL] = "mini",
        [HB_DUMP_BOTH] = "both",
        [HB_DUMP_WHOLE] = "full",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], value) == 0) {
            request->dump = (enum hb_dump_depth)i;
            return true;
        }
    }
    return fail_value("dump", value, err);
}

static bool take_folder(struct hb_request *request, const char *value,
                        struct hb_error *err)
{
    (void)err;
    request->folder = value;
    return true;
}

static bool take_dump_max(struct hb_request *request, const char *value,
                          struct hb_error *err)
{
    return take_number("dump-max", value, UINT64_MAX, &request->dump_max, err);
}

static bool take_disk_free(struct hb_request *request, const char *value,
                           struct hb_error *err)
{
    return take_number("disk-free", value, UINT64_MAX, &request->disk_free,
                       err);
}

static bool take_redact(struct hb_request *request, const char *value,
                        struct hb_error *err)
{
    if (request->redact_count == HB_REQUEST_PATTERNS_MAX) {
        return hb_fail(err, HB_ERR_USAGE, 0,
                       "--redact is given more than %u "
                       "times",
                       HB_REQUEST_PATTERNS_MAX);
    }
    request->redact[request->redact_count++] = value;
    return true;
}

static bool take_limit(struct hb_request *request, const char *value,
                       struct hb_error *err)
{
    return take_number("limit-ms", value, UINT64_MAX / 2, &request->limit_ms,
                       err);
}

static const struct {
    const char *name;
    bool (*take)(struct hb_request *request, const char *value,
                 struct hb_error *err);
} values[] = {
    { "pid", take_pid },
    { "file", take_file },
    { "samples", take_samples },
    { "gap-ms", take_gap },
    { "dump", take_dump },
    { "folder", take_folder },
    { "dump-max", take_dump_max },
    { "redact", take_redact },
    { "limit-ms", take_limit },
    { "crashed", take_crashed },
    { "disk-free", take_disk_free },
    { "signal", take_signal },
    { "exception", take_exception },
    { "dead", take_dead },
    { "since-ns", take_since },
    { "core-folder", take_core_folder },
};

static const struct {
    const char *name;
    size_t place;
} switches[] = {
    { "stacks", offsetof(struct hb_request, stacks) },
    { "locks", offsetof(struct hb_request, locks) },
    { "plain", offsetof(struct hb_request, plain) },
    { "flagged", offsetof(struct hb_request, dead.flagged) },
    { "core-stays", offsetof(struct hb_request, dead.stays) },
};

static bool take_switch(struct hb_request *request, const char *name)
{
    for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
        if (strcmp(switches[i].name, name) == 0) {
            *(bool *)((char *)request + switches[i].place) = true;
            return true;
        }
    }
    return false;
}

/* The option at `words[0]`; sets how many words it took. */
static bool take_option(struct hb_request *request, int count,
                        char *const *words, int *out_taken,
                        struct hb_error *err)
{
    bool is_option = strncmp(words[0], "--", 2) == 0;
    const char *name = is_option ? words[0] + 2 : "";

    if (take_switch(request, name)) {
        *out_taken = 1;
        return true;
    }
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (strcmp(values[i].name, name) != 0) {
            continue;
        }
        if (count < 2) {
            return hb_fail(err, HB_ERR_USAGE, 0, "--%s takes a value", name);
        }
        *out_taken = 2;
        return values[i].take(request, words[1], err);
    }
    return hb_fail(err, HB_ERR_USAGE, 0, "unknown word '%s'", words[0]);
}

static bool check(const struct hb_request *request, struct hb_error *err)
{
    int subjects = (request->pid_count > 0) + (request->file != NULL) +
                   (request->dead.pid > 0);

    if (subjects != 1) {
        return hb_fail(err, HB_ERR_USAGE, 0,
                       "either --pid or --file or --dead is needed");
    }
    if (request->dump != HB_DUMP_NOTHING && request->file != NULL) {
        return hb_fail(err, HB_ERR_USAGE, 0,
                       "--dump is for living processes, "
                       "--file is dead");
    }
    if (request->dump != HB_DUMP_NOTHING && request->folder == NULL) {
        return hb_fail(err, HB_ERR_USAGE, 0, "--dump needs a --folder");
    }
    return true;
}

bool hb_request_read(int argc, char *const *argv,
                     struct hb_request *out_request, struct hb_error *err)
{
    struct hb_request request = { .samples = 1, .limit_ms = LIMIT_MS_DEFAULT };

    for (int at = 1; at < argc;) {
        int taken = 0;

        if (!take_option(&request, argc - at, argv + at, &taken, err)) {
            return false;
        }
        at += taken;
    }
    if (!check(&request, err)) {
        return false;
    }
    *out_request = request;
    return true;
}
