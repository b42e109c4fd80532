#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <windows.h>

/*
 * The way to our own reader: a standard stream that is written without ever
 * making the caller wait. A file is written directly; a pipe or a console,
 * whose handle may be synchronous and whose reader slow, by a thread that says
 * on a port when it is done.
 */
struct hb_pass {
    HANDLE file; /* borrowed; NULL: nobody reads */
    HANDLE port; /* borrowed; told when a write is over */
    ULONG_PTR key;
    bool direct;
    HANDLE thread; /* NULL before the first byte */
    HANDLE wanted; /* event: there is something to write, or `stop` */
    HANDLE idle;   /* event: nothing is being written */
    HANDLE moved;  /* event of overlapped writes */
    const char *bytes;
    size_t size;
    bool stop;
    DWORD why;   /* the last write failed; of the thread while it writes */
    bool gone;   /* the reader went away */
    DWORD error; /* it takes no more, and nobody waits for it */
};

/* `stream` is STD_OUTPUT_HANDLE or STD_ERROR_HANDLE. */
void hb_pass_init(struct hb_pass *pass, DWORD stream, HANDLE port,
                  ULONG_PTR key);

/* Writes all. True if that is over; false if it is under way: `bytes` must
 * then stay until the packet has come and hb_pass_done() was called. */
bool hb_pass_write(struct hb_pass *pass, const char *bytes, size_t size);

/* The packet has come. */
void hb_pass_done(struct hb_pass *pass);

/* Waits for what is under way, then writes this too; each for `patience_ms` at
 * most. */
void hb_pass_finish(struct hb_pass *pass, const char *bytes, size_t size,
                    DWORD patience_ms);

/* Gives up what is under way. False if the writer cannot be stopped: it then
 * goes on using `*pass` and what it was given. Twice is fine. */
bool hb_pass_close(struct hb_pass *pass);
