#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "os/linux/pass.h"
#include "os/process.h"

#define HB_OUTPUT_SIZE ((size_t)128 * 1024)

/*
 * One stream of the test program: a pipe that we read, passed on to our own
 * stream. At most one buffer is under way; while our reader does not take it,
 * nothing more is read and the test's pipe fills, as if it wrote there.
 */
struct hb_output {
    int fd;       /* our end of the test's pipe; -1 once closed */
    int test_end; /* the other end, until the program has it; -1 */
    struct hb_pass pass;
    bool blocked;           /* wait for our reader instead of the test */
    uint64_t blocked_at_ms; /* since when */
    uint64_t blocked_ms;    /* before that */
    bool flood;             /* the last reads were large: tee(2) saves a copy */
    bool grown;             /* the pipe was made larger */
    bool dropped;           /* read no more than `quota`, and wait for nobody */
    size_t quota;    /* bytes that were in the pipe when it was dropped */
    bool tell_gone;  /* READER_GONE is next */
    bool told_error; /* of `pass` */
    size_t from;     /* of `buffer`: what is read and not passed on */
    size_t to;
    char *backlog; /* dropped, and our reader has not taken it yet */
    size_t backlog_size;
    char buffer[HB_OUTPUT_SIZE];
};

enum hb_output_news {
    HB_OUTPUT_NOTHING, /* wait for `fd`, or for our reader if `blocked` */
    HB_OUTPUT_BYTES,
    HB_OUTPUT_ENDED,
    HB_OUTPUT_READER_GONE,
    HB_OUTPUT_NOT_PASSED, /* `pass.error` says why; once */
};

/* Makes the pipe. False with errno set. */
bool hb_output_open(struct hb_output *output, int stream);

/* Does what can be done now. `*out_bytes` points into the buffer. */
enum hb_output_news hb_output_step(struct hb_output *output,
                                   const char **out_bytes, size_t *out_size);

struct hb_output_state hb_output_state(const struct hb_output *output);

/* True if a process may still write into the pipe. */
bool hb_output_has_writer(const struct hb_output *output);

/* From now on only what is already in the pipe, passed on as far as our
 * reader takes it at once; the rest waits for hb_output_close(). */
void hb_output_drop(struct hb_output *output);

/* Closes our end: the test then sees what a gone reader looks like. */
void hb_output_shut(struct hb_output *output);

/* Passes on what is left, patiently, and closes everything. Twice is fine. */
void hb_output_close(struct hb_output *output);
