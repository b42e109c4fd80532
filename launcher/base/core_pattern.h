#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What /proc/sys/kernel/core_pattern says, as the kernel reads it (core(5)):
 * where a core of a process goes, and under which name.
 */
#define HB_CORE_PATTERN_SIZE 256u

enum hb_core_way {
    HB_CORE_NOWHERE = 0, /* the pattern is empty */
    HB_CORE_FILE,
    HB_CORE_PIPE,   /* "|PROGRAM ARGUMENT...": a program reads it */
    HB_CORE_SOCKET, /* "@PATH", "@@PATH": a server reads it (since 6.16) */
};

struct hb_core_pattern {
    enum hb_core_way way;
    char text[HB_CORE_PATTERN_SIZE]; /* without what marks the way */
};

/* Of the text of core_pattern and the number in core_uses_pid. A pattern that
 * is longer than the kernel takes is cut. */
void hb_core_pattern_read(const char *text, size_t size, bool uses_pid,
                          struct hb_core_pattern *out_pattern);

/* What is known of a process that dumped. What is not fits everything. */
struct hb_core_facts {
    uint32_t pid;      /* 0: not known */
    uint32_t signal;   /* 0: not known */
    const char *host;  /* NULL: not known */
    const char *image; /* base name of its program; NULL: not known */
};

/* The folder of a pattern for files: empty where it is the working folder of
 * the process. False if it is named after something that is not known. */
bool hb_core_pattern_folder(const struct hb_core_pattern *pattern,
                            const struct hb_core_facts *facts, char *target,
                            size_t size);

/* True if a core of that process may have the name, which has no folder. */
bool hb_core_pattern_fits(const struct hb_core_pattern *pattern,
                          const struct hb_core_facts *facts, const char *name);

/* The name of a file that is the same for every process; NULL if there is
 * none such. Borrowed from the pattern. */
const char *hb_core_pattern_only_name(const struct hb_core_pattern *pattern);

/* The program of a pipe. */
bool hb_core_pattern_program(const struct hb_core_pattern *pattern,
                             char *target, size_t size);
