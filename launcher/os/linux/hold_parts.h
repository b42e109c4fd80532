#pragma once

#include <linux/seccomp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "os/linux/hold.h"

/*
 * What hold.c (the thread that answers, and its owner), hold_filter.c (the
 * child) and hold_call.c (what a call means) share.
 */

/* Threads of the test program that leave at the same time; more go at once. */
#define HB_HOLD_MOST 64u

struct hb_hold {
    /* Written by the child before it execs. */
    _Atomic(pid_t) root; /* the test program */
    bool no_new_privs;
    bool installed;
    int error; /* errno; 0: it is held */

    int socket[2]; /* the child hands the listener to the thread */
    int news;      /* eventfd: it stands at the door */
    int stop;      /* eventfd: the thread is to end */
    uint32_t limit_ms;
    pthread_t thread;

    pthread_mutex_t lock; /* of what follows */
    int listener;         /* -1: not there yet */
    bool open;            /* the door: everybody goes at once */
    bool asked;           /* `leaving` is to be told */
    struct hb_leaving leaving;
    uint64_t until_ms; /* then the door opens by itself */
    struct {
        uint32_t tid;
        uint64_t id;
    } waiting[HB_HOLD_MOST];
    unsigned waiting_count;
};

/* True if this call would end the test program; fills `*out_leaving`. */
bool hb_hold_reads(const struct hb_hold *hold,
                   const struct seccomp_notif *notice,
                   struct hb_leaving *out_leaving);
