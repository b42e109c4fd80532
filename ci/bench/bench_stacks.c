/*
 * bench_stacks HELPER RUNS LARGE: what the stacks of all threads cost a process
 * and us. The pause is measured inside the target: the longest gap between two
 * ticks of a thread of it. LARGE is a program with much debug information that
 * waits for ever; of it the time from the helper's start to its last line, and
 * the helper's memory, are taken. Figures are medians.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "measure.h"

#define MOST_RUNS 100u
#define TICK_NS 200000

/* Shared with the target. */
static struct {
    volatile uint64_t longest_ns;
    volatile uint64_t ticks;
} * shared;

static void *tick(void *context)
{
    const struct timespec rest = { 0, TICK_NS };
    uint64_t last = bench_now_ns();

    for (;;) {
        (void)nanosleep(&rest, NULL);
        uint64_t now = bench_now_ns();
        if (now - last > shared->longest_ns) {
            shared->longest_ns = now - last;
        }
        last = now;
        shared->ticks++;
    }
    return context;
}

static void *wait_for_ever(void *context)
{
    for (;;) {
        (void)pause();
    }
    return context;
}

static void start_thread(void *(*run)(void *))
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, run, NULL) != 0) {
        _exit(1);
    }
}

/* A process with so many threads, one of which ticks. */
static pid_t start_target(size_t threads)
{
    pid_t pid = fork();

    shared->ticks = 0;
    if (pid == 0) {
        start_thread(tick);
        for (size_t i = 2; i < threads; i++) {
            start_thread(wait_for_ever);
        }
        (void)wait_for_ever(NULL);
    }
    while (shared->ticks == 0) {
        if (waitpid(pid, NULL, WNOHANG) != 0) {
            bench_fail("the target ended");
        }
    }
    return pid;
}

static void end_target(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

struct taken {
    uint64_t pause_us[MOST_RUNS];
    uint64_t wall_ms[MOST_RUNS];
    uint64_t kib[MOST_RUNS];
};

static void look(struct taken *taken, size_t i, char *helper, pid_t pid)
{
    char pid_text[16];
    char *argv[] = { helper, "--pid", pid_text, "--stacks", NULL };
    uint64_t before = bench_now_ns();

    (void)snprintf(pid_text, sizeof(pid_text), "%d", (int)pid);
    shared->longest_ns = 0;
    struct bench_cost cost = bench_wait(bench_spawn(argv, -1));

    if (cost.status != 0) {
        bench_fail(helper);
    }
    taken->wall_ms[i] = (bench_now_ns() - before) / 1000000u;
    taken->kib[i] = cost.peak_kib;
}

/* The gap that the last look made has ended after some more ticks. */
static void take_pause(struct taken *taken, size_t i)
{
    uint64_t ticks = shared->ticks;

    while (shared->ticks < ticks + 4) {
    }
    taken->pause_us[i] = shared->longest_ns / 1000u;
}

static void measure_pause(char *helper, size_t threads, size_t runs)
{
    static struct taken taken;
    pid_t pid = start_target(threads);

    for (size_t i = 0; i < runs; i++) {
        look(&taken, i, helper, pid);
        take_pause(&taken, i);
    }
    end_target(pid);
    (void)printf("stacks_%zu_pause_us %lu\n", threads,
                 (unsigned long)bench_median(taken.pause_us, runs));
    (void)printf("stacks_%zu_kib %lu\n", threads,
                 (unsigned long)bench_median(taken.kib, runs));
}

static void measure_large(char *helper, char *large, size_t runs)
{
    static struct taken taken;
    int ready[2];
    char byte;
    char *argv[] = { large, NULL };

    if (pipe(ready) < 0) {
        bench_fail("pipe");
    }
    pid_t pid = bench_spawn(argv, ready[1]);

    (void)close(ready[1]);
    if (read(ready[0], &byte, 1) != 1) {
        bench_fail(large);
    }
    for (size_t i = 0; i < runs; i++) {
        look(&taken, i, helper, pid);
    }
    end_target(pid);
    (void)close(ready[0]);
    (void)printf("stacks_large_ms %lu\n",
                 (unsigned long)bench_median(taken.wall_ms, runs));
    (void)printf("stacks_large_kib %lu\n",
                 (unsigned long)bench_median(taken.kib, runs));
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        (void)fprintf(stderr, "usage: bench_stacks HELPER RUNS LARGE\n");
        return 2;
    }
    size_t runs = bench_count(argv[2]);

    runs = runs < MOST_RUNS ? runs : MOST_RUNS;
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        bench_fail("no room");
    }
    measure_pause(argv[1], 3, runs);
    measure_pause(argv[1], 200, runs);
    measure_large(argv[1], argv[3], runs);
    return 0;
}
