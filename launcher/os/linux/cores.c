#include "os/linux/cores.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "os/linux/state.h"
#include "os/reason.h"

/* What is shown of a path. */
#define SHOWN_SIZE 160

/* What others need of the disk. */
#define DISK_FREE_LEAST ((uint64_t)64 << 20)

/* The clock that file systems take their times from. */
static uint64_t file_time_ns(void)
{
    struct timespec now = { 0 };

    (void)clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* A file that has the only name there is would be replaced by the core, and is
 * no core of ours. */
static bool is_in_the_way(const struct hb_cores *cores, const char *folder,
                          char *shown)
{
    const char *name = hb_core_pattern_only_name(&cores->pattern);
    char path[PATH_MAX];
    struct stat about;

    if (name == NULL ||
        !hb_text_format(path, sizeof(path), "%s/%s", folder, name) ||
        lstat(path, &about) != 0) {
        return false;
    }
    hb_text_copy_path(shown, SHOWN_SIZE, path);
    return true;
}

/* Keeps a reason that names a file or a folder. */
static const char *say(struct hb_cores *cores, const char *shown,
                       const char *why)
{
    (void)hb_text_format(cores->text, sizeof(cores->text), "'%s'%s", shown,
                         why);
    return cores->text;
}

/* Bytes that a core may take without filling the disk. */
static uint64_t room_on_disk(const char *folder)
{
    struct statvfs about;
    uint64_t free_bytes;

    if (statvfs(folder, &about) != 0) {
        return 0;
    }
    free_bytes = (uint64_t)about.f_bavail * about.f_frsize;
    return free_bytes > DISK_FREE_LEAST ? free_bytes - DISK_FREE_LEAST : 0;
}

/* Where a core goes of a process with that working folder. */
static bool find_folder(const struct hb_cores *cores, const char *working,
                        char *target, size_t size)
{
    const struct hb_core_search search = { .pattern = &cores->pattern };

    return hb_core_search_folder(&search, working, target, size);
}

static const char *limit_by_file(struct hb_cores *cores)
{
    char folder[PATH_MAX];
    char shown[SHOWN_SIZE];

    if (!find_folder(cores, cores->started_in, folder, sizeof(folder))) {
        return "core_pattern names a folder that only the kernel can tell";
    }
    if (is_in_the_way(cores, folder, shown)) {
        return say(cores, shown,
                   " has the name that core_pattern gives a core, and would "
                   "be replaced: " HB_CORE_IN_THE_WAY);
    }
    uint64_t room = room_on_disk(folder);
    if (room == 0) {
        hb_text_copy_path(shown, sizeof(shown), folder);
        return say(cores, shown,
                   ", where core_pattern puts cores, is not there, or its "
                   "disk is full");
    }
    if (cores->limit.rlim_cur == RLIM_INFINITY ||
        cores->limit.rlim_cur > room) {
        cores->limit.rlim_cur = room;
    }
    return NULL;
}

/* Of the others only these ask for the limit, and leave what we can read. */
static bool is_known_handler(const struct hb_core_pattern *pattern)
{
    char program[HB_CORE_PATTERN_SIZE];
    const char *name;

    if (!hb_core_pattern_program(pattern, program, sizeof(program))) {
        return false;
    }
    name = hb_text_base_name(program, false);
    return strcmp(name, "systemd-coredump") == 0 || strcmp(name, "apport") == 0;
}

/* NULL if the limit may be raised. */
static const char *find_obstacle(struct hb_cores *cores)
{
    struct hb_error err = { 0 };

    if (getrlimit(RLIMIT_CORE, &cores->limit) != 0) {
        return "the limit on cores cannot be read";
    }
    if (cores->limit.rlim_max == 0) {
        return "the hard limit on cores is 0 (ulimit -Hc)";
    }
    if (!hb_core_pattern_of_system(&cores->pattern, &err)) {
        hb_reason_say(&err, cores->text, sizeof(cores->text));
        return cores->text;
    }
    if (getcwd(cores->started_in, sizeof(cores->started_in)) == NULL) {
        cores->started_in[0] = '\0';
        return "the working folder is not known";
    }
    if (cores->limit.rlim_cur == cores->limit.rlim_max) {
        return "the limit on cores is as high as it can be";
    }
    cores->limit.rlim_cur = cores->limit.rlim_max;
    switch (cores->pattern.way) {
    case HB_CORE_NOWHERE:
        return "core_pattern is empty: the kernel writes no cores";
    case HB_CORE_FILE:
        return limit_by_file(cores);
    case HB_CORE_PIPE:
        return is_known_handler(&cores->pattern)
                   ? NULL
                   : "core_pattern hands cores to a program that is not known";
    case HB_CORE_SOCKET:
        break;
    }
    return "core_pattern hands cores to a server";
}

void hb_cores_prepare(struct hb_process *process)
{
    struct hb_cores *cores = &process->cores;

    if (!process->spec.cores) {
        return;
    }
    cores->why_not = find_obstacle(cores);
    cores->raises = cores->why_not == NULL;
    cores->since_ns = file_time_ns();
}

void hb_cores_look(struct hb_process *process)
{
    struct hb_cores *cores = &process->cores;
    char path[32];
    char folder[PATH_MAX];

    if (!process->spec.cores || process->ended) {
        return;
    }
    (void)snprintf(path, sizeof(path), "/proc/%d/cwd", (int)process->pid);
    ssize_t length = readlink(path, folder, sizeof(folder) - 1);
    if (length > 0) {
        folder[length] = '\0';
        (void)hb_text_copy(cores->seen_in, sizeof(cores->seen_in), folder);
    }
}

void hb_cores_note_end(struct hb_process *process)
{
    struct hb_cores *cores = &process->cores;

    cores->end_known = process->spec.cores && prlimit(process->pid, RLIMIT_CORE,
                                                      NULL, &cores->end) == 0;
}

void hb_process_spare_core(struct hb_process *process, uint32_t pid)
{
    struct rlimit limit;

    if (process->cores.raises &&
        prlimit((pid_t)pid, RLIMIT_CORE, NULL, &limit) == 0) {
        limit.rlim_cur = 0;
        (void)prlimit((pid_t)pid, RLIMIT_CORE, &limit, NULL);
    }
}

static bool leaves_core(const struct hb_exit *how)
{
    static const uint32_t signals[] = { SIGQUIT, SIGILL, SIGTRAP, SIGABRT,
                                        SIGBUS,  SIGFPE, SIGSEGV, SIGXCPU,
                                        SIGXFSZ, SIGSYS };

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        if (how->kind == HB_EXIT_SIGNAL && how->value == signals[i]) {
            return true;
        }
    }
    return false;
}

