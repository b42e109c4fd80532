#include <limits.h>
#include <unistd.h>

#include "base/text.h"
#include "os/clock.h"
#include "postmortem/linux/core_file.h"
#include "postmortem/linux/look_parts.h"

#define STOP_LIMIT_MS 500u

/* One round: a dump of each process. */
struct round {
    const struct hb_request *request;
    enum hb_dump_depth depth;
    const char *what; /* as evidence calls it */
    const char *mark; /* in the names of its files */
    uint64_t until_ms;
    uint64_t *taken; /* bytes, by all dumps so far */
};

static bool name_file(const struct round *round, size_t i, char *path,
                      size_t size)
{
    const struct hb_request *request = round->request;
    const char *folder = request->folder != NULL ? request->folder : ".";
    const char *end = request->plain ? "" : ".zst";

    return i == 0
               ? hb_text_format(path, size, "%s/core%s%s", folder, round->mark,
                                end)
               : hb_text_format(path, size, "%s/core.%u%s%s", folder,
                                (unsigned)request->pids[i], round->mark, end);
}

uint64_t hb_look_left_bytes(const struct hb_request *request, uint64_t taken)
{
    if (request->dump_max == 0) {
        return 0;
    }
    return request->dump_max > taken ? request->dump_max - taken : 1;
}

uint64_t hb_look_disk_free(const struct hb_request *request)
{
    return request->disk_free > HB_DISK_FREE_LEAST ? request->disk_free
                                                   : HB_DISK_FREE_LEAST;
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

static void dump_one(const struct round *round, size_t i,
                     struct hb_teller *teller)
{
    const struct hb_request *request = round->request;
    char path[PATH_MAX];
    uint64_t from_ms = hb_clock_ms();
    struct hb_error err = { 0 };
    const struct hb_core_wish wish = {
        .depth = round->depth,
        .path = path,
        .compress = !request->plain,
        .size_max = hb_look_left_bytes(request, *round->taken),
        .disk_free = hb_look_disk_free(request),
        .redact = request->redact,
        .redact_count = request->redact_count,
        .environment = (const char *const *)environ,
        .blamed = i == 0 ? (pid_t)request->crashed : 0,
        .signal = i == 0 ? (int)request->signal : 0,
        .until_ms = round->until_ms,
    };
    struct hb_found_evidence evidence = {
        .pid = request->pids[i],
        .what = round->what,
        .status = HB_EVIDENCE_CAPTURED,
    };
    bool ok = name_file(round, i, path, sizeof(path))
                  ? dump(request, i, &wish, &evidence, &err)
                  : hb_fail(&err, HB_ERR_WRITE, 0,
                            "the name of the dump is "
                            "too long");

    *round->taken += evidence.bytes;
    evidence.duration_ms = hb_clock_ms() - from_ms;
    hb_look_tell(teller, &evidence, ok ? NULL : &err);
}

static void dump_all(const struct round *round, struct hb_teller *teller)
{
    for (size_t i = 0; i < round->request->pid_count; i++) {
        dump_one(round, i, teller);
    }
}

void hb_look_dump(const struct hb_request *request, uint64_t started_ms,
                  struct hb_teller *teller)
{
    uint64_t taken = 0;
    struct round round = { .request = request,
                           .depth = request->dump,
                           .what = "dump",
                           .mark = "",
                           .taken = &taken };

    if (request->dump == HB_DUMP_NOTHING) {
        return;
    }
    if (request->limit_ms > HB_TELL_WITHIN_MS) {
        round.until_ms = started_ms + request->limit_ms - HB_TELL_WITHIN_MS;
    }
    if (request->dump == HB_DUMP_BOTH) {
        round.depth = HB_DUMP_SMALL;
    }
    dump_all(&round, teller);
    if (request->dump == HB_DUMP_BOTH) {
        round.depth = HB_DUMP_WHOLE;
        round.what = "full-dump";
        round.mark = ".full";
        dump_all(&round, teller);
    }
}
