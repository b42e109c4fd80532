#include "postmortem/look.h"

#include <windows.h>

#include "os/clock.h"
#include "postmortem/evidence.h"
#include "postmortem/windows/subject.h"

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

bool hb_look(const struct hb_request *request, struct hb_teller *teller,
             struct hb_error *err)
{
    static struct hb_subject subjects[HB_REQUEST_PIDS_MAX];

    (void)err; /* all that goes wrong here is told as evidence */
    for (size_t i = 0; i < request->pid_count; i++) {
        hb_subject_open(&subjects[i], request->pids[i]);
    }
    if (request->stacks || request->locks) {
        look_at_stacks(request, subjects, teller);
    }
    for (size_t i = 0; i < request->pid_count; i++) {
        hb_subject_close(&subjects[i]);
    }
    return true;
}
