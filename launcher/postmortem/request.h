#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * What `hbtest-postmortem` is asked for, as its command line says it. Only
 * the launcher calls the program, so there are no short forms; a wrong line is
 * still refused in words.
 *
 *     hbtest-postmortem --pid 4711 --pid 4712 --stacks --locks --samples 2
 *         --gap-ms 200 --dump mini --folder DIR --limit-ms 10000
 *     hbtest-postmortem --file core.zst --stacks --limit-ms 10000
 *     hbtest-postmortem --dead 4711 --flagged --since-ns N
 *         --core-folder DIR --stacks --dump mini --folder DIR
 */
enum hb_dump_depth {
    HB_DUMP_NOTHING = 0,
    HB_DUMP_SMALL, /* "mini": enough for a debugger to print every stack */
    HB_DUMP_BOTH,  /* "both": a small one of each process first, and then the
                      full ones, beside them and as far as they fit */
    HB_DUMP_WHOLE, /* "full": all memory that the system's filter keeps */
};

#define HB_REQUEST_PIDS_MAX 64u
#define HB_REQUEST_PATTERNS_MAX 64u
#define HB_REQUEST_FOLDERS_MAX 2u

/* A test program that has ended, of which and of whose tree the system may
 * have written cores (Linux). */
struct hb_request_dead {
    uint32_t pid;      /* also of its process group; 0: none is asked for */
    bool flagged;      /* the system says that it dumped a core of it */
    bool stays;        /* cores are not ours to move */
    uint64_t since_ns; /* wall clock: what is older is of others */
    const char *folders[HB_REQUEST_FOLDERS_MAX]; /* that it worked in */
    size_t folder_count;
};

struct hb_request {
    uint32_t pids[HB_REQUEST_PIDS_MAX]; /* living processes, the test program
                                           itself first */
    size_t pid_count;
    uint32_t crashed;   /* this thread of them is in a crash handler: its stack
                           is told from the fault on; 0: none */
    uint64_t exception; /* Windows: where it has its EXCEPTION_POINTERS, which
                           its dump then tells of; 0: nowhere */
    uint32_t signal;    /* Linux: that it is dying of; 0: not known */
    const char *file;   /* a core file or a minidump instead; NULL: none */
    struct hb_request_dead dead;
    bool stacks;
    bool locks;
    uint32_t samples; /* of the stacks: 1, or 2 to tell who moved */
    uint32_t gap_ms;  /* between them */
    enum hb_dump_depth dump;
    const char *folder; /* where dumps go; they get their final name when
                           they are whole: core.zst or dump.dmp for the first
                           process, core.PID.zst, dump.PID.dmp for others */
    bool plain;         /* Linux: do not compress the core, and name it without
                           the ".zst" */
    uint64_t dump_max;  /* bytes that all dumps may take; 0: no bound */
    uint64_t disk_free; /* bytes of the disk that must stay free (Linux) */
    const char *redact[HB_REQUEST_PATTERNS_MAX]; /* names of environment
                                    variables whose values are blanked */
    size_t redact_count;
    uint64_t limit_ms; /* the program ends itself then with what it has */
};

/* Reads the command line. Texts are borrowed from `argv`. */
bool hb_request_read(int argc, char *const *argv,
                     struct hb_request *out_request, struct hb_error *err);
