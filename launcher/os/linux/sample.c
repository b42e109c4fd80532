/*
 * Threads from outside. All of it is read from /proc, which neither stops a
 * thread nor wakes it. What a thread waits for is told by the number of its
 * system call; the wait channel's name differs between kernels, so it is text
 * for people, and decides only where the system call cannot be read.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "os/linux/state.h"

static const struct {
    long number;
    enum hb_wait_kind kind;
} calls[] = {
    { SYS_futex, HB_WAIT_LOCK },
#ifdef SYS_futex_waitv
    { SYS_futex_waitv, HB_WAIT_LOCK },
#endif
    { SYS_read, HB_WAIT_IO },
    { SYS_readv, HB_WAIT_IO },
    { SYS_pread64, HB_WAIT_IO },
    { SYS_preadv, HB_WAIT_IO },
    { SYS_write, HB_WAIT_IO },
    { SYS_writev, HB_WAIT_IO },
    { SYS_pwrite64, HB_WAIT_IO },
    { SYS_pwritev, HB_WAIT_IO },
    { SYS_ppoll, HB_WAIT_IO },
    { SYS_pselect6, HB_WAIT_IO },
    { SYS_epoll_pwait, HB_WAIT_IO },
#ifdef SYS_epoll_pwait2
    { SYS_epoll_pwait2, HB_WAIT_IO },
#endif
#ifdef SYS_poll /* not on newer machines */
    { SYS_poll, HB_WAIT_IO },
    { SYS_select, HB_WAIT_IO },
    { SYS_epoll_wait, HB_WAIT_IO },
    { SYS_open, HB_WAIT_IO },
#endif
    { SYS_openat, HB_WAIT_IO }, /* a FIFO without its other end */
    { SYS_recvfrom, HB_WAIT_IO },
    { SYS_recvmsg, HB_WAIT_IO },
    { SYS_recvmmsg, HB_WAIT_IO },
    { SYS_sendto, HB_WAIT_IO },
    { SYS_sendmsg, HB_WAIT_IO },
    { SYS_sendmmsg, HB_WAIT_IO },
    { SYS_accept, HB_WAIT_IO },
    { SYS_accept4, HB_WAIT_IO },
    { SYS_connect, HB_WAIT_IO },
    { SYS_fcntl, HB_WAIT_IO },
    { SYS_flock, HB_WAIT_IO },
    { SYS_splice, HB_WAIT_IO },
    { SYS_tee, HB_WAIT_IO },
    { SYS_sendfile, HB_WAIT_IO },
    { SYS_fsync, HB_WAIT_IO },
    { SYS_fdatasync, HB_WAIT_IO },
    { SYS_io_getevents, HB_WAIT_IO },
#ifdef SYS_io_uring_enter
    { SYS_io_uring_enter, HB_WAIT_IO },
#endif
    { SYS_wait4, HB_WAIT_CHILD },
    { SYS_waitid, HB_WAIT_CHILD },
    { SYS_clone, HB_WAIT_CHILD }, /* vfork: until the child execs */
#ifdef SYS_vfork
    { SYS_vfork, HB_WAIT_CHILD },
#endif
    { SYS_nanosleep, HB_WAIT_SLEEP },
    { SYS_clock_nanosleep, HB_WAIT_SLEEP },
};

/* Parts of names, for kernels that do not show the system call. */
static const struct {
    const char *part;
    enum hb_wait_kind kind;
} channels[] = {
    { "futex", HB_WAIT_LOCK },     { "nanosleep", HB_WAIT_SLEEP },
    { "do_wait", HB_WAIT_CHILD },  { "kernel_clone", HB_WAIT_CHILD },
    { "pipe", HB_WAIT_IO },        { "poll", HB_WAIT_IO },
    { "select", HB_WAIT_IO },      { "epoll", HB_WAIT_IO },
    { "ep_wait", HB_WAIT_IO },     { "sk_wait", HB_WAIT_IO },
    { "skb_wait", HB_WAIT_IO },    { "skb_recv", HB_WAIT_IO },
    { "unix_stream", HB_WAIT_IO }, { "unix_wait", HB_WAIT_IO },
    { "inet_csk", HB_WAIT_IO },    { "tty", HB_WAIT_IO },
    { "wait_woken", HB_WAIT_IO },  { "setlk", HB_WAIT_IO },
    { "flock", HB_WAIT_IO },       { "locks_lock", HB_WAIT_IO },
};

static enum hb_thread_state state_of(char letter)
{
    switch (letter) {
    case 'R':
        return HB_THREAD_RUNNING;
    case 'S':
    case 'I':
        return HB_THREAD_WAITING;
    case 'D':
        return HB_THREAD_UNINTERRUPTIBLE;
    case 'T':
        return HB_THREAD_STOPPED;
    case 't':
        return HB_THREAD_TRACED;
    case 'Z':
    case 'X':
        return HB_THREAD_DEAD;
    default:
        return HB_THREAD_UNKNOWN;
    }
}

