#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A child forked under thread sanitizer may not start threads, and hears no
 * signals. */
#if defined(__SANITIZE_THREAD__)
#define UNDER_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNDER_TSAN 1
#endif
#endif
#ifndef UNDER_TSAN
#define UNDER_TSAN 0
#endif

/*
 * The launcher's part for tests of the client: shared memory that a child can
 * inherit, and this same program started again in a role.
 */
struct recorder_host {
    void *memory;    /* HBTEST_RECORDER_SIZE zeroed bytes */
    uint64_t handle; /* what a child inherits */
    uint64_t own;    /* what a child may open again through us */
    uint32_t pid;
};

bool host_open(struct recorder_host *host);
void host_close(struct recorder_host *host);

/* The recorder's clock. */
uint64_t host_clock_ms(void);

void host_yield(void);

/* Sets the variable for children; NULL removes it. */
void host_offer(const char *value);

struct host_child {
    uint32_t pid;
    uint64_t process;
    uint64_t output; /* reading end of its stdout */
};

/* Starts `program` (NULL: this one) with `role` as its one argument; NULL is
 * none. */
bool host_start(const char *program, const char *role,
                struct host_child *out_child);

/* Reads its stdout to the end (cut at `size`, NUL-terminated; NULL is fine),
 * waits for it and returns its exit code, or -1 if it did not exit. */
int host_wait(struct host_child *child, char *output, size_t size);

void host_kill(struct host_child *child);

/* Runs `work` in `count` threads at once and waits for all. */
void host_threads(size_t count, void (*work)(void));

/* Ends this process at once, with no handlers and no flushing. */
void host_vanish(int status);
