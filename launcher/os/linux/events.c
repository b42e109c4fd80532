#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "os/clock.h"
#include "os/linux/guard.h"
#include "os/linux/signals.h"
#include "os/linux/state.h"

/* Within this time a signal and its copy from the guard are one request. */
#define COPY_WITHIN_MS 1000

/* timeout(1) and others signal both us and our group: one request as well. */
#define TWICE_WITHIN_MS 100

static void add_news(struct hb_process *process, const struct hb_news *news)
{
    if (process->news_count == HB_NEWS_ROOM) {
        return; /* in a storm of processes not each is told of */
    }
    size_t at = (process->news_from + process->news_count) % HB_NEWS_ROOM;

    process->news[at] = *news;
    process->news_count++;
}

static bool is_seen(const struct hb_process *process,
                    const struct hb_stat *stat)
{
    for (size_t i = 0; i < process->seen_count; i++) {
        if (process->seen[i].pid == stat->pid &&
            process->seen[i].start_ticks == stat->start_ticks) {
            return true;
        }
    }
    return false;
}

void hb_events_saw(struct hb_process *process, const struct hb_stat *stat)
{
    struct hb_news news = { .kind = HB_EVENT_CHILD };

    if ((pid_t)stat->pid == process->pid ||
        process->seen_count == HB_SEEN_ROOM || is_seen(process, stat)) {
        return;
    }
    process->seen[process->seen_count++] =
        (struct hb_seen){ stat->pid, stat->start_ticks };
    news.process.pid = stat->pid;
    news.process.ppid = stat->ppid;
    hb_stat_image(stat, news.process.image, sizeof(news.process.image));
    add_news(process, &news);
}

static struct hb_exit exit_of(const siginfo_t *ended)
{
    struct hb_exit how = { 0 };

    how.kind = ended->si_code == CLD_EXITED ? HB_EXIT_CODE : HB_EXIT_SIGNAL;
    how.value = (uint32_t)ended->si_status;
    how.core_dumped = ended->si_code == CLD_DUMPED;
    return how;
}

static uint64_t time_us(const struct timeval *time)
{
    return (uint64_t)time->tv_sec * 1000000u + (uint64_t)time->tv_usec;
}

/* getrusage(2) would count our helper too. */
static void add_used(struct hb_used *sum, const struct rusage *used)
{
    uint64_t rss_kib = (uint64_t)used->ru_maxrss;

    sum->user_us += time_us(&used->ru_utime);
    sum->system_us += time_us(&used->ru_stime);
    sum->max_rss_kib = rss_kib > sum->max_rss_kib ? rss_kib : sum->max_rss_kib;
}

void hb_events_reaped(const struct hb_reaped *reaped, void *context)
{
    struct hb_process *process = context;
    struct hb_exit how = exit_of(&reaped->ended);
    struct hb_news news = { .kind = HB_EVENT_CHILD_EXIT };

    if (hb_helper_reaped(&process->helper, reaped->ended.si_pid, how)) {
        return;
    }
    add_used(&process->used, &reaped->used);
    if (reaped->ended.si_pid == process->pid) {
        process->ended = true;
        process->exit = how;
        return;
    }
    news.exit = how;
    news.process.pid = (uint32_t)reaped->ended.si_pid;
    add_news(process, &news);
}

/* A hard limit on CPU time ends a process by SIGKILL, and nobody says so.
 * Afterwards neither the limit nor what it used alone could be had. */
static void look_at_limit(struct hb_process *process)
{
    struct rlimit limit = { 0, RLIM_INFINITY };
    struct hb_stat stat;
    long ticks_a_second = sysconf(_SC_CLK_TCK);

    if (prlimit(process->pid, RLIMIT_CPU, NULL, &limit) == 0 &&
        limit.rlim_max != RLIM_INFINITY && limit.rlim_max < UINT32_MAX &&
        ticks_a_second > 0 &&
        hb_stat_read_process((uint32_t)process->pid, &stat)) {
        process->program_ms = stat.own_ticks * 1000u / (uint64_t)ticks_a_second;
        process->cpu_limit_ms = (uint64_t)limit.rlim_max * 1000u;
    }
}

