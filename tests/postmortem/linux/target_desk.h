#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "postmortem/linux/target.h"
#include "system.h"
#include "target_child.h"

/* A target of a test: target_child, started, and what is asked of it. Fails
 * the test where something is not as it must be. */
struct target_desk {
    struct system_child child;
    pid_t pid;
    uint64_t facts; /* their address in it */
};

/* Starts it with `count` threads; returns when all are there. */
void target_desk_start(struct target_desk *desk, const char *word,
                       const char *count);

/* Returns when each of its threads waits in read(). */
void target_desk_await_rest(const struct target_desk *desk);

/* Its facts as they are now, read from outside. */
struct target_facts target_desk_facts(const struct target_desk *desk);

/* Sends a byte and waits for the answer: it runs. */
void target_desk_ask(struct target_desk *desk, char byte);

/* Ends its input and waits for its end in order. NULL-safe, twice is fine. */
void target_desk_end(struct target_desk *desk);

/* A field of /proc/PID/status, as text without blanks before it. */
void target_status(pid_t pid, const char *field, char *text, size_t size);
uint64_t target_status_number(pid_t pid, const char *field);

/* Stops it within 10 s, or fails. */
struct hb_target *target_desk_stop(const struct target_desk *desk);
