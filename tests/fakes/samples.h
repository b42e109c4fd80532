#pragma once

#include "core/result.h"
#include "report/junit.h"

/*
 * Runs that never were: results made by hand, with times, pids and paths that
 * do not change, for the reports' golden files. What they point at is static.
 */
struct sample {
    const char *name; /* of its golden files */
    struct hb_result result;
    struct hb_run_header header;
    struct hb_junit_output output;
    struct hb_case cases[8];
    struct hb_process_record processes[3];
    struct hb_thread_sample threads[3];
    char warnings[2][HB_TEXT_SIZE];
};

#define SAMPLE_COUNT 10u

/* Fills `*sample` with the sample of this number. It points into itself: do
 * not copy it. */
void sample_make(struct sample *sample, unsigned number);

/* Adds a case with no times and returns it. */
struct hb_case *sample_case(struct sample *sample, char *suite, char *name,
                            enum hb_case_status status);

/* An ordinary run on Linux that has no verdict yet. */
void sample_empty(struct sample *sample, const char *name);
