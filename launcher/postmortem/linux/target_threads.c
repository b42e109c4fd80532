#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "os/linux/stat.h"
#include "postmortem/linux/target_parts.h"

/* Nanoseconds where the kernel counts them, ticks elsewhere. */
static uint64_t cpu_us_of(pid_t pid, pid_t tid, uint64_t ticks)
{
    char path[64];
    char text[128];
    const char *at = text;
    uint64_t ns = 0;

    (void)snprintf(path, sizeof(path), "%d/task/%d/schedstat", (int)pid,
                   (int)tid);
    if (hb_proc_read(path, text, sizeof(text)) > 0 &&
        hb_proc_number(&at, &ns)) {
        return ns / 1000u;
    }
    return ticks * 1000000u / (uint64_t)sysconf(_SC_CLK_TCK);
}

static struct hb_target_item look_at(pid_t pid, pid_t tid)
{
    struct hb_target_item item = { .seen = { .tid = tid, .state = '?' } };
    struct hb_stat stat;
    char path[64];

    (void)snprintf(path, sizeof(path), "%d/task/%d/stat", (int)pid, (int)tid);
    if (hb_stat_read(path, &stat)) {
        item.seen.state = stat.state;
        (void)hb_text_copy(item.seen.name, sizeof(item.seen.name), stat.name);
        item.seen.cpu_us = cpu_us_of(pid, tid, stat.own_ticks);
        item.ended = stat.state == 'Z' || stat.state == 'X';
    }
    return item;
}

/* Both lists have the threads in the order of their birth, so what is looked
 * for mostly stands at `*hint`. */
static bool is_known(const struct hb_target *target, pid_t tid, size_t *hint)
{
    for (size_t i = 0; i < target->count; i++) {
        size_t at = (*hint + i) % target->count;

        if (target->items[at].seen.tid == tid) {
            *hint = at + 1;
            return true;
        }
    }
    return false;
}

static bool add(struct hb_target *target, pid_t tid)
{
    if (target->count == target->room) {
        size_t larger = target->room == 0 ? 32 : target->room * 2;
        void *items = realloc(target->items, larger * sizeof(target->items[0]));

        if (items == NULL) {
            return false;
        }
        target->items = items;
        target->room = larger;
    }
    target->items[target->count++] = look_at(target->pid, tid);
    return true;
}

uint64_t hb_target_tracer(const struct hb_target *target, pid_t tid)
{
    char path[64];
    char text[4096];
    const char *mark = "\nTracerPid:\t";
    uint64_t tracer = 0;

    (void)snprintf(path, sizeof(path), "%d/task/%d/status", (int)target->pid,
                   (int)tid);
    if (hb_proc_read(path, text, sizeof(text)) == 0) {
        return 0;
    }
    const char *at = strstr(text, mark);
    if (at == NULL) {
        return 0;
    }
    at += strlen(mark);
    (void)hb_proc_number(&at, &tracer);
    return tracer;
}

bool hb_target_list(struct hb_target *target, struct hb_error *err)
{
    char path[40];
    size_t hint = 0;
    bool fine = true;

    (void)snprintf(path, sizeof(path), "/proc/%d/task", (int)target->pid);
    DIR *folder = opendir(path);
    if (folder == NULL) {
        int why = errno;

        if (!hb_proc_is_mounted()) {
            return hb_proc_fail_gone((uint32_t)target->pid, err);
        }
        return hb_fail(err, HB_ERR_READ, why, "cannot stop process %d: %s",
                       (int)target->pid,
                       why == ENOENT ? "there is none"
                                     : "its threads cannot be listed");
    }
    for (struct dirent *entry; fine && (entry = readdir(folder)) != NULL;) {
        const char *at = entry->d_name;
        uint64_t tid = 0;

        if (hb_proc_number(&at, &tid) && !is_known(target, (pid_t)tid, &hint)) {
            fine = add(target, (pid_t)tid);
        }
    }
    (void)closedir(folder);
    return fine ||
           hb_fail(err, HB_ERR_INTERNAL, ENOMEM,
                   "cannot keep the threads of process %d", (int)target->pid);
}
