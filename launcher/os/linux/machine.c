#include "os/linux/machine.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/text.h"

#define TEXT_SIZE 8192

/* A small file as text; false if it cannot be read. */
static bool read_text(const char *root, const char *path, char *text)
{
    char whole[PATH_MAX];
    ssize_t got = -1;
    int fd;

    if (!hb_text_format(whole, sizeof(whole), "%s%s", root, path)) {
        return false;
    }
    fd = open(whole, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return false;
    }
    got = read(fd, text, TEXT_SIZE - 1);
    (void)close(fd);
    text[got > 0 ? got : 0] = '\0';
    return got > 0;
}

/* The number behind a key that begins a line: "MemTotal:", "oom_kill ". */
static uint64_t number_after(const char *text, const char *key)
{
    size_t size = strlen(key);

    for (const char *line = text; line != NULL;) {
        if (strncmp(line, key, size) == 0) {
            const char *digits = line + size + strspn(line + size, " \t");
            size_t length = strspn(digits, "0123456789");
            char number[24];
            uint64_t value = 0;

            if (hb_text_copy_bytes(number, sizeof(number), digits, length) &&
                hb_parse_u64(number, &value)) {
                return value;
            }
            return HB_NOT_KNOWN;
        }
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    return HB_NOT_KNOWN;
}

/* "12.34" in units of 1 / `scale`, which is 10 or 100; `*at` moves behind. */
static uint64_t fixed_point(const char **at, uint64_t scale)
{
    uint64_t value = 0;
    bool any = false;
    bool behind = false;

    for (; (**at >= '0' && **at <= '9') || (**at == '.' && !behind); (*at)++) {
        if (**at == '.') {
            behind = true;
        } else if (!behind || scale > 1) {
            any = true;
            scale = behind ? scale / 10 : scale;
            value = value * 10 + (uint64_t)(**at - '0');
        }
        if (value > UINT32_MAX) {
            return HB_NOT_KNOWN;
        }
    }
    for (; scale > 1; scale /= 10) {
        value *= 10;
    }
    return any ? value : HB_NOT_KNOWN;
}

static void read_load(const char *root, struct hb_machine *machine)
{
    char text[TEXT_SIZE];
    const char *at = text;

    if (!read_text(root, "/proc/loadavg", text)) {
        return;
    }
    machine->load_1m_percent = fixed_point(&at, 100);
    at += strspn(at, " ");
    machine->load_5m_percent = fixed_point(&at, 100);
    at += strspn(at, " ");
    machine->load_15m_percent = fixed_point(&at, 100);
}

static void read_memory(const char *root, struct hb_machine *machine)
{
    char text[TEXT_SIZE];

    if (!read_text(root, "/proc/meminfo", text)) {
        return;
    }
    machine->memory_total_kib = number_after(text, "MemTotal:");
    machine->memory_available_kib = number_after(text, "MemAvailable:");
    machine->swap_total_kib = number_after(text, "SwapTotal:");
    machine->swap_free_kib = number_after(text, "SwapFree:");
}

/* "some avg10=1.23 avg60=0.40 avg300=0.10 total=12345". */
static uint64_t average(const char *text, const char *line, const char *key)
{
    const char *at = strstr(text, line);
    const char *end = at != NULL ? strchr(at, '\n') : NULL;

    at = at != NULL ? strstr(at, key) : NULL;
    if (at == NULL || (end != NULL && at > end)) {
        return HB_NOT_KNOWN;
    }
    at += strlen(key);
    return fixed_point(&at, 10);
}

static void read_pressure(const char *root, const char *path, const char *name,
                          struct hb_machine *machine)
{
    char text[TEXT_SIZE];
    struct hb_pressure *pressure = &machine->pressures[machine->pressure_count];

    if (machine->pressure_count == HB_PRESSURES_MAX ||
        !read_text(root, path, text)) {
        return;
    }
    (void)hb_text_copy(pressure->name, sizeof(pressure->name), name);
    pressure->some_10s_permille = average(text, "some", "avg10=");
    pressure->some_60s_permille = average(text, "some", "avg60=");
    pressure->full_10s_permille = average(text, "full", "avg10=");
    pressure->full_60s_permille = average(text, "full", "avg60=");
    machine->pressure_count++;
}

static void read_pressures(const char *root, struct hb_machine *machine)
{
    read_pressure(root, "/proc/pressure/cpu", "cpu", machine);
    read_pressure(root, "/proc/pressure/memory", "memory", machine);
    read_pressure(root, "/proc/pressure/io", "io", machine);
}

/* The control group */

static uint64_t group_number(const char *root, const char *group,
                             const char *file)
{
    char path[PATH_MAX];
    char text[TEXT_SIZE];

    (void)hb_text_format(path, sizeof(path), "%s/%s", group, file);
    return read_text(root, path, text) ? number_after(text, "") : HB_NOT_KNOWN;
}

static uint64_t group_entry(const char *root, const char *group,
                            const char *file, const char *key)
{
    char path[PATH_MAX];
    char text[TEXT_SIZE];

    (void)hb_text_format(path, sizeof(path), "%s/%s", group, file);
    return read_text(root, path, text) ? number_after(text, key) : HB_NOT_KNOWN;
}

static uint64_t in_kib(uint64_t bytes)
{
    return bytes == HB_NOT_KNOWN ? HB_NOT_KNOWN : bytes / 1024;
}

/* "200000 100000" is two processors, "max 100000" no limit. */
static void read_group_cpu(const char *root, const char *group,
                           struct hb_machine *machine)
{
    char path[PATH_MAX];
    char text[TEXT_SIZE];
    uint64_t quota_us;
    uint64_t period_us;
    uint64_t percent;
    uint64_t throttled_us;
    const char *blank;

    (void)hb_text_format(path, sizeof(path), "%s/cpu.max", group);
    if (!read_text(root, path, text)) {
        return;
    }
    blank = strchr(text, ' ');
    quota_us = number_after(text, "");
    period_us = blank != NULL ? number_after(blank, "") : HB_NOT_KNOWN;
    if (quota_us == HB_NOT_KNOWN || quota_us > UINT64_MAX / 100 ||
        period_us == HB_NOT_KNOWN || period_us == 0) {
        return;
    }
    percent = quota_us * 100 / period_us;
    if (percent < machine->limit_cpu_percent) {
        machine->limit_cpu_percent = percent;
        throttled_us = group_entry(root, group, "cpu.stat", "throttled_usec ");
        machine->limit_throttled_ms =
            throttled_us == HB_NOT_KNOWN ? HB_NOT_KNOWN : throttled_us / 1000;
    }
}

static void read_group_memory(const char *root, const char *group,
                              struct hb_machine *machine)
{
    uint64_t limit_kib = in_kib(group_number(root, group, "memory.max"));

    if (limit_kib < machine->limit_memory_kib) {
        machine->limit_memory_kib = limit_kib;
        machine->limit_used_kib =
            in_kib(group_number(root, group, "memory.current"));
        machine->limit_peak_kib =
            in_kib(group_number(root, group, "memory.peak"));
        machine->limit_hit_count =
            group_entry(root, group, "memory.events", "max ");
        machine->limit_kill_count =
            group_entry(root, group, "memory.events", "oom_kill ");
    }
}

static void read_group_pressures(const char *root, const char *group,
                                 struct hb_machine *machine)
{
    static const struct {
        const char *file;
        const char *name;
    } files[] = {
        { "cpu.pressure", "container-cpu" },
        { "memory.pressure", "container-memory" },
        { "io.pressure", "container-io" },
    };
    char path[PATH_MAX];

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        (void)hb_text_format(path, sizeof(path), "%s/%s", group, files[i].file);
        read_pressure(root, path, files[i].name, machine);
    }
}

