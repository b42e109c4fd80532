/*
 * bench_output LAUNCHER RUNS MIB: how fast a test's output passes through the
 * launcher, which also keeps it in a log, against `cat` between the same two
 * pipes. Both take turns; figures are medians.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure.h"

#define MOST_RUNS 1000u

static char bytes_argument[32];
static uint64_t wanted_bytes;

/* Two ends of a pipe that no child inherits by accident. */
static void make_pipe(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) < 0) {
        bench_fail("pipe2");
    }
}

/* Reads to the end, as a terminal or a CI job's log would. */
static void drain(int fd)
{
    static char buffer[1 << 16];
    uint64_t total = 0;
    ssize_t size = 0;

    while ((size = read(fd, buffer, sizeof(buffer))) > 0) {
        total += (uint64_t)size;
    }
    if (total != wanted_bytes) {
        (void)fprintf(stderr, "%lu bytes arrived of %lu\n",
                      (unsigned long)total, (unsigned long)wanted_bytes);
        exit(1);
    }
}

static uint64_t through_launcher_ns(char *launcher)
{
    char *argv[] = { launcher,       "--",        "head", "-c",
                     bytes_argument, "/dev/zero", NULL };
    int ends[2];
    uint64_t start = bench_now_ns();

    make_pipe(ends);
    pid_t pid = bench_spawn(argv, ends[1]);
    (void)close(ends[1]);
    drain(ends[0]);
    (void)close(ends[0]);
    if (bench_wait(pid).status != 0) {
        bench_fail("the launcher did not pass");
    }
    return bench_now_ns() - start;
}

/* sh only ties the two together, with the same kind of pipes. */
static uint64_t through_cat_ns(void)
{
    char command[128];
    char *argv[] = { "sh", "-c", command, NULL };
    int ends[2];
    uint64_t start = bench_now_ns();

    (void)snprintf(command, sizeof(command), "head -c %s /dev/zero | cat",
                   bytes_argument);
    make_pipe(ends);
    pid_t pid = bench_spawn(argv, ends[1]);
    (void)close(ends[1]);
    drain(ends[0]);
    (void)close(ends[0]);
    (void)bench_wait(pid);
    return bench_now_ns() - start;
}

int main(int argc, char **argv)
{
    static uint64_t launcher_ns[MOST_RUNS];
    static uint64_t cat_ns[MOST_RUNS];

    if (argc != 4 || bench_count(argv[2]) > MOST_RUNS) {
        (void)fprintf(stderr, "bench_output LAUNCHER RUNS MIB\n");
        return 2;
    }
    size_t runs = bench_count(argv[2]);
    wanted_bytes = (uint64_t)bench_count(argv[3]) << 20;
    (void)snprintf(bytes_argument, sizeof(bytes_argument), "%lu",
                   (unsigned long)wanted_bytes);
    for (size_t i = 0; i < runs; i++) {
        launcher_ns[i] = through_launcher_ns(argv[1]);
        cat_ns[i] = through_cat_ns();
    }
    double launcher_s = (double)bench_median(launcher_ns, runs) / 1e9;
    double cat_s = (double)bench_median(cat_ns, runs) / 1e9;
    double mib = (double)wanted_bytes / 1048576.0;
    (void)printf("output_launch_mib_s %.0f\noutput_cat_mib_s %.0f\n",
                 mib / launcher_s, mib / cat_s);
    (void)printf("output_ratio %.2f\n", cat_s / launcher_s);
    return 0;
}
