/*
 * What a core needs of a process and can be read while it runs, and the room
 * that the copy takes: a page of ours that is touched for the first time costs
 * more than the page that is copied into it.
 */
#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/linux/stat.h"
#include "postmortem/linux/core_source.h"

#define ENVIRONMENT_MOST ((size_t)8 << 20)
#define ENVIRONMENT_FIELD 50 /* of /proc/PID/stat: env_start, env_end */

/* What a small core of a few threads takes, its tables included. */
#define ROOM ((size_t)1 << 20)

/* The heap keeps what it was given once. */
static void make_room(void)
{
    (void)mallopt(M_TRIM_THRESHOLD, (int)(64u << 20));
    (void)mallopt(M_MMAP_THRESHOLD, (int)ROOM * 2);
    char *room = malloc(ROOM);
    if (room != NULL) {
        explicit_bzero(room, ROOM); /* no compiler leaves this out */
        free(room);
    }
}

static bool read_auxv(pid_t tid, struct hb_core_known *known)
{
    char path[40];
    char bytes[4096];

    (void)snprintf(path, sizeof(path), "%d/auxv", (int)tid);
    size_t size = hb_proc_read(path, bytes, sizeof(bytes));
    hb_buffer_add(&known->auxv, bytes, size);
    return size > 0;
}

/* A leader that has ended before its threads has nothing to read any more.
 * Returns the thread that memory is read through. */
static pid_t find_reader(pid_t pid, struct hb_core_known *known)
{
    char path[40];
    uint64_t tid = (uint64_t)pid;
    bool found = read_auxv(pid, known);

    (void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    DIR *folder = found ? NULL : opendir(path);
    for (struct dirent *entry;
         folder != NULL && !found && (entry = readdir(folder)) != NULL;) {
        const char *at = entry->d_name;

        found = hb_proc_number(&at, &tid) && read_auxv((pid_t)tid, known);
    }
    if (folder != NULL) {
        (void)closedir(folder);
    }
    return found ? (pid_t)tid : pid;
}

/* Field `number` of the text of /proc/PID/stat, counted as proc(5) does. */
static uint64_t stat_field(const char *text, int number)
{
    const char *at = strrchr(text, ')');
    uint64_t value = 0;

    for (int i = 3; at != NULL && i <= number; i++) {
        at = strchr(at + 1, ' ');
    }
    if (at != NULL) {
        (void)hb_proc_number(&at, &value);
    }
    return value;
}

static bool read_environment(pid_t tid, const struct hb_core_wish *wish,
                             struct hb_core_known *known)
{
    char path[40];
    char text[2048];

    (void)snprintf(path, sizeof(path), "%d/stat", (int)tid);
    (void)hb_proc_read(path, text, sizeof(text));
    uint64_t from = stat_field(text, ENVIRONMENT_FIELD);
    uint64_t to = stat_field(text, ENVIRONMENT_FIELD + 1);
    if (from == 0 || to <= from || to - from > ENVIRONMENT_MOST) {
        return true; /* none, or none that we may see */
    }
    known->environment = from;
    known->blanked = malloc((size_t)(to - from));
    if (known->blanked == NULL) {
        return false;
    }
    known->blanked_size =
        hb_memory_read(tid, from, known->blanked, (size_t)(to - from));
    return hb_secrets_take_block(known->secrets, wish->redact,
                                 wish->redact_count, known->blanked,
                                 known->blanked_size);
}

bool hb_core_prepare(pid_t pid, const struct hb_core_wish *wish,
                     struct hb_core_known **out, struct hb_error *err)
{
    struct hb_core_known *known = calloc(1, sizeof(*known));

    pid_t tid = pid;

    if (known != NULL) {
        known->secrets = hb_secrets_new();
        tid = find_reader(pid, known);
    }
    if (known == NULL || known->secrets == NULL ||
        (wish->redact_count > 0 &&
         !(read_environment(tid, wish, known) &&
           hb_core_secrets_beside(known->secrets, wish)))) {
        hb_core_forget(known);
        return hb_fail(err, HB_ERR_INTERNAL, ENOMEM, "cannot dump process %d",
                       (int)pid);
    }
    hb_secrets_plan(known->secrets);
    make_room();
    *out = known;
    return true;
}

void hb_core_forget(struct hb_core_known *known)
{
    if (known == NULL) {
        return;
    }
    hb_buffer_free(&known->auxv);
    hb_secrets_free(known->secrets);
    free(known->blanked);
    free(known);
}
