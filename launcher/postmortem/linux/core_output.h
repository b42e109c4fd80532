#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * The file that a core goes to. While it is written it has no name at all, so
 * that nothing is left of it whatever becomes of this program; where a file
 * system cannot do that, it is NAME.part.
 */
struct hb_core_output_spec {
    const char *path;  /* its name in the end; borrowed */
    bool compress;     /* zstd: frames that follow each other, with checksums */
    unsigned workers;  /* threads that compress beside the one that writes */
    uint64_t size_max; /* bytes on disk; 0: no bound */
    uint64_t disk_free; /* bytes that must stay free on the disk */
    bool named;         /* NAME.part in any case */
};

struct hb_core_output;

bool hb_core_output_open(const struct hb_core_output_spec *spec,
                         struct hb_core_output **out, struct hb_error *err);

bool hb_core_output_write(struct hb_core_output *output, const void *bytes,
                          size_t size, struct hb_error *err);

/* The same for zeros, which take no room on disk. */
bool hb_core_output_skip(struct hb_core_output *output, uint64_t size,
                         struct hb_error *err);

/* Writes bytes that begin on a page; pages of zeros are skipped. */
bool hb_core_output_pages(struct hb_core_output *output, const char *bytes,
                          size_t size, struct hb_error *err);

/* Ends a frame of the compressed file: what stands before can be read even if
 * the rest is lost. */
bool hb_core_output_cut(struct hb_core_output *output, struct hb_error *err);

/* Gives the file its name; a file that has it already is an error. */
bool hb_core_output_publish(struct hb_core_output *output, uint64_t *out_bytes,
                            struct hb_error *err);

/* Closes; what was not published is gone. NULL is fine. */
void hb_core_output_free(struct hb_core_output *output);
