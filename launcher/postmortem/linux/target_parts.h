#pragma once

#include "postmortem/linux/target.h"

/* What target.c, target_threads.c and target_trouble.c share. */
struct hb_target_item {
    struct hb_target_thread seen;
    bool seized;
    bool stopped;
    bool ended;
    int signal; /* it was about to get this one, and gets it from us */
};

struct hb_target {
    pid_t pid;
    bool is_our_child;
    struct hb_target_item *items;
    size_t count;
    size_t room;
    uint64_t stopped_at_ns;
    int priority; /* ours before the stop */
    uint64_t pause_ns;
    bool gone_on;
};

/* target_threads.c: adds the threads that are not known yet, with what /proc
 * says of them. False when out of memory, or if there is no such process. */
bool hb_target_list(struct hb_target *target, struct hb_error *err);

/* The thread that traces this one; 0: none. */
uint64_t hb_target_tracer(const struct hb_target *target, pid_t tid);

/* target_trouble.c: why a thread of the process cannot be seized. Returns
 * false, as hb_fail(). */
bool hb_target_refused(pid_t pid, uint64_t tracer, int error,
                       struct hb_error *err);
