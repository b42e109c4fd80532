/*
 * bench_watch LAUNCHER RUNS SECONDS: what it costs to watch a quiet test for
 * SECONDS, how soon after a test's end its record lies on disk, and how soon
 * a silence is judged. The test is this same program; it writes the moment in
 * question, by the clock that both read, into the file that it is given.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "measure.h"

#define MOST_RUNS 1000u
#define LIMIT_MS 300u
#define STAMP "stamp"
/* Launchers that start at once would measure how they are in each other's
 * way. */
#define APART_MS 200

/* The test's side: "now" is when it falls silent or ends. */
static void write_stamp(const char *path)
{
    uint64_t now = bench_now_ns();
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0 || write(fd, &now, sizeof(now)) != (ssize_t)sizeof(now)) {
        bench_fail(path);
    }
    (void)close(fd);
}

static uint64_t read_stamp(void)
{
    uint64_t stamp = 0;
    int fd = open(STAMP, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || read(fd, &stamp, sizeof(stamp)) != (ssize_t)sizeof(stamp)) {
        bench_fail(STAMP);
    }
    (void)close(fd);
    return stamp;
}

/* What the watch on a run's folder has seen so far. */
struct sight {
    int watch; /* inotify */
    const char *folder;
    char run[512];
    uint64_t record_at_ns; /* the last result.json took its place */
};

static void look(struct sight *sight)
{
    char events[16384] __attribute__((aligned(8)));
    ssize_t size = read(sight->watch, events, sizeof(events));
    uint64_t now = bench_now_ns();

    for (ssize_t i = 0; i < size;) {
        const struct inotify_event *event = (const void *)(events + i);

        if ((event->mask & IN_CREATE) != 0 && sight->run[0] == '\0') {
            (void)snprintf(sight->run, sizeof(sight->run), "%s/%s",
                           sight->folder, event->name);
            (void)inotify_add_watch(sight->watch, sight->run, IN_MOVED_TO);
        } else if (strcmp(event->name, "result.json") == 0) {
            sight->record_at_ns = now;
        }
        i += (ssize_t)(sizeof(*event) + event->len);
    }
}

/*
 * Runs the launcher and returns when the last result.json of the run took its
 * place. The watch on the run's own folder is set when that folder appears,
 * long before the test ends.
 */
static uint64_t record_at_ns(char *const *argv, const char *folder)
{
    struct sight sight = { .folder = folder };

    sight.watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (sight.watch < 0 ||
        inotify_add_watch(sight.watch, folder, IN_CREATE) < 0) {
        bench_fail("inotify");
    }
    pid_t pid = bench_spawn(argv, -1);
    int ended = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd wait[] = { { sight.watch, POLLIN, 0 }, { ended, POLLIN, 0 } };
    do {
        (void)poll(wait, 2, -1);
        look(&sight);
    } while (wait[1].revents == 0);
    look(&sight);
    (void)bench_wait(pid);
    (void)close(ended);
    (void)close(sight.watch);
    if (sight.record_at_ns == 0) {
        bench_fail("no result.json appeared");
    }
    return sight.record_at_ns;
}

/* Median of (record on disk - stamp of the test), milliseconds. */
static double record_after_ms(char *const *argv, const char *folder,
                              size_t runs)
{
    static uint64_t ns[MOST_RUNS];

    (void)mkdir("artifacts", 0700);
    (void)mkdir(folder, 0700);
    for (size_t i = 0; i < runs; i++) {
        uint64_t at = record_at_ns(argv, folder);
        ns[i] = at - read_stamp();
    }
    return (double)bench_median(ns, runs) / 1e6;
}

static void print_record(char *launcher, char *self, size_t runs)
{
    char *argv[] = { launcher, "--name", "ends", "--artifacts", "artifacts",
                     "--",     self,     "ends", NULL };

    (void)printf("record_ms %.2f\n",
                 record_after_ms(argv, "artifacts/ends", runs));
}

/* The verdict alone, and with the stacks and the dump that go with it: two
 * looks at the test, a moment apart. */
static void print_silence(char *launcher, char *self, size_t runs)
{
    char limit[32];
    char *bare[] = { launcher,    "--name",       "silent", "--artifacts",
                     "artifacts", "--hang-after", limit,    "--stacks",
                     "never",     "--dump",       "none",   "--",
                     self,        "silent",       NULL };
    char *full[] = { launcher,    "--name",       "silent", "--artifacts",
                     "artifacts", "--hang-after", limit,    "--",
                     self,        "silent",       NULL };

    (void)snprintf(limit, sizeof(limit), "%ums", LIMIT_MS);
    (void)printf("silence_over_limit_ms %.2f\n",
                 record_after_ms(bare, "artifacts/silent", runs) - LIMIT_MS);
    (void)printf("silence_evidence_ms %.2f\n",
                 record_after_ms(full, "artifacts/silent", runs) - LIMIT_MS);
}

/* Median of what `runs` launchers cost that watch one `sleep` each for so
 * long, side by side: they sleep too. The limit is a second longer. */
static double watch_cpu_ms(char *launcher, unsigned seconds, size_t runs)
{
    static pid_t pids[MOST_RUNS];
    static uint64_t ns[MOST_RUNS];
    char limit[16];
    char length[16];
    char *argv[] = { launcher, "--hang-after", limit, "--",
                     "sleep",  length,         NULL };

    (void)snprintf(limit, sizeof(limit), "%us", seconds + 1);
    (void)snprintf(length, sizeof(length), "%u", seconds);
    for (size_t i = 0; i < runs; i++) {
        pids[i] = bench_spawn(argv, -1);
        (void)poll(NULL, 0, APART_MS);
    }
    for (size_t i = 0; i < runs; i++) {
        ns[i] = bench_wait(pids[i]).cpu_ns;
    }
    return (double)bench_median(ns, runs) / 1e6;
}

/* Start and end are in it, those of `sleep` too, and told apart. */
static void print_watching(char *launcher, unsigned seconds, size_t runs)
{
    (void)printf("watch_seconds %u\nwatch_cpu_ms %.1f\n", seconds,
                 watch_cpu_ms(launcher, seconds, runs));
    (void)printf("watch_start_cpu_ms %.1f\n", watch_cpu_ms(launcher, 0, runs));
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "ends") == 0) {
        (void)usleep(20000); /* until the watch is set */
        write_stamp(STAMP);
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "silent") == 0) {
        write_stamp(STAMP);
        (void)pause();
        return 0;
    }
    if (argc != 4 || bench_count(argv[2]) > MOST_RUNS) {
        (void)fprintf(stderr, "bench_watch LAUNCHER RUNS SECONDS\n");
        return 2;
    }
    print_record(argv[1], argv[0], bench_count(argv[2]));
    print_silence(argv[1], argv[0], bench_count(argv[2]));
    print_watching(argv[1], (unsigned)bench_count(argv[3]),
                   bench_count(argv[2]));
    return 0;
}
