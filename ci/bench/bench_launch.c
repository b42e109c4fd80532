/*
 * bench_launch LAUNCHER RUNS: what supervision adds to a program that does
 * nothing, against the wrappers everybody knows. All variants take turns, so
 * that whatever else the machine does hits them alike; a figure is the median
 * of the differences to the bare program of the same turn.
 *
 * Run it in a scratch folder: results are written there.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure.h"

#define MOST_RUNS 10000u

struct variant {
    const char *name;
    char *argv[8];
    uint64_t ns[MOST_RUNS];
};

/* The places of those that are the launcher. */
enum { LAUNCH = 1, UNHELD, HELD };

static struct variant variants[] = {
    { .name = "true", .argv = { "true" } },
    { .name = "launch", .argv = { NULL, "--", "true" } },
    { .name = "unheld", .argv = { NULL, "--hold-exit", "off", "--", "true" } },
    { .name = "held", .argv = { NULL, "--hold-exit", "on", "--", "true" } },
    { .name = "timeout", .argv = { "timeout", "60", "true" } },
    { .name = "tini", .argv = { "tini", "-s", "--", "true" } },
};
#define VARIANT_COUNT (sizeof(variants) / sizeof(variants[0]))

static void take_turns(size_t runs)
{
    for (size_t i = 0; i < VARIANT_COUNT; i++) {
        (void)bench_run_ns(variants[i].argv); /* warms the page cache */
    }
    for (size_t run = 0; run < runs; run++) {
        for (size_t i = 0; i < VARIANT_COUNT; i++) {
            variants[i].ns[run] = bench_run_ns(variants[i].argv);
        }
    }
}

static void print_times(size_t runs)
{
    for (size_t i = 1; i < VARIANT_COUNT; i++) {
        int64_t extra =
            bench_median_difference(variants[i].ns, variants[0].ns, runs);
        (void)printf("%s_extra_us %.0f\n", variants[i].name,
                     (double)extra / 1000.0);
    }
    (void)printf("hold_extra_us %.0f\n",
                 (double)bench_median_difference(variants[HELD].ns,
                                                 variants[UNHELD].ns, runs) /
                     1000.0);
    for (size_t i = 0; i < VARIANT_COUNT; i++) {
        (void)printf("%s_us %.0f\n", variants[i].name,
                     (double)bench_median(variants[i].ns, runs) / 1000.0);
    }
}

/* One line of /proc/PID/status, in KiB; 0 if it is not there. */
static uint64_t status_kib(long pid, const char *key)
{
    char path[64];
    char line[256];
    uint64_t value = 0;

    (void)snprintf(path, sizeof(path), "/proc/%ld/status", pid);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, key, strlen(key)) == 0) {
            value = strtoul(line + strlen(key) + 1, NULL, 10);
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return value;
}

static bool same_program(long pid, long other)
{
    char path[64];
    char one[512] = "";
    char two[512] = "";

    (void)snprintf(path, sizeof(path), "/proc/%ld/exe", pid);
    (void)!readlink(path, one, sizeof(one) - 1);
    (void)snprintf(path, sizeof(path), "/proc/%ld/exe", other);
    (void)!readlink(path, two, sizeof(two) - 1);
    return one[0] != '\0' && strcmp(one, two) == 0;
}

/* The launcher's own processes while a quiet test runs: the peak of each,
 * added up, as if they shared nothing. */
static void print_memory(char *launcher)
{
    char *argv[] = { launcher, "--", "sleep", "0.5", NULL };
    char path[64];
    pid_t pid = bench_spawn(argv, -1);
    long child = 0;

    (void)usleep(250000);
    uint64_t own = status_kib(pid, "VmHWM");
    uint64_t others = 0;
    (void)snprintf(path, sizeof(path), "/proc/%ld/task/%ld/children", (long)pid,
                   (long)pid);
    FILE *file = fopen(path, "re");
    while (file != NULL && fscanf(file, "%ld", &child) == 1) {
        if (same_program(pid, child)) {
            others += status_kib(child, "VmHWM");
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    struct bench_cost cost = bench_wait(pid);
    (void)printf("memory_launcher_kib %lu\nmemory_helpers_kib %lu\n",
                 (unsigned long)own, (unsigned long)others);
    (void)printf("memory_peak_kib %lu\n", (unsigned long)cost.peak_kib);
}

int main(int argc, char **argv)
{
    if (argc != 3 || bench_count(argv[2]) > MOST_RUNS) {
        (void)fprintf(stderr, "bench_launch LAUNCHER RUNS (to %u)\n",
                      MOST_RUNS);
        return 2;
    }
    for (size_t i = LAUNCH; i <= HELD; i++) {
        variants[i].argv[0] = argv[1];
    }
    take_turns(bench_count(argv[2]));
    print_times(bench_count(argv[2]));
    print_memory(argv[1]);
    return 0;
}
