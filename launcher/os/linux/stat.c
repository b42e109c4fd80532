#include "os/linux/stat.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

size_t hb_proc_read(const char *path, char *target, size_t size)
{
    char whole[64];
    ssize_t got = -1;

    target[0] = '\0';
    (void)snprintf(whole, sizeof(whole), "/proc/%s", path);
    int fd = open(whole, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return 0;
    }
    got = read(fd, target, size - 1);
    (void)close(fd);
    if (got < 0) {
        got = 0;
    }
    target[got] = '\0';
    return (size_t)got;
}

bool hb_proc_is_mounted(void)
{
    return access("/proc/self/stat", F_OK) == 0;
}

bool hb_proc_fail_gone(uint32_t pid, struct hb_error *err)
{
    if (!hb_proc_is_mounted()) {
        return hb_fail(err, HB_ERR_READ, 0,
                       "cannot look at process %u: /proc is not mounted",
                       (unsigned)pid);
    }
    return hb_fail(err, HB_ERR_NOT_FOUND, 0, "process %u has ended",
                   (unsigned)pid);
}

bool hb_proc_number(const char **at, uint64_t *out_value)
{
    uint64_t value = 0;
    const char *from = *at;

    while (*from == ' ' || *from == '\n') {
        from++;
    }
    const char *first = from;
    for (; *from >= '0' && *from <= '9'; from++) {
        value = value * 10 + (uint64_t)(*from - '0');
    }
    *at = from;
    *out_value = value;
    return from != first;
}

/* Field numbers are those of proc(5). A negative one (priority, for one) is
 * of no interest and stays 0. */
static void read_fields(const char *at, uint64_t *fields, size_t count)
{
    for (size_t i = 4; i < count; i++) {
        while (*at == ' ') {
            at++;
        }
        bool negative = *at == '-';
        if (negative) {
            at++;
        }
        uint64_t value = 0;
        if (!hb_proc_number(&at, &value)) {
            return;
        }
        fields[i] = negative ? 0 : value;
    }
}

bool hb_stat_read(const char *path, struct hb_stat *out_stat)
{
    char text[1024];
    uint64_t fields[25] = { 0 };
    const char *at = text;
    uint64_t pid = 0;

    if (hb_proc_read(path, text, sizeof(text)) == 0 ||
        !hb_proc_number(&at, &pid)) {
        return false;
    }
    const char *open_mark = strchr(at, '(');
    const char *close_mark = strrchr(at, ')'); /* the name may hold any byte */
    if (open_mark == NULL || close_mark == NULL || close_mark[1] != ' ') {
        return false;
    }
    read_fields(close_mark + 3, fields, sizeof(fields) / sizeof(fields[0]));
    memset(out_stat, 0, sizeof(*out_stat));
    (void)hb_text_copy_bytes(out_stat->name, sizeof(out_stat->name),
                             open_mark + 1,
                             (size_t)(close_mark - open_mark - 1));
    out_stat->pid = (uint32_t)pid;
    out_stat->state = close_mark[2];
    out_stat->ppid = (uint32_t)fields[4];
    out_stat->group = (uint32_t)fields[5];
    out_stat->own_ticks = fields[14] + fields[15];
    out_stat->waited_ticks = fields[16] + fields[17];
    out_stat->threads = (uint32_t)fields[20];
    out_stat->start_ticks = fields[22];
    out_stat->rss_pages = fields[24];
    return true;
}

bool hb_stat_read_process(uint32_t pid, struct hb_stat *out_stat)
{
    char path[32];

    (void)snprintf(path, sizeof(path), "%u/stat", pid);
    return hb_stat_read(path, out_stat);
}

bool hb_stat_is_gone(const struct hb_stat *stat)
{
    return stat->state == 'X' || (stat->state == 'Z' && stat->threads <= 1);
}

void hb_stat_image(const struct hb_stat *stat, char *target, size_t size)
{
    char path[32];
    char file[PATH_MAX];

    /* Whoever starts itself again by /proc/self/exe is called so. */
    bool is_nameless = strcmp(stat->name, "exe") == 0;

    (void)hb_text_copy(target, size, stat->name);
    if (strlen(stat->name) < HB_COMM_SIZE - 1 && !is_nameless) {
        return;
    }
    (void)snprintf(path, sizeof(path), "/proc/%u/exe", stat->pid);
    ssize_t length = readlink(path, file, sizeof(file) - 1);
    if (length <= 0) {
        return;
    }
    file[length] = '\0';
    const char *base = hb_text_base_name(file, false);
    if (is_nameless || strncmp(base, stat->name, HB_COMM_SIZE - 1) == 0) {
        (void)hb_text_copy(target, size, base);
    }
}
