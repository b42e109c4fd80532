#include "postmortem/look.h"

#include <windows.h>

#include "base/text.h"
#include "os/clock.h"
#include "postmortem/evidence.h"
#include "postmortem/windows/dead_dump.h"
#include "postmortem/windows/dump.h"
#include "postmortem/windows/subject.h"
#include "postmortem/windows/unwritten.h"
#include "postmortem/windows/walk_dump.h"

static void wait_until(uint64_t at_ms)
{
    uint64_t now_ms = hb_clock_ms();

    if (at_ms > now_ms) {
        (void)SleepEx((DWORD)(at_ms - now_ms), FALSE);
    }
}

static void tell_stacks(const struct hb_subject *subject,
                        struct hb_teller *teller)
{
    struct hb_found_evidence evidence = {
        .pid = subject->opened.pid,
        .what = "stacks",
        .status = HB_EVIDENCE_CAPTURED,
        .duration_ms = subject->duration_ms,
        .pause_us = subject->pause_us,
    };
    const struct hb_error *err = subject->failed        ? &subject->err
                                 : !subject->has_stacks ? &subject->stacks_err
                                                        : NULL;

    hb_evidence_tell(teller, &evidence, err);
}

static void tell_locks(const struct hb_subject *subject,
                       struct hb_teller *teller)
{
    struct hb_found_evidence evidence = {
        .pid = subject->opened.pid,
        .what = "locks",
        .status = HB_EVIDENCE_CAPTURED,
    };
    const struct hb_error *err = subject->failed        ? &subject->err
                                 : !subject->has_stacks ? &subject->stacks_err
                                                        : NULL;

    hb_evidence_tell(teller, &evidence, err);
}

static void look_at_stacks(const struct hb_request *request,
                           struct hb_subject *subjects,
                           struct hb_teller *teller)
{
    for (size_t i = 0; i < request->pid_count; i++) {
        hb_subject_sample(&subjects[i], 0, request->locks, teller);
        if (request->locks) {
            tell_locks(&subjects[i], teller);
        }
        hb_unwritten_tell(&subjects[i], teller);
    }
    for (size_t i = 0; i < request->pid_count; i++) {
        if (request->samples > 1 && subjects[i].has_stacks) {
            wait_until(subjects[i].taken_at_ms + request->gap_ms);
            hb_subject_sample(&subjects[i], 1, false, teller);
        }
        if (request->stacks) {
            tell_stacks(&subjects[i], teller);
        }
        hb_modules_tell_rest(&subjects[i].modules, teller);
    }
}

/* One round: a dump of each process. */
struct round {
    const struct hb_request *request;
    enum hb_dump_depth depth;
    const char *what; /* as evidence calls it */
    const char *mark; /* in the names of its files */
    uint64_t until_ms;
    uint64_t *taken; /* bytes, by all dumps so far */
};

/* "dump.dmp" for the test program itself, "dump.PID.dmp" for the others. */
static void dump_path(const struct round *round, size_t i, char *target,
                      size_t size)
{
    const struct hb_request *request = round->request;

    if (i == 0) {
        (void)hb_text_format(target, size, "%s/dump%s.dmp", request->folder,
                             round->mark);
    } else {
        (void)hb_text_format(target, size, "%s/dump.%lu%s.dmp", request->folder,
                             (unsigned long)request->pids[i], round->mark);
    }
}

/* What is left of the bytes that all dumps may take. Nothing left is 1: 0 would
 * be no bound. */
static uint64_t left_bytes(const struct round *round)
{
    uint64_t most = round->request->dump_max;

    if (most == 0) {
        return 0;
    }
    return most > *round->taken ? most - *round->taken : 1;
}

static void look_at_dump(const struct round *round,
                         const struct hb_subject *subject, const char *path,
                         struct hb_teller *teller)
{
    const struct hb_request *request = round->request;
    struct hb_dump_wish wish = { .depth = round->depth,
                                 .path = path,
                                 .size_max = left_bytes(round),
                                 .redact = request->redact,
                                 .redact_count = request->redact_count,
                                 .crashed = subject->crashed.tid,
                                 .pointers = subject->crashed.pointers,
                                 .until_ms = round->until_ms };
    struct hb_dump_made made = { 0 };
    struct hb_error err = subject->err;
    uint64_t from_ns = hb_clock_ns();
    bool ok =
        !subject->failed && hb_dump_write(&subject->opened, &wish, &made, &err);
    uint64_t took_ns = hb_clock_ns() - from_ns;
    struct hb_found_evidence evidence = {
        .pid = subject->opened.pid,
        .what = round->what,
        .status = HB_EVIDENCE_CAPTURED,
        .path = ok ? path : NULL,
        .bytes = made.bytes,
        .duration_ms = took_ns / 1000000u,
        .pause_us = ok ? made.pause_us : took_ns / 1000u,
    };

    *round->taken += ok ? made.bytes : 0;
    if (made.tried.is_less) {
        evidence.reason = "less than was asked for: more could not be written";
    }
    hb_evidence_tell(teller, &evidence, ok ? NULL : &err);
}

static void dump_all(const struct round *round,
                     const struct hb_subject *subjects,
                     struct hb_teller *teller)
{
    char path[HB_PATH_SIZE * 2];

    for (size_t i = 0; i < round->request->pid_count; i++) {
        dump_path(round, i, path, sizeof(path));
        look_at_dump(round, &subjects[i], path, teller);
    }
}

static void look_at_dumps(const struct hb_request *request,
                          const struct hb_subject *subjects,
                          uint64_t started_ms, struct hb_teller *teller)
{
    uint64_t limit_ms = request->limit_ms;
    uint64_t taken = 0;
    struct round round = { .request = request,
                           .depth = request->dump,
                           .what = "dump",
                           .mark = "",
                           .until_ms = UINT64_MAX,
                           .taken = &taken };

    if (limit_ms > 0) { /* this program ends itself then; it has to tell yet */
        round.until_ms = started_ms + limit_ms - limit_ms / 10;
    }
    if (request->dump == HB_DUMP_BOTH) {
        round.depth = HB_DUMP_SMALL;
    }
    dump_all(&round, subjects, teller);
    if (request->dump == HB_DUMP_BOTH) {
        round.depth = HB_DUMP_WHOLE;
        round.what = "full-dump";
        round.mark = ".full";
        dump_all(&round, subjects, teller);
    }
}

bool hb_look(const struct hb_request *request, struct hb_teller *teller,
             struct hb_error *err)
{
    static struct hb_subject subjects[HB_REQUEST_PIDS_MAX];

    uint64_t started_ms = hb_clock_ms();

    (void)err; /* all that goes wrong here is told as evidence */
    if (request->file != NULL) {
        hb_look_minidump(request, hb_windows_dump_walker(), teller);
        return true;
    }
    if (request->dead.pid != 0) {
        hb_look_dead(request, teller);
        return true;
    }
    for (size_t i = 0; i < request->pid_count; i++) {
        hb_subject_open(&subjects[i], request->pids[i]);
        if (i == 0) {
            hb_subject_crashed(&subjects[i], request->crashed,
                               request->exception);
        }
    }
    if (request->stacks || request->locks) {
        look_at_stacks(request, subjects, teller);
    }
    if (request->dump != HB_DUMP_NOTHING && request->folder != NULL) {
        look_at_dumps(request, subjects, started_ms, teller);
    }
    for (size_t i = 0; i < request->pid_count; i++) {
        hb_subject_close(&subjects[i]);
    }
    return true;
}
