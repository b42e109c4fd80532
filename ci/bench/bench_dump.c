/*
 * bench_dump HELPER RUNS MIB: what a dump of a process with MIB resident costs
 * it and us, against gdb's gcore. The pause is measured inside the target: the
 * longest gap between two ticks of a thread of it. Half of its memory can be
 * compressed. All take turns; figures are medians.
 */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
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

static char pid_text[16];
static char folder[] = "bench-dump-XXXXXX";

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

/* Every second page is noise, the others are text. */
static void fill(uint64_t *words, size_t count)
{
    uint64_t seed = 88172645463325252u;

    for (size_t i = 0; i < count; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        words[i] = i / 512 % 2 == 0 ? seed : 0x2065746920656c00u | (i % 7);
    }
}

static pid_t start_target(size_t mib)
{
    pid_t pid = fork();

    if (pid == 0) {
        pthread_t threads[2];
        size_t size = mib << 20;
        uint64_t *words = malloc(size);

        if (words == NULL) {
            _exit(1);
        }
        fill(words, size / sizeof(words[0]));
        for (size_t i = 0; i < 2; i++) {
            if (pthread_create(&threads[i], NULL, tick, NULL) != 0) {
                _exit(1);
            }
        }
        for (;;) {
            (void)pause();
        }
    }
    while (shared->ticks == 0) {
        if (waitpid(pid, NULL, WNOHANG) != 0) {
            bench_fail("the target ended");
        }
    }
    return pid;
}

/* What one way to dump took. */
struct taken {
    uint64_t pause_us[MOST_RUNS];
    uint64_t wall_ms[MOST_RUNS];
    uint64_t bytes[MOST_RUNS]; /* on disk */
    uint64_t peak_kib[MOST_RUNS];
};

static uint64_t take_size(const char *name)
{
    char path[PATH_MAX];
    struct stat about = { 0 };

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (stat(path, &about) < 0 || unlink(path) < 0) {
        bench_fail(path);
    }
    return (uint64_t)about.st_blocks * 512;
}

static void run(struct taken *taken, size_t i, char *const *argv,
                const char *name)
{
    uint64_t before = bench_now_ns();

    shared->longest_ns = 0;
    struct bench_cost cost = bench_wait(bench_spawn(argv, -1));

    if (cost.status != 0) {
        bench_fail(argv[0]);
    }
    taken->peak_kib[i] = cost.peak_kib;
    taken->wall_ms[i] = (bench_now_ns() - before) / 1000000u;
    uint64_t ticks = shared->ticks;
    while (shared->ticks < ticks + 4) { /* the gap has ended */
    }
    taken->pause_us[i] = shared->longest_ns / 1000u;
    taken->bytes[i] = take_size(name);
}

static void say(const char *name, struct taken *taken, size_t runs)
{
    (void)printf("dump_%s_pause_us %lu\n", name,
                 (unsigned long)bench_median(taken->pause_us, runs));
    (void)printf("dump_%s_ms %lu\n", name,
                 (unsigned long)bench_median(taken->wall_ms, runs));
    (void)printf("dump_%s_kib %lu\n", name,
                 (unsigned long)bench_median(taken->bytes, runs) / 1024u);
    (void)printf("dump_%s_peak_kib %lu\n", name,
                 (unsigned long)bench_median(taken->peak_kib, runs));
}

static void run_all(char *helper, size_t runs)
{
    static struct taken mini;
    static struct taken plain;
    static struct taken packed;
    static struct taken gcore;
    char prefix[64];
    char gcore_name[64];

    (void)snprintf(prefix, sizeof(prefix), "%s/gcore", folder);
    (void)snprintf(gcore_name, sizeof(gcore_name), "gcore.%s", pid_text);
    char *mini_argv[] = { helper,     "--pid", pid_text,     "--dump", "mini",
                          "--folder", folder,  "--limit-ms", "60000",  NULL };
    char *plain_argv[] = { helper,  "--pid",    pid_text, "--dump",
                           "full",  "--folder", folder,   "--limit-ms",
                           "60000", "--plain",  NULL };
    char *packed_argv[] = { helper,     "--pid", pid_text,     "--dump", "full",
                            "--folder", folder,  "--limit-ms", "60000",  NULL };
    char *gcore_argv[] = { "gcore", "-o", prefix, pid_text, NULL };

    for (size_t i = 0; i < runs; i++) {
        run(&mini, i, mini_argv, "core.zst");
        run(&plain, i, plain_argv, "core");
        run(&packed, i, packed_argv, "core.zst");
        run(&gcore, i, gcore_argv, gcore_name);
    }
    say("mini", &mini, runs);
    say("plain", &plain, runs);
    say("packed", &packed, runs);
    say("gcore", &gcore, runs);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        (void)fprintf(stderr, "usage: bench_dump HELPER RUNS MIB\n");
        return 2;
    }
    size_t runs = bench_count(argv[2]);
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || mkdtemp(folder) == NULL) {
        bench_fail("no room");
    }
    pid_t pid = start_target(bench_count(argv[3]));
    (void)snprintf(pid_text, sizeof(pid_text), "%d", (int)pid);
    run_all(argv[1], runs < MOST_RUNS ? runs : MOST_RUNS);
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    return rmdir(folder);
}