#define GROUPS "/sys/fs/cgroup"

/* Of version 2: "0::/where". In a container that is often "0::/", and the
 * mount shows the container's own group. */
static void read_groups(const char *root, struct hb_machine *machine)
{
    char text[TEXT_SIZE];
    char group[PATH_MAX];
    const char *line;

    if (!read_text(root, "/proc/self/cgroup", text)) {
        return;
    }
    line = strncmp(text, "0::/", 4) == 0 ? text : strstr(text, "\n0::/");
    if (line == NULL) {
        return;
    }
    line = strchr(line, '/');
    if (!hb_text_format(group, sizeof(group), GROUPS "%.*s",
                        (int)strcspn(line, "\n"), line)) {
        return;
    }
    if (group[strlen(group) - 1] == '/') {
        group[strlen(group) - 1] = '\0';
    }
    read_group_pressures(root, group, machine);
    while (strlen(group) >= strlen(GROUPS)) {
        read_group_memory(root, group, machine);
        read_group_cpu(root, group, machine);
        *strrchr(group, '/') = '\0';
    }
}

/* "ran waited slices", nanoseconds. */
static void read_schedule(const char *root, struct hb_machine *machine)
{
    char text[TEXT_SIZE];
    const char *blank;
    uint64_t ran_ns;
    uint64_t waited_ns;

    if (!read_text(root, "/proc/self/schedstat", text)) {
        return;
    }
    blank = strchr(text, ' ');
    ran_ns = number_after(text, "");
    waited_ns = blank != NULL ? number_after(blank, "") : HB_NOT_KNOWN;
    if (ran_ns != HB_NOT_KNOWN && waited_ns != HB_NOT_KNOWN) {
        machine->launcher_ran_ms = ran_ns / 1000000;
        machine->launcher_waited_ms = waited_ns / 1000000;
    }
}

void hb_machine_read_numbers(const char *root, struct hb_machine *machine)
{
    read_load(root, machine);
    read_memory(root, machine);
    read_pressures(root, machine);
    read_groups(root, machine);
    read_schedule(root, machine);
}

static void read_space(const char *name, const char *path,
                       struct hb_machine *machine)
{
    struct hb_space *space = &machine->spaces[machine->space_count];
    struct statvfs disk;

    if (statvfs(path, &disk) != 0) {
        return;
    }
    (void)hb_text_copy(space->name, sizeof(space->name), name);
    (void)hb_text_copy(space->path, sizeof(space->path), path);
    space->free_kib = (uint64_t)disk.f_bavail * disk.f_frsize / 1024;
    space->total_kib = (uint64_t)disk.f_blocks * disk.f_frsize / 1024;
    machine->space_count++;
}

void hb_machine_read(const char *folder, uint32_t pid,
                     struct hb_machine *out_machine)
{
    const char *temp = getenv("TMPDIR");

    hb_machine_clear(out_machine);
    hb_machine_read_numbers("", out_machine);
    read_space("artifacts", folder, out_machine);
    read_space("temp", temp != NULL && temp[0] != '\0' ? temp : "/tmp",
               out_machine);
    hb_machine_read_processes(out_machine);
    if (pid != 0) {
        hb_machine_read_handles(pid, out_machine);
    }
}
