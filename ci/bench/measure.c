#include "measure.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

void bench_fail(const char *what)
{
    perror(what);
    exit(1);
}

uint64_t bench_now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

pid_t bench_spawn(char *const *argv, int out_fd)
{
    posix_spawn_file_actions_t actions;
    pid_t pid = -1;

    (void)posix_spawn_file_actions_init(&actions);
    if (out_fd >= 0) {
        (void)posix_spawn_file_actions_adddup2(&actions, out_fd, 1);
    } else {
        (void)posix_spawn_file_actions_addopen(&actions, 1, "/dev/null",
                                               O_WRONLY, 0);
    }
    (void)posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY,
                                           0);
    errno = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
    if (errno != 0) {
        bench_fail(argv[0]);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return pid;
}

static uint64_t timeval_ns(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

struct bench_cost bench_wait(pid_t pid)
{
    struct bench_cost cost = { 0 };
    struct rusage usage;

    while (wait4(pid, &cost.status, 0, &usage) < 0) {
        if (errno != EINTR) {
            bench_fail("wait4");
        }
    }
    cost.cpu_ns = timeval_ns(usage.ru_utime) + timeval_ns(usage.ru_stime);
    cost.peak_kib = (uint64_t)usage.ru_maxrss;
    return cost;
}

uint64_t bench_run_ns(char *const *argv)
{
    uint64_t start = bench_now_ns();
    struct bench_cost cost = bench_wait(bench_spawn(argv, -1));
    uint64_t end = bench_now_ns();

    if (cost.status != 0) {
        (void)fprintf(stderr, "%s ended with status 0x%x\n", argv[0],
                      (unsigned)cost.status);
        exit(1);
    }
    return end - start;
}

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

uint64_t bench_median(uint64_t *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare);
    return values[count / 2];
}

int64_t bench_median_difference(const uint64_t *first, const uint64_t *second,
                                size_t count)
{
    int64_t *differences = calloc(count, sizeof(*differences));

    if (differences == NULL) {
        bench_fail("calloc");
    }
    for (size_t i = 0; i < count; i++) {
        differences[i] = (int64_t)first[i] - (int64_t)second[i];
    }
    qsort(differences, count, sizeof(*differences), compare);
    int64_t median = differences[count / 2];
    free(differences);
    return median;
}

size_t bench_count(const char *text)
{
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);

    if (value == 0 || *end != '\0') {
        (void)fprintf(stderr, "not a count: '%s'\n", text);
        exit(2);
    }
    return value;
}
