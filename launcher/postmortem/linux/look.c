#include "postmortem/look.h"

#include <errno.h>
#include <time.h>

#include "os/clock.h"
#include "postmortem/dump_file.h"
#include "postmortem/evidence.h"
#include "postmortem/linux/locks.h"
#include "postmortem/linux/look_parts.h"
#include "postmortem/linux/step.h"
#include "postmortem/linux/target.h"
#include "postmortem/linux/unwind.h"
#include "postmortem/linux/unwritten.h"

/* A thread that does not stop by then waits in the kernel, uninterruptibly. */
#define STOP_LIMIT_MS 500u

/* A living process that is looked at, and what became of that. */
struct subject {
    struct hb_unwinder *unwinder;
    uint64_t taken_at_ms; /* the first sample */
    uint64_t duration_ms;
    uint64_t pause_us; /* the longest */
    struct hb_error err;
    uint32_t pid;
    uint32_t crashed; /* thread that is in a crash handler; 0: none */
    bool failed;      /* of `err`; what came before it is told all the same */
};

void hb_look_tell(struct hb_teller *teller,
                  const struct hb_found_evidence *evidence,
                  const struct hb_error *err)
{
    struct hb_error gone;

    if (err != NULL && err->os_code == ESRCH) {
        gone = *err;
        gone.code = HB_ERR_NOT_FOUND;
        err = &gone;
    }
    hb_evidence_tell(teller, evidence, err);
}

static void wait_until(uint64_t at_ms)
{
    uint64_t now_ms = hb_clock_ms();
    uint64_t rest_ms = at_ms > now_ms ? at_ms - now_ms : 0;
    struct timespec rest = { (time_t)(rest_ms / 1000u),
                             (long)(rest_ms % 1000u) * 1000000 };

    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &rest, &rest) == EINTR) {
    }
}

/* The stop itself. Nothing that can wait for anything happens in it. */
static bool copy(struct subject *subject)
{
    struct hb_target *target = NULL;

    if (!hb_unwinder_prepare(subject->unwinder, &subject->err) ||
        !hb_target_stop((pid_t)subject->pid, STOP_LIMIT_MS, &target,
                        &subject->err)) {
        return false;
    }
    bool ok = hb_unwinder_copy(subject->unwinder, target, &subject->err);
    hb_target_go_on(target);
    uint64_t pause_us = hb_target_pause_us(target);
    if (pause_us > subject->pause_us) {
        subject->pause_us = pause_us;
    }
    hb_target_release(target);
    return ok;
}

/* What may not be listed may not be stopped either, and the one who stops can
 * say which right is missing. */
static void explain(struct subject *subject)
{
    struct hb_target *target = NULL;

    if ((subject->err.os_code == EACCES || subject->err.os_code == EPERM) &&
        hb_target_stop((pid_t)subject->pid, STOP_LIMIT_MS, &target,
                       &subject->err)) {
        hb_target_release(target);
    }
}

static bool open_subject(struct subject *subject)
{
    if (hb_unwinder_of_process((pid_t)subject->pid, &subject->unwinder,
                               &subject->err)) {
        return true;
    }
    explain(subject);
    return false;
}

static void take_sample(struct subject *subject, uint32_t sample,
                        struct hb_teller *teller)
{
    uint64_t from_ms = hb_clock_ms();

    if (subject->failed) {
        return;
    }
    if (sample == 0) {
        subject->failed = !open_subject(subject);
    }
    if (sample == 0 && !subject->failed) {
        hb_unwinder_crashed(subject->unwinder, subject->crashed);
    }
    subject->failed = subject->failed || !copy(subject);
    if (sample == 0) {
        subject->taken_at_ms = hb_clock_ms();
    }
    if (!subject->failed) {
        (void)hb_unwinder_tell(subject->unwinder, sample, teller);
    }
    if (!subject->failed && sample == 0) {
        hb_unwritten_tell(subject->unwinder, teller);
    }
    subject->duration_ms += hb_clock_ms() - from_ms;
}

static void tell_stacks(struct subject *subject, struct hb_teller *teller)
{
    struct hb_found_evidence evidence = {
        .pid = subject->pid,
        .what = "stacks",
        .status = HB_EVIDENCE_CAPTURED,
        .duration_ms = subject->duration_ms,
        .pause_us = subject->pause_us,
    };

    hb_look_tell(teller, &evidence, subject->failed ? &subject->err : NULL);
    hb_step_note();
}

