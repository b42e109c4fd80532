#include <limits.h>
#include <unistd.h>

#include "base/text.h"
#include "os/clock.h"
#include "postmortem/linux/core_file.h"
#include "postmortem/linux/look_parts.h"

#define STOP_LIMIT_MS 500u

static bool name_file(const struct hb_request *request, size_t i, char *path,
                      size_t size)
{
    const char *folder = request->folder != NULL ? request->folder : ".";
    const char *end = request->plain ? "" : ".zst";

    return i == 0 ? hb_text_format(path, size, "%s/core%s", folder, end)
                  : hb_text_format(path, size, "%s/core.%u%s", folder,
                                   (unsigned)request->pids[i], end);
}

static void go_on(void *target)
{
    hb_target_go_on(target);
}

static bool dump(const struct hb_request *request, size_t i,
                 const struct hb_core_wish *wish,
                 struct hb_found_evidence *evidence, struct hb_error *err)
{
    struct hb_target *target = NULL;
    struct hb_core_wish whole = *wish;
    struct hb_core_known *known = NULL;
    struct hb_core_made made;
    pid_t pid = (pid_t)request->pids[i];
    bool ok = hb_core_prepare(pid, wish, &known, err) &&
              hb_target_stop(pid, STOP_LIMIT_MS, &target, err);

    if (ok) {
        whole.read_all = go_on;
        whole.context = target;
        ok = hb_core_write(target, &whole, known, &made, err);
        hb_target_go_on(target);
        evidence->pause_us = hb_target_pause_us(target);
    }
    if (ok) {
        evidence->path = wish->path;
        evidence->bytes = made.bytes;
    }
    hb_target_release(target);
    hb_core_forget(known);
    return ok;
}

static void dump_one(const struct hb_request *request, size_t i,
                     uint64_t until_ms, struct hb_teller *teller)
{
    char path[PATH_MAX];
    uint64_t from_ms = hb_clock_ms();
    struct hb_error err = { 0 };
    const struct hb_core_wish wish = {
        .depth = request->dump,
        .path = path,
        .compress = !request->plain,
        .size_max = request->dump_max,
        .disk_free = HB_DISK_FREE_LEAST,
        .redact = request->redact,
        .redact_count = request->redact_count,
        .environment = (const char *const *)environ,
        .blamed = i == 0 ? (pid_t)request->crashed : 0,
        .signal = i == 0 ? (int)request->signal : 0,
        .until_ms = until_ms,
    };
    struct hb_found_evidence evidence = {
        .pid = request->pids[i],
        .what = "dump",
        .status = HB_EVIDENCE_CAPTURED,
    };
    bool ok = name_file(request, i, path, sizeof(path))
                  ? dump(request, i, &wish, &evidence, &err)
                  : hb_fail(&err, HB_ERR_WRITE, 0,
                            "the name of the dump is "
                            "too long");

    evidence.duration_ms = hb_clock_ms() - from_ms;
    hb_look_tell(teller, &evidence, ok ? NULL : &err);
}

void hb_look_dump(const struct hb_request *request, uint64_t started_ms,
                  struct hb_teller *teller)
{
    uint64_t until_ms = 0;

    if (request->limit_ms > HB_TELL_WITHIN_MS) {
        until_ms = started_ms + request->limit_ms - HB_TELL_WITHIN_MS;
    }
    for (size_t i = 0;
         request->dump != HB_DUMP_NOTHING && i < request->pid_count; i++) {
        dump_one(request, i, until_ms, teller);
    }
}
