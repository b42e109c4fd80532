#include <string.h>

#include "report/stacks.h"
#include "run/look_parts.h"

static void tell_evidence(struct hb_watch *watch,
                          const struct hb_evidence *evidence)
{
    struct hb_observation seen = {
        .kind = HB_OBS_EVIDENCE,
        .at_ms = hb_watch_now_ms(watch),
        .evidence = evidence,
    };

    hb_funnel_tell(&watch->funnel, &seen);
}

/* Of what was wanted and nobody told of. */
static void tell_missing(struct hb_watch *watch, bool wanted, const char *kind,
                         const char *why)
{
    struct hb_evidence evidence = { .status = HB_EVIDENCE_FAILED };

    if (!wanted || hb_watch_has_evidence(watch, kind)) {
        return;
    }
    (void)hb_text_copy(evidence.kind, sizeof(evidence.kind), kind);
    (void)hb_text_copy(evidence.reason, sizeof(evidence.reason), why);
    tell_evidence(watch, &evidence);
}

void hb_look_tell_missing(struct hb_watch *watch, const char *why)
{
    bool full = watch->look.wants_dump && !watch->look.of_dead &&
                watch->settings->options.dump == HB_DUMP_FULL;

    tell_missing(watch, watch->look.wants_stacks, "stacks", why);
    tell_missing(watch, watch->look.wants_dump, "dump", why);
    tell_missing(watch, full, "full-dump", why);
}

static void tell_so(struct hb_watch *watch, const char *kind, const char *text)
{
    struct hb_evidence evidence = { .status = HB_EVIDENCE_SKIPPED };

    (void)hb_text_copy(evidence.kind, sizeof(evidence.kind), kind);
    (void)hb_text_copy(evidence.reason, sizeof(evidence.reason), text);
    tell_evidence(watch, &evidence);
}

void hb_look_tell_grant(struct hb_watch *watch)
{
    const struct hb_grant *grant = &watch->look.grant;
    char text[160];

    if (grant->removed_count > 0) {
        (void)hb_text_format(
            text, sizeof(text),
            "%u of %llu KiB were removed for --dump-budget: their signatures "
            "have newer ones",
            grant->removed_count,
            (unsigned long long)(grant->removed_bytes >> 10));
        tell_so(watch, "older-dumps", text);
    }
}

void hb_look_tell_skipped(struct hb_watch *watch, const char *why)
{
    tell_so(watch, "dump", why);
}

/* A dump that is told of and is not there was not taken. */
static void check_file(struct hb_watch *watch, struct hb_evidence *evidence)
{
    char path[HB_PATH_SIZE];

    if (evidence->path[0] == '\0') {
        return;
    }
    hb_artifacts_path(&watch->artifacts, evidence->path, path);
    if (evidence->status == HB_EVIDENCE_CAPTURED && !hb_file_exists(path)) {
        evidence->status = HB_EVIDENCE_FAILED;
        (void)hb_text_format(evidence->reason, sizeof(evidence->reason),
                             "'%s' was told of and is not there",
                             evidence->path);
        evidence->path[0] = '\0';
    }
}

void hb_look_take_evidence(struct hb_watch *watch, struct hb_evidence *evidence)
{
    struct hb_look *look = &watch->look;

    if (evidence->status != HB_EVIDENCE_CAPTURED &&
        evidence->reason[0] == '\0') {
        (void)hb_text_copy(evidence->reason, sizeof(evidence->reason),
                           "not said");
    }
    if (strcmp(evidence->kind, "stacks") == 0 &&
        look->held_count < HB_LOOK_HELD_MAX) {
        evidence->path[0] = '\0';
        look->held[look->held_count++] = *evidence;
        return;
    }
    check_file(watch, evidence);
    tell_evidence(watch, evidence);
}

static bool write_stacks(struct hb_watch *watch, uint64_t *out_size,
                         struct hb_error *err)
{
    struct hb_buffer text = { 0 };
    char path[HB_PATH_SIZE];
    bool ok;

    hb_stacks_write(&watch->funnel.result, &text);
    hb_artifacts_path(&watch->artifacts, "stacks.txt", path);
    ok = text.failed
             ? hb_fail(err, HB_ERR_INTERNAL, 0, "no memory for 'stacks.txt'")
             : hb_file_replace(path, text.bytes, text.size, err);
    *out_size = text.size;
    hb_buffer_free(&text);
    return ok;
}

/* stacks.txt holds what all processes told, also if some told nothing. */
void hb_look_tell_stacks(struct hb_watch *watch)
{
    struct hb_look *look = &watch->look;
    struct hb_error err = { 0 };
    char why[HB_REASON_SIZE] = "";
    uint64_t size = 0;
    bool any = watch->funnel.result.finds.stack_count > 0;
    bool written = any && write_stacks(watch, &size, &err);

    if (any && !written) {
        hb_reason_say(&err, why, sizeof(why));
        hb_watch_warn(watch, "", &err);
    }
    if (any && look->held_count == 0) { /* killed before it could say so */
        struct hb_evidence *made = &look->held[look->held_count++];

        *made = (struct hb_evidence){ .kind = "stacks" };
    }
    for (unsigned i = 0; i < look->held_count; i++) {
        struct hb_evidence *evidence = &look->held[i];

        if (evidence->status == HB_EVIDENCE_CAPTURED && written) {
            (void)hb_text_copy(evidence->path, sizeof(evidence->path),
                               "stacks.txt");
            evidence->bytes = size;
        } else if (evidence->status == HB_EVIDENCE_CAPTURED) {
            evidence->status = HB_EVIDENCE_FAILED;
            (void)hb_text_copy(evidence->reason, sizeof(evidence->reason),
                               any ? why : "no thread was told of");
        }
        tell_evidence(watch, evidence);
    }
}

/* Whoever was killed while it wrote a dump has left a part of it. */
void hb_look_remove_parts(struct hb_watch *watch)
{
    static const struct {
        const char *name;
        const char *ending;
    } dumps[] = { { "core", "zst" },
                  { "core", "full.zst" },
                  { "dump", "dmp" },
                  { "dump", "full.dmp" } };
    const struct hb_look *look = &watch->look;
    char path[HB_PATH_SIZE];
    char file[64];

    for (size_t i = 0; i < look->pid_count; i++) {
        char pid[16] = "";

        if (i > 0) {
            (void)hb_text_format(pid, sizeof(pid), ".%u",
                                 (unsigned)look->pids[i]);
        }
        for (size_t k = 0; k < sizeof(dumps) / sizeof(dumps[0]); k++) {
            (void)hb_text_format(file, sizeof(file), "%s%s.%s.part",
                                 dumps[k].name, pid, dumps[k].ending);
            hb_artifacts_path(&watch->artifacts, file, path);
            hb_file_remove(path);
        }
    }
}
