#include "os/linux/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "os/clock.h"

/* More than fit are met on the next round of a kill; a report counts
 * 4096. Zero pages that nobody touches cost nothing. */
#define ROOM 4097
/* Takes some milliseconds. */
#define PROBED 32768u
#define HURRY_NICE (-20)
static struct hb_stat found[ROOM];

static pid_t left_out;

void hb_tree_leave_out(pid_t child)
{
    left_out = child;
}

static bool is_known(const struct hb_tree_list *list, uint32_t pid)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].pid == pid) {
            return true;
        }
    }
    return false;
}

static void add(struct hb_tree_list *list, uint32_t pid)
{
    if (list->count < ROOM && (pid_t)pid != left_out && !is_known(list, pid) &&
        hb_stat_read_process(pid, &list->items[list->count])) {
        list->count++;
    }
}

typedef void visit(uint32_t pid, void *context);

/* Visits the children of one thread. False if this kernel does not list
 * them. */
static bool visit_children(uint32_t pid, uint32_t tid, visit *visit_child,
                           void *context)
{
    char path[64];
    char text[4096];
    size_t kept = 0;
    ssize_t got = 0;

    (void)snprintf(path, sizeof(path), "/proc/%u/task/%u/children", pid, tid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    do {
        got = read(fd, text + kept, sizeof(text) - 1 - kept);
        size_t size = kept + (got > 0 ? (size_t)got : 0);
        const char *at = text;
        uint64_t child = 0;

        text[size] = '\0';
        /* A number is whole once a blank follows it. */
        const char *last = strrchr(text, ' ');
        while (last != NULL && at < last && hb_proc_number(&at, &child)) {
            visit_child((uint32_t)child, context);
        }
        kept = size - (size_t)(at - text);
        memmove(text, at, kept);
    } while (got > 0);
    (void)close(fd);
    return true;
}

static void add_child(uint32_t pid, void *list)
{
    add(list, pid);
}

static void kill_child(uint32_t pid, void *context)
{
    (void)context;
    if ((pid_t)pid != left_out) {
        (void)kill((pid_t)pid, SIGKILL);
    }
}

static bool add_children(struct hb_tree_list *list, uint32_t pid,
                         uint32_t threads)
{
    char path[32];

    if (threads <= 1) {
        return visit_children(pid, pid, add_child, list);
    }
    (void)snprintf(path, sizeof(path), "/proc/%u/task", pid);
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return true; /* it has just ended; its children come to us */
    }
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *at = entry->d_name;
        uint64_t tid = 0;

        if (hb_proc_number(&at, &tid)) {
            (void)visit_children(pid, (uint32_t)tid, add_child, list);
        }
    }
    (void)closedir(folder);
    return true;
}

/* For kernels without lists of children: one look at every process there is.
 * Returns true if it found something new. */
static bool scan(struct hb_tree_list *list, uint32_t self)
{
    size_t before = list->count;
    DIR *folder = opendir("/proc");

    if (folder == NULL) {
        return false;
    }
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *at = entry->d_name;
        uint64_t pid = 0;
        struct hb_stat stat;

        if (hb_proc_number(&at, &pid) &&
            hb_stat_read_process((uint32_t)pid, &stat) &&
            (stat.ppid == self || is_known(list, stat.ppid))) {
            add(list, stat.pid);
        }
    }
    (void)closedir(folder);
    return list->count > before;
}

static bool is_blind(void)
{
    return access("/proc/self/stat", F_OK) != 0;
}

/* Without /proc: asks of the numbers after ours, which the kernel gives out in
 * turn, which are children of ours. Their own children it cannot see; as soon
 * as their parent has ended they are ours. */
static void probe(struct hb_tree_list *list, uint32_t self)
{
    for (uint32_t pid = self + 1; pid <= self + PROBED; pid++) {
        siginfo_t ended = { 0 };

        if (list->count < ROOM && (pid_t)pid != left_out &&
            waitid(P_PID, pid, &ended, WEXITED | WNOHANG | WNOWAIT) == 0) {
            list->items[list->count++] = (struct hb_stat){
                .pid = pid,
                .ppid = self,
                .threads = 1,
                .state = ended.si_pid == 0 ? 'R' : 'Z',
                .name = "unknown",
            };
        }
    }
}

void hb_tree_list(struct hb_tree_list *out_list)
{
    struct hb_tree_list list = { .items = found };
    uint32_t self = (uint32_t)getpid();
    size_t done = 0;

    if (is_blind()) {
        probe(&list, self);
    } else if (!add_children(&list, self, 1)) {
        while (scan(&list, self)) {
        }
    } else {
        /* Orphans come to us while we look, hence the second look at our own
         * children once the rest is done. */
        for (size_t seen = 0; list.count > seen;) {
            seen = list.count;
            for (; done < list.count; done++) {
                (void)add_children(&list, list.items[done].pid,
                                   list.items[done].threads);
            }
            (void)add_children(&list, self, 1);
        }
    }
    *out_list = list;
}

bool hb_tree_is_empty(void)
{
    struct hb_tree_list list;
    siginfo_t ended = { 0 };

    if (left_out != 0) { /* waiting cannot leave anybody out */
        hb_tree_list(&list);
        return list.count == 0;
    }
    return waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) < 0 &&
           errno == ECHILD;
}

