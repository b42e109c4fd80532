#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "postmortem/request.h"
#include "postmortem/tell.h"
#include "postmortem/windows/modules.h"
#include "postmortem/windows/opened.h"
#include "postmortem/windows/session.h"
#include "postmortem/windows/taken.h"

/* What is remembered of a thread's first sample, for the second. */
struct hb_trace {
    uint32_t tid;
    uint64_t stack; /* hash of its addresses and registers */
    uint64_t cpu_us;
};

/* Of the thread that died, and stands in a handler; `tid` 0: none did. */
struct hb_crashed {
    uint32_t tid;
    uint64_t pointers; /* EXCEPTION_POINTERS, in the process; 0: nowhere that
                          can be read */
    bool has_context;
    CONTEXT context; /* of the fault */
};

/* A living process that is looked at, and what became of that. */
struct hb_subject {
    struct hb_opened opened; /* `process` is NULL if `failed` */
    struct hb_crashed crashed;
    bool failed; /* cannot be looked at at all, of `err` */
    struct hb_error err;
    bool has_stacks;
    struct hb_error stacks_err; /* if not */
    struct hb_modules modules;
    struct hb_session session;
    struct hb_trace *traces;
    size_t trace_count;
    uint64_t taken_at_ms; /* the first sample */
    uint64_t duration_ms;
    uint64_t pause_us;        /* the longest */
    struct hb_error lock_err; /* of the locks */
};

void hb_subject_open(struct hb_subject *subject, uint32_t pid);

/* Says that this thread of it died: its stack is then told from the fault on.
 * `pointers` are believed only if they can be read. */
void hb_subject_crashed(struct hb_subject *subject, uint32_t tid,
                        uint64_t pointers);
void hb_subject_close(struct hb_subject *subject);

/* Takes the sample and tells its threads, with modules before them; with
 * `locks`, what they wait for too. */
void hb_subject_sample(struct hb_subject *subject, uint32_t sample, bool locks,
                       struct hb_teller *teller);
