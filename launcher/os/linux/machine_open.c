/* Who else runs, and what the test program has open. A link of /proc/PID/fd is
 * read, never followed: that could wait for the other end of a pipe. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "os/clock.h"
#include "os/linux/machine.h"
#include "os/linux/stat.h"

/* On a machine with very many processes the first must do. */
#define LOOK_MS 200u

static uint64_t boot_ms(void)
{
    struct timespec now = { 0 };

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t rss_kib_of(const struct hb_stat *stat)
{
    return stat->rss_pages * ((uint64_t)sysconf(_SC_PAGESIZE) / 1024);
}

static void tell_process(struct hb_busy *busy, uint32_t pid)
{
    struct hb_busy_process process = { .pid = pid };
    struct hb_stat stat;
    uint64_t tick_ms = 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
    uint64_t now_ms = boot_ms();
    uint64_t began_ms;

    if (!hb_stat_read_process(pid, &stat)) {
        return;
    }
    began_ms = stat.start_ticks * tick_ms;
    process.rss_kib = rss_kib_of(&stat);
    process.cpu_ms = stat.own_ticks * tick_ms;
    process.age_ms = now_ms > began_ms ? now_ms - began_ms : 0;
    hb_stat_image(&stat, process.name, sizeof(process.name));
    hb_busy_tell(busy, &process);
}

uint64_t hb_machine_rss_kib(const uint32_t *pids, size_t count)
{
    uint64_t sum_kib = 0;
    struct hb_stat stat;

    for (size_t i = 0; i < count; i++) {
        if (hb_stat_read_process(pids[i], &stat)) {
            sum_kib += rss_kib_of(&stat);
        }
    }
    return sum_kib;
}

/* The entry's name as a number; false if it is none. */
static bool read_number(const struct dirent *entry, uint64_t *out_number)
{
    return entry->d_name[0] >= '0' && entry->d_name[0] <= '9' &&
           hb_parse_u64(entry->d_name, out_number);
}

void hb_machine_read_processes(struct hb_machine *machine)
{
    struct hb_busy busy = { .largest_count = 0 };
    uint64_t until_ms = hb_clock_ms() + LOOK_MS;
    DIR *folder = opendir("/proc");
    const struct dirent *entry;

    while (folder != NULL && (entry = readdir(folder)) != NULL &&
           hb_clock_ms() < until_ms) {
        uint64_t pid = 0;

        if (read_number(entry, &pid)) {
            tell_process(&busy, (uint32_t)pid);
        }
    }
    if (folder != NULL) {
        (void)closedir(folder);
    }
    hb_busy_finish(&busy, machine);
}

/* "pipe:[4711]", "socket:[...]", "anon_inode:[eventpoll]", "/dev/null". */
static const char *type_of(const char *name)
{
    static const struct {
        const char *begin;
        const char *type;
    } types[] = {
        { "pipe:", "pipe" },       { "socket:", "socket" },
        { "anon_inode:", "anon" }, { "/memfd:", "memory" },
        { "/dev/", "device" },
    };

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strncmp(name, types[i].begin, strlen(types[i].begin)) == 0) {
            return types[i].type;
        }
    }
    return "file";
}

/* Of a long path the end tells more than the beginning. */
static void copy_end(char *target, size_t size, const char *path)
{
    size_t length = strlen(path);
    const char *from = path + (length < size ? 0 : length - (size - 4));

    while (length >= size && ((unsigned char)*from & 0xc0u) == 0x80u) {
        from++; /* not in the middle of a character */
    }
    (void)hb_text_format(target, size, "%s%s", length < size ? "" : "...",
                         from);
}

static void tell_handle(struct hb_machine *machine, int folder,
                        const struct dirent *entry, size_t *used)
{
    struct hb_open_handle handle = { .number = 0 };
    char path[PATH_MAX];
    ssize_t length;

    if (!read_number(entry, &handle.number)) {
        return;
    }
    machine->handle_total++;
    length = readlinkat(folder, entry->d_name, path, sizeof(path) - 1);
    if (length < 0) {
        return;
    }
    path[length] = '\0';
    (void)hb_text_copy(handle.type, sizeof(handle.type), type_of(path));
    copy_end(handle.name, sizeof(handle.name), path);
    hb_machine_keep_handle(machine, &handle, used);
}

void hb_machine_read_handles(uint32_t pid, struct hb_machine *machine)
{
    char path[32];
    struct rlimit limit;
    const struct dirent *entry;
    size_t used = 0;
    DIR *folder;

    machine->handle_pid = pid;
    (void)hb_text_format(path, sizeof(path), "/proc/%u/fd", (unsigned)pid);
    folder = opendir(path);
    if (folder == NULL) {
        (void)hb_text_format(machine->handles_missing,
                             sizeof(machine->handles_missing),
                             "cannot read '%s': %s", path, strerror(errno));
        return;
    }
    machine->handle_total = 0;
    while ((entry = readdir(folder)) != NULL) {
        tell_handle(machine, dirfd(folder), entry, &used);
    }
    (void)closedir(folder);
    if (prlimit((pid_t)pid, RLIMIT_NOFILE, NULL, &limit) == 0 &&
        limit.rlim_cur != RLIM_INFINITY) {
        machine->handle_limit = limit.rlim_cur;
    }
}