static void look_at_locks(const struct hb_request *request,
                          struct hb_teller *teller)
{
    for (size_t i = 0; i < request->pid_count; i++) {
        struct hb_error err = { 0 };
        uint64_t from_ms = hb_clock_ms();
        bool ok = hb_locks_tell(request->pids[i], teller, &err);
        struct hb_found_evidence evidence = {
            .pid = request->pids[i],
            .what = "locks",
            .status = HB_EVIDENCE_CAPTURED,
            .duration_ms = hb_clock_ms() - from_ms,
        };

        hb_look_tell(teller, &evidence, ok ? NULL : &err);
    }
}

static void look_at_stacks(const struct hb_request *request,
                           struct subject *subjects, struct hb_teller *teller)
{
    for (size_t i = 0; i < request->pid_count; i++) {
        subjects[i] = (struct subject){ .pid = request->pids[i],
                                        .crashed = request->crashed };
        take_sample(&subjects[i], 0, teller);
    }
    if (request->locks) { /* takes no time off the gap */
        look_at_locks(request, teller);
    }
    for (size_t i = 0; i < request->pid_count; i++) {
        if (request->samples > 1 && !subjects[i].failed) {
            wait_until(subjects[i].taken_at_ms + request->gap_ms);
            take_sample(&subjects[i], 1, teller);
        }
        tell_stacks(&subjects[i], teller);
        hb_unwinder_free(subjects[i].unwinder);
    }
}

struct stacks_step {
    const struct hb_request *request;
    struct subject *subjects;
    struct hb_teller *teller;
};

static void do_stacks(void *context)
{
    struct stacks_step *step = context;

    look_at_stacks(step->request, step->subjects, step->teller);
}

/* Where a dump is to follow, it does whatever becomes of the stacks. */
static void look_at_stacks_apart(const struct hb_request *request,
                                 struct subject *subjects,
                                 struct hb_teller *teller)
{
    struct stacks_step step = { request, subjects, teller };
    struct hb_error err = { 0 };
    uint32_t told = 0;
    bool ok = hb_step_run(do_stacks, &step, request->limit_ms / 2, &told, &err);

    for (uint32_t i = told; !ok && i < request->pid_count; i++) {
        const struct hb_found_evidence evidence = { .pid = request->pids[i],
                                                    .what = "stacks" };

        hb_look_tell(teller, &evidence, &err);
    }
}

void hb_look_core(const char *path, uint32_t pid, struct hb_teller *teller)
{
    struct hb_unwinder *unwinder = NULL;
    struct hb_error err = { 0 };
    uint64_t from_ms = hb_clock_ms();
    bool ok = hb_unwinder_of_file(path, &unwinder, &err);

    if (ok && hb_unwinder_tell(unwinder, 0, teller) == 0) {
        ok = hb_fail(&err, HB_ERR_READ, 0, "no thread is in '%s'", path);
    }
    if (ok) {
        hb_unwritten_tell(unwinder, teller);
    }
    hb_unwinder_free(unwinder);
    struct hb_found_evidence evidence = {
        .pid = pid,
        .what = "stacks",
        .status = HB_EVIDENCE_CAPTURED,
        .duration_ms = hb_clock_ms() - from_ms,
    };
    hb_look_tell(teller, &evidence, ok ? NULL : &err);
}

bool hb_look(const struct hb_request *request, struct hb_teller *teller,
             struct hb_error *err)
{
    static struct subject subjects[HB_REQUEST_PIDS_MAX];
    uint64_t started_ms = hb_clock_ms();

    (void)err; /* all that goes wrong here is told as evidence */
    if (request->file != NULL && hb_is_minidump(request->file)) {
        hb_look_minidump(request, NULL, teller);
        return true;
    }
    if (request->file != NULL) {
        hb_look_core(request->file, 0, teller);
        return true;
    }
    if (request->dead.pid != 0) {
        hb_look_dead(request, started_ms, teller);
        return true;
    }
    if (request->stacks && request->dump != HB_DUMP_NOTHING) {
        look_at_stacks_apart(request, subjects, teller);
    } else if (request->stacks) {
        look_at_stacks(request, subjects, teller);
    } else if (request->locks) {
        look_at_locks(request, teller);
    }
    hb_look_dump(request, started_ms, teller);
    return true;
}
