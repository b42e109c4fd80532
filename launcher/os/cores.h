#pragma once

#include "os/process.h"

/*
 * Cores that the system itself writes of the test. On Linux a process asked
 * for with `cores` gets the highest limit on their size that it may have, and
 * that the disk has room for. Where they go is the system's setting, which is
 * never changed. On Windows error reporting is asked for dumps of the program
 * into a folder of ours, if that may be, until the process ends.
 */
struct hb_core_trace {
    bool died;    /* of a signal that leaves a core */
    bool flagged; /* the system says that it dumped one: no proof of a file */
    bool raised;  /* the limit was raised by us, and cores are ours to move */
    bool found;   /* a file lies where a core of the tree would */
    bool limit_known;
    uint64_t limit;         /* on the size of its core, as it died */
    uint64_t since_ns;      /* wall clock, just before the start */
    const char *why_not;    /* there is none, as far as is known; NULL. Borrowed
                               from the process */
    const char *folders[2]; /* its working folders, as far as they were seen;
                               NULL: none. Borrowed from the process */
    size_t folder_count;
};

/* After the end. Nothing is set where the system writes no cores. */
void hb_process_cores(struct hb_process *process,
                      struct hb_core_trace *out_trace);

/* A dump of this process was taken: the system need not write another, if it
 * was us who let it. */
void hb_process_spare_core(struct hb_process *process, uint32_t pid);
