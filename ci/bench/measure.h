#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * What the benchmarks share. They run on Linux only and end the program with
 * a message when the machine refuses something: a number that was not
 * measured is worse than none.
 */

void bench_fail(const char *what);

uint64_t bench_now_ns(void); /* CLOCK_MONOTONIC */

/* Starts argv[0], found on PATH, by posix_spawn. `out_fd` is its stdout, -1
 * for /dev/null; its stderr is /dev/null. */
pid_t bench_spawn(char *const *argv, int out_fd);

/* What an ended process cost, with the children that it waited for. */
struct bench_cost {
    uint64_t cpu_ns;
    uint64_t peak_kib;
    int status; /* as waitpid() has it */
};
struct bench_cost bench_wait(pid_t pid);

/* Start to end of one run, nanoseconds. It must end with status 0. */
uint64_t bench_run_ns(char *const *argv);

/* Sorts `values`. */
uint64_t bench_median(uint64_t *values, size_t count);

/* Median of first[i] - second[i], which may be negative. */
int64_t bench_median_difference(const uint64_t *first, const uint64_t *second,
                                size_t count);

/* A count from the command line, at least 1. */
size_t bench_count(const char *text);