bool hb_tree_is_end(const siginfo_t *seen)
{
    return seen->si_code == CLD_EXITED || seen->si_code == CLD_KILLED ||
           seen->si_code == CLD_DUMPED;
}

bool hb_tree_let_go(const siginfo_t *stopped)
{
    siginfo_t signal = { 0 };
    long number = stopped->si_status;

    /* The SIGTRAP of an exec was made for the tracer alone. */
    if (ptrace(PTRACE_GETSIGINFO, stopped->si_pid, NULL, &signal) == 0 &&
        signal.si_signo == SIGTRAP && signal.si_code == SI_USER) {
        number = 0;
    }
    return ptrace(PTRACE_DETACH, stopped->si_pid, NULL, number) == 0;
}

bool hb_tree_reap(pid_t pid, struct hb_reaped *out_reaped)
{
    struct hb_reaped reaped = { 0 };

    /* The C library's waitid(3) does not hand on what was used. */
    if (syscall(SYS_waitid, pid == 0 ? P_ALL : P_PID, pid, &reaped.ended,
                WEXITED | WNOHANG, &reaped.used) < 0 ||
        reaped.ended.si_pid == 0) {
        return false;
    }
    if (!hb_tree_is_end(&reaped.ended)) {
        (void)hb_tree_let_go(&reaped.ended); /* or it dies stopped */
        return false;
    }
    *out_reaped = reaped;
    return true;
}

/* A whole group dies in one call, so that what forks inside it cannot get
 * away. Only groups that belong to the tree: that of the test program, and
 * those whose leader is one of ours. */
static bool is_group_of_tree(const struct hb_tree_list *list, uint32_t group,
                             pid_t test_group)
{
    return group != 0 && group != (uint32_t)getpgrp() &&
           ((pid_t)group == test_group || is_known(list, group));
}

/* To the process that was seen and to no other that has its number by now.
 * Our own children keep their numbers until we reap them. */
static void send_to(const struct hb_stat *item, int signal)
{
    struct hb_stat now;
    int fd = -1;

    errno = 0;
    if (item->ppid != (uint32_t)getpid()) {
        fd = (int)syscall(SYS_pidfd_open, (pid_t)item->pid, 0);
    }
    if (fd < 0 && errno == ESRCH) {
        return; /* gone already */
    }
    if (fd < 0) { /* a child of ours, or an old kernel */
        (void)kill((pid_t)item->pid, signal);
        return;
    }
    if (hb_stat_read_process(item->pid, &now) &&
        now.start_ticks == item->start_ticks) {
        (void)syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0);
    }
    (void)close(fd);
}

void hb_tree_signal(pid_t test_group, int signal)
{
    struct hb_tree_list list;
    uint32_t last_group = 0;

    hb_tree_list(&list);
    if (test_group != 0 && is_blind()) {
        (void)kill(-test_group, signal);
        if (signal != SIGKILL) {
            return; /* asking twice may mean something else */
        }
    }
    for (size_t i = 0; i < list.count; i++) {
        const struct hb_stat *item = &list.items[i];

        if (hb_stat_is_gone(item)) {
            continue;
        }
        if (signal == SIGKILL && item->group != last_group &&
            is_group_of_tree(&list, item->group, test_group)) {
            last_group = item->group;
            (void)kill(-(pid_t)item->group, signal);
        }
        send_to(item, signal);
    }
}

void hb_tree_wait(void)
{
    const struct timespec little = { .tv_nsec = 5000000 };
    sigset_t child;

    (void)sigemptyset(&child);
    (void)sigaddset(&child, SIGCHLD);
    (void)sigtimedwait(&child, NULL, &little);
}

/* False if nothing had ended. */
static bool reap_all(hb_tree_reaped *reaped, void *context)
{
    struct hb_reaped ended;
    bool any = false;

    while (hb_tree_reap(0, &ended)) {
        any = true;
        reaped(&ended, context);
    }
    return any;
}

/* A storm of processes is a race for the processors. Only some may take part
 * with better chances; who may not has the chances of everybody. */
static int hurry(void)
{
    int before = getpriority(PRIO_PROCESS, 0);

    (void)setpriority(PRIO_PROCESS, 0, HURRY_NICE);
    return before;
}

bool hb_tree_kill(pid_t test_group, uint32_t limit_ms, hb_tree_reaped *reaped,
                  void *context)
{
    uint64_t end_ms = hb_clock_ms() + limit_ms;
    uint32_t self = (uint32_t)getpid();
    int nice_before = hurry();

    while (!hb_tree_is_empty() && hb_clock_ms() < end_ms) {
        /* Orphans first and without another look at them: what ends as soon
         * as it has started the next one must not get ahead of us. */
        (void)visit_children(self, self, kill_child, NULL);
        hb_tree_signal(test_group, SIGKILL);
        if (!reap_all(reaped, context)) {
            hb_tree_wait();
        }
    }
    (void)setpriority(PRIO_PROCESS, 0, nice_before);
    return hb_tree_is_empty();
}
