#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * The way to our own reader: a standard stream that is written without ever
 * waiting. The stream was inherited, so others share its file description and
 * O_NONBLOCK must not be set on it: a pipe or a terminal is opened a second
 * time for that, a socket is asked call by call, and what cannot be had in
 * either way is written in pieces that fit once poll() says so.
 */
enum hb_pass_kind {
    HB_PASS_UNKNOWN = 0, /* nothing was written yet */
    HB_PASS_DIRECT,      /* a file: a write never waits for a reader */
    HB_PASS_OWN,         /* opened again, without blocking */
    HB_PASS_SOCKET,
    HB_PASS_GATED,
};

struct hb_pass {
    int stream; /* 1 or 2 */
    int fd;     /* to write to; -1 before the first byte */
    enum hb_pass_kind kind;
    bool pipe; /* tee(2) works */
    bool gone; /* the reader went away */
    int error; /* errno: it takes no more, and nobody waits for it */
};

void hb_pass_init(struct hb_pass *pass, int stream);

/* Looks at the stream, once; before the first use of `fd`. */
void hb_pass_open(struct hb_pass *pass);

/* Writes what can be written at once; returns how much that was. May set
 * `gone` or `error`; with an error, all of it counts as written. */
size_t hb_pass_write(struct hb_pass *pass, const char *bytes, size_t size);

/* Passes on all, waiting for a slow reader as long as it takes something
 * every `patience_ms`. */
void hb_pass_finish(struct hb_pass *pass, const char *bytes, size_t size,
                    int patience_ms);

void hb_pass_close(struct hb_pass *pass);
