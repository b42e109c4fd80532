#include <string.h>

#include "base/text.h"
#include "os/clock.h"
#include "postmortem/linux/core_file.h"
#include "postmortem/linux/look_parts.h"
#include "postmortem/linux/target.h"

#define STOP_LIMIT_MS 500u

/* What is left of the limit for the last lines. */
#define RESERVE_MS 250u

#define NAME_SIZE 40
#define PATH_SIZE 4096

static void let_go_on(void *target)
{
    hb_target_go_on(target);
}

/* "core.zst" of the first process, "core.PID.zst" of others; without
 * compression there is no ending. */
static void name_dump(const struct hb_request *request, size_t i,
                      char name[NAME_SIZE])
{
    const char *ending = request->plain ? "" : ".zst";

    if (i == 0) {
        (void)hb_text_format(name, NAME_SIZE, "core%s", ending);
    } else {
        (void)hb_text_format(name, NAME_SIZE, "core.%u%s", request->pids[i],
                             ending);
    }
}

static bool write_dump(const struct hb_request *request, const char *name,
                       uint64_t until_ms, struct hb_target *target,
                       struct hb_found_evidence *evidence, struct hb_error *err)
{
    char path[PATH_SIZE];
    struct hb_core_made made = { 0 };

    if (!hb_text_format(path, sizeof(path), "%s/%s", request->folder, name)) {
        return hb_fail(err, HB_ERR_WRITE, 0, "the folder's name is too long");
    }
    const struct hb_core_wish wish = {
        .depth = request->dump,
        .path = path,
        .compress = !request->plain,
        .size_max = request->dump_max,
        .redact = request->redact,
        .redact_count = request->redact_count,
        .until_ms = until_ms,
        .read_all = let_go_on,
        .context = target,
    };
    bool ok = hb_core_write(target, &wish, &made, err);
    hb_target_go_on(target);
    evidence->pause_us = hb_target_pause_us(target);
    if (ok) {
        evidence->path = name;
        evidence->bytes = made.bytes;
    }
    return ok;
}

static void dump(const struct hb_request *request, size_t i, uint64_t until_ms,
                 struct hb_teller *teller)
{
    struct hb_target *target = NULL;
    struct hb_error err = { 0 };
    uint64_t from_ms = hb_clock_ms();
    char name[NAME_SIZE];
    struct hb_found_evidence evidence = { .pid = request->pids[i],
                                          .what = "dump",
                                          .status = HB_EVIDENCE_CAPTURED };

    name_dump(request, i, name);
    bool ok =
        hb_target_stop((pid_t)request->pids[i], STOP_LIMIT_MS, &target, &err) &&
        write_dump(request, name, until_ms, target, &evidence, &err);
    hb_target_release(target);
    evidence.duration_ms = hb_clock_ms() - from_ms;
    hb_look_tell(teller, &evidence, ok ? NULL : &err);
}

void hb_look_dump(const struct hb_request *request, uint64_t started_ms,
                  struct hb_teller *teller)
{
    uint64_t until_ms = UINT64_MAX;

    if (request->limit_ms > 0) {
        until_ms = started_ms + request->limit_ms;
        until_ms -= request->limit_ms > RESERVE_MS ? RESERVE_MS : 0;
    }
    for (size_t i = 0;
         request->dump != HB_DUMP_NOTHING && i < request->pid_count; i++) {
        dump(request, i, until_ms, teller);
    }
}
