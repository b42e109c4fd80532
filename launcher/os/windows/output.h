#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <windows.h>

#include "os/process.h"
#include "os/windows/pass.h"

#define HB_OUTPUT_SIZE (64u * 1024u)

/*
 * One stream of the test program: a pipe that we read, passed on to our own
 * stream. At most one buffer is under way; while our reader does not take it,
 * nothing more is read and the test's pipe fills, as if it wrote there.
 *
 * The buffer goes round: read, passed on, told.
 */
struct hb_output {
    HANDLE pipe;     /* our end; NULL once closed */
    HANDLE test_end; /* until the program has it; NULL */
    ULONG_PTR key;   /* of reads on the port */
    OVERLAPPED read;
    struct hb_pass pass;
    bool reading;           /* the system fills the buffer */
    bool passing;           /* the writer has it */
    bool told;              /* dropped: told before it was passed on */
    bool full;              /* BYTES is next */
    bool tell_gone;         /* READER_GONE is next */
    bool told_error;        /* of `pass` */
    bool tell_end;          /* ENDED is next */
    uint64_t passing_at_ms; /* since when the writer has it */
    uint64_t passing_ms;    /* how long it had it before */
    bool dropped;  /* read no more than what is there, and wait for nobody */
    size_t size;   /* of what is in the buffer */
    char *backlog; /* dropped, and not passed on yet */
    size_t backlog_size;
    char buffer[HB_OUTPUT_SIZE];
};

enum hb_output_news {
    HB_OUTPUT_NOTHING, /* wait for a packet */
    HB_OUTPUT_BYTES,
    HB_OUTPUT_ENDED,
    HB_OUTPUT_READER_GONE,
    HB_OUTPUT_NOT_PASSED, /* `pass.error` says why; once */
};

/* The keys of one stream's packets on a port. */
struct hb_output_keys {
    ULONG_PTR read;
    ULONG_PTR pass;
};

/* Makes the pipe; `stream` is STD_OUTPUT_HANDLE or STD_ERROR_HANDLE. False
 * with the last error set. */
bool hb_output_open(struct hb_output *output, DWORD stream, HANDLE port,
                    struct hb_output_keys keys);

/* Does what can be done now. `*out_bytes` holds until the next call. */
enum hb_output_news hb_output_step(struct hb_output *output,
                                   const char **out_bytes, size_t *out_size);

/* Packets: a read is over, with the error that the port told; a write is. */
void hb_output_read(struct hb_output *output, DWORD error, DWORD size);
void hb_output_passed(struct hb_output *output);

struct hb_output_state hb_output_state(const struct hb_output *output);

/* True if a process may still write into the pipe. */
bool hb_output_has_writer(const struct hb_output *output);

/* From now on only what is already in the pipe, told at once; what our reader
 * has not taken then waits for hb_output_close(). */
void hb_output_drop(struct hb_output *output);

/* Passes on what is left, patiently, and closes everything. False if a write
 * cannot be called off: `*output` must then stay. Twice is fine. */
bool hb_output_close(struct hb_output *output);