static enum hb_wait_kind wait_of_call(uint64_t number)
{
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if ((uint64_t)calls[i].number == number) {
            return calls[i].kind;
        }
    }
    return HB_WAIT_OTHER;
}

static enum hb_wait_kind wait_of_channel(const char *name)
{
    for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++) {
        if (strstr(name, channels[i].part) != NULL) {
            return channels[i].kind;
        }
    }
    return HB_WAIT_OTHER;
}

static void look_at_wait(struct hb_thread_sample *sample, const char *folder)
{
    char path[64];
    char text[256];
    const char *at = text;
    uint64_t number = 0;

    (void)snprintf(path, sizeof(path), "%s/wchan", folder);
    if (hb_proc_read(path, text, sizeof(text)) > 0 && strcmp(text, "0") != 0) {
        (void)hb_text_copy(sample->wait_name, sizeof(sample->wait_name), text);
    }
    (void)snprintf(path, sizeof(path), "%s/syscall", folder);
    if (hb_proc_read(path, text, sizeof(text)) > 0 &&
        hb_proc_number(&at, &number)) {
        sample->wait = wait_of_call(number);
    } else {
        sample->wait = wait_of_channel(sample->wait_name);
    }
}

static uint64_t cpu_of(const struct hb_stat *stat, const char *folder)
{
    char path[64];
    char text[128];
    const char *at = text;
    uint64_t ns = 0;

    (void)snprintf(path, sizeof(path), "%s/schedstat", folder);
    if (hb_proc_read(path, text, sizeof(text)) > 0 &&
        hb_proc_number(&at, &ns)) {
        return ns / 1000u;
    }
    return stat->own_ticks * 1000000u / (uint64_t)sysconf(_SC_CLK_TCK);
}

static bool look_at_thread(uint32_t pid, uint32_t tid,
                           struct hb_thread_sample *out_sample)
{
    struct hb_thread_sample sample = { .pid = pid, .tid = tid };
    struct hb_stat stat;
    char folder[48];
    char path[64];

    (void)snprintf(folder, sizeof(folder), "%u/task/%u", pid, tid);
    (void)snprintf(path, sizeof(path), "%s/stat", folder);
    if (!hb_stat_read(path, &stat)) {
        return false;
    }
    sample.state = state_of(stat.state);
    sample.cpu_us = cpu_of(&stat, folder);
    (void)hb_text_copy(sample.name, sizeof(sample.name), stat.name);
    if (sample.state == HB_THREAD_WAITING ||
        sample.state == HB_THREAD_UNINTERRUPTIBLE) {
        look_at_wait(&sample, folder);
    }
    *out_sample = sample;
    return true;
}

/* True while the kernel writes its core, or a handler reads it (since 4.15). */
static bool is_dumping(uint32_t pid)
{
    char path[32];
    char text[4096];

    (void)snprintf(path, sizeof(path), "%u/status", pid);
    return hb_proc_read(path, text, sizeof(text)) > 0 &&
           strstr(text, "\nCoreDumping:\t1") != NULL;
}

static size_t look_at_process(uint32_t pid, struct hb_thread_sample *samples,
                              size_t room)
{
    bool dumping = is_dumping(pid);
    char path[32];
    size_t count = 0;

    (void)snprintf(path, sizeof(path), "/proc/%u/task", pid);
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return 0;
    }
    for (struct dirent *entry;
         count < room && (entry = readdir(folder)) != NULL;) {
        const char *at = entry->d_name;
        uint64_t tid = 0;

        if (hb_proc_number(&at, &tid) &&
            look_at_thread(pid, (uint32_t)tid, &samples[count])) {
            if (dumping) {
                samples[count].state = HB_THREAD_DUMPING;
            }
            count++;
        }
    }
    (void)closedir(folder);
    return count;
}

size_t hb_process_sample(struct hb_process *process,
                         struct hb_thread_sample *samples, size_t room,
                         struct hb_dialog *out_dialog)
{
    struct hb_tree_list list;
    size_t count = 0;

    memset(out_dialog, 0, sizeof(*out_dialog));
    if (process->pid != 0 && !process->ended) {
        count = look_at_process((uint32_t)process->pid, samples, room);
    }
    hb_tree_list(&list);
    for (size_t i = 0; i < list.count && count < room; i++) {
        const struct hb_stat *item = &list.items[i];

        hb_events_saw(process, item);
        if ((pid_t)item->pid != process->pid && !hb_stat_is_gone(item)) {
            count += look_at_process(item->pid, samples + count, room - count);
        }
    }
    return count;
}