/* Why the kernel wrote none of a process that was allowed one; NULL if that is
 * not known. */
static const char *explain_absence(struct hb_cores *cores)
{
    const char *working =
        cores->seen_in[0] != '\0' ? cores->seen_in : cores->started_in;
    char folder[PATH_MAX];
    char shown[SHOWN_SIZE];
    char words[SHOWN_SIZE];
    char why[256];

    if (cores->pattern.way != HB_CORE_FILE ||
        !find_folder(cores, working, folder, sizeof(folder))) {
        return NULL;
    }
    if (is_in_the_way(cores, folder, shown)) {
        return say(cores, shown,
                   " was in the way of the kernel: " HB_CORE_IN_THE_WAY);
    }
    hb_text_copy_path(shown, sizeof(shown), folder);
    if (access(folder, W_OK | X_OK) == 0) {
        return say(cores, shown,
                   ", where core_pattern puts it, did not get it: the kernel "
                   "could not write it");
    }
    hb_reason_read(errno, words, sizeof(words));
    (void)hb_text_format(why, sizeof(why),
                         ", where core_pattern puts it, takes no files of this "
                         "user: %s",
                         words);
    return say(cores, shown, why);
}

static bool stop_at_first(void *context, const char *path)
{
    (void)context;
    (void)path;
    return false;
}

void hb_process_cores(struct hb_process *process,
                      struct hb_core_trace *out_trace)
{
    struct hb_cores *cores = &process->cores;
    struct hb_core_trace trace = { 0 };

    *out_trace = trace;
    if (!process->spec.cores) {
        return;
    }
    trace.died = process->ended && leaves_core(&process->exit);
    trace.flagged = process->exit.core_dumped;
    trace.raised = cores->raises;
    trace.why_not = cores->why_not;
    trace.since_ns = cores->since_ns;
    trace.limit_known = cores->end_known;
    trace.limit = cores->end.rlim_cur;
    if (cores->started_in[0] != '\0') {
        trace.folders[trace.folder_count++] = cores->started_in;
    }
    if (cores->seen_in[0] != '\0') {
        trace.folders[trace.folder_count++] = cores->seen_in;
    }
    if (cores->raises) {
        const struct hb_core_search search = {
            .pattern = &cores->pattern,
            .folders = trace.folders,
            .folder_count = trace.folder_count,
            .since_ns = cores->since_ns,
        };

        trace.found = hb_core_search_visit(&search, stop_at_first, NULL) > 0;
    }
    if (cores->raises && trace.died && !trace.flagged &&
        (!trace.limit_known || trace.limit > 0)) {
        trace.why_not = explain_absence(cores);
    }
    *out_trace = trace;
}