bool hb_events_reap(struct hb_process *process)
{
    siginfo_t ended = { 0 };
    struct hb_reaped reaped;
    struct hb_stat stat;

    if (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) < 0 ||
        ended.si_pid == 0) {
        return false;
    }
    if (!hb_tree_is_end(&ended)) {
        return hb_tree_let_go(&ended);
    }
    /* An orphan that nobody has seen alive: as a zombie it has its name. */
    if (ended.si_pid != process->pid && ended.si_pid != process->helper.pid &&
        hb_stat_read_process((uint32_t)ended.si_pid, &stat)) {
        hb_events_saw(process, &stat);
    }
    if (ended.si_pid == process->pid && ended.si_code != CLD_EXITED) {
        hb_cores_note_end(process);
    }
    if (ended.si_pid == process->pid && ended.si_status == SIGKILL &&
        ended.si_code == CLD_KILLED) {
        look_at_limit(process);
    }
    if (!hb_tree_reap(ended.si_pid, &reaped)) {
        return false;
    }
    hb_events_reaped(&reaped, process);
    return true;
}

/* All that we have reaped: the test program, what it waited for, and orphans.
 * `ru_maxrss` starts at our own size, since the child starts on our memory. */
static void tell_resources(const struct hb_process *process,
                           struct hb_resources *out_resources)
{
    const struct hb_used *used = &process->used;

    out_resources->known = true;
    out_resources->program_ms = process->program_ms;
    out_resources->cpu_limit_ms = process->cpu_limit_ms;
    out_resources->user_ms = used->user_us / 1000u;
    out_resources->system_ms = used->system_us / 1000u;
    out_resources->max_rss_kib = used->max_rss_kib;
}

bool hb_events_take(struct hb_process *process, struct hb_event *out_event)
{
    if (process->news_count > 0) {
        const struct hb_news *news = &process->news[process->news_from];

        out_event->kind = (enum hb_event_kind)news->kind;
        out_event->pid = news->process.pid;
        out_event->exit = news->exit;
        out_event->process = news->process;
        process->news_from = (process->news_from + 1) % HB_NEWS_ROOM;
        process->news_count--;
        return true;
    }
    if (process->ended && !process->told) {
        process->told = true;
        out_event->kind = HB_EVENT_EXIT;
        out_event->pid = (uint32_t)process->pid;
        out_event->exit = process->exit;
        tell_resources(process, &out_event->resources);
        return true;
    }
    return false;
}

/* A request that reached the guard and us alike (Ctrl-C, a signal to the
 * group) comes twice: once for us, once passed on. */
static bool is_known_request(struct hb_process *process, uint32_t signal,
                             uint32_t sender, bool copy)
{
    uint64_t now_ms = hb_clock_ms();
    uint64_t within_ms = process->request.copy != copy    ? COPY_WITHIN_MS
                         : hb_signal_asks_to_stop(signal) ? TWICE_WITHIN_MS
                                                          : 0;
    bool same = process->request.signal == signal &&
                process->request.sender == sender &&
                now_ms - process->request.at_ms < within_ms;

    if (!same) {
        process->request.signal = signal;
        process->request.sender = sender;
        process->request.copy = copy;
        process->request.at_ms = now_ms;
    }
    return same;
}

static void tell_request(const struct signalfd_siginfo *info,
                         struct hb_event *out_event)
{
    bool lost =
        info->ssi_signo == (uint32_t)HB_SIGNAL_GUARD_LOST && hb_guard_is_lost();

    out_event->kind = lost || hb_signal_asks_to_stop(info->ssi_signo)
                          ? HB_EVENT_STOP_REQUEST
                          : HB_EVENT_SIGNAL;
    out_event->signal = lost ? 0 : info->ssi_signo;
    out_event->signal_name = hb_request_name(info->ssi_signo);
}

bool hb_events_signal(struct hb_process *process, struct hb_event *out_event)
{
    struct signalfd_siginfo info;

    if (read(process->signals, &info, sizeof(info)) != sizeof(info)) {
        return false;
    }
    if (info.ssi_signo == SIGCHLD) {
        process->ready |= HB_READY_CHILD;
        return true;
    }
    if (info.ssi_signo == SIGURG) {
        out_event->kind = HB_EVENT_CALLED;
        return true;
    }
    /* The guard puts the sender it saw into the value. */
    bool copy = info.ssi_code == SI_QUEUE && (pid_t)info.ssi_pid == getppid();
    uint32_t sender = copy ? (uint32_t)info.ssi_int : info.ssi_pid;

    if (is_known_request(process, info.ssi_signo, sender, copy)) {
        return true;
    }
    tell_request(&info, out_event);
    out_event->pid = sender;
    return true;
}
