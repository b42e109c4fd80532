#include "postmortem/linux/locks.h"

#include <dirent.h>
#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/text.h"
#include "os/linux/stat.h"
#include "postmortem/linux/target.h"

/* The waiting operations that older headers lack. */
#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

/* How a pthread_mutex_t of glibc begins on x86-64. */
struct mutex {
    uint32_t lock;
    uint32_t count;
    uint32_t owner;
    uint32_t users;
    uint32_t kind;
};
#define MUTEX_CONTENDED 2u
/* Type, shared between processes, elision; not the robust and the
 * priority-inheriting ones, which wait in other ways. */
#define MUTEX_PLAIN_KINDS (3u | 128u | 256u | 512u)

struct task {
    uint32_t tid;
    uint32_t inner; /* as it is called where it runs: in its pid namespace */
};

struct tasks {
    uint32_t pid;
    struct task *items;
    size_t count;
};

struct wait {
    uint32_t tid;
    uint64_t address;
    uint64_t operation;
    uint32_t value;
};

static uint32_t read_inner(uint32_t pid, uint32_t tid)
{
    char path[48];
    char text[2048];
    uint64_t inner = tid;

    (void)snprintf(path, sizeof(path), "%u/task/%u/status", pid, tid);
    if (hb_proc_read(path, text, sizeof(text)) == 0) {
        return tid;
    }
    const char *at = strstr(text, "\nNSpid:");
    for (at = at != NULL ? at + strlen("\nNSpid:") : ""; *at == '\t';) {
        at++;
        (void)hb_proc_number(&at, &inner); /* the last is the innermost */
    }
    return (uint32_t)inner;
}

static bool add_task(struct tasks *tasks, uint32_t tid)
{
    size_t size = (tasks->count + 1) * sizeof(tasks->items[0]);
    struct task *items = realloc(tasks->items, size);

    if (items == NULL) {
        return false;
    }
    tasks->items = items;
    items[tasks->count++] = (struct task){ tid, read_inner(tasks->pid, tid) };
    return true;
}

static bool list_tasks(struct tasks *tasks, struct hb_error *err)
{
    char path[32];
    bool ok = true;

    (void)snprintf(path, sizeof(path), "/proc/%u/task", tasks->pid);
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return hb_proc_fail_gone(tasks->pid, err);
    }
    for (struct dirent *entry; ok && (entry = readdir(folder)) != NULL;) {
        const char *at = entry->d_name;
        uint64_t tid = 0;

        ok = !hb_proc_number(&at, &tid) || add_task(tasks, (uint32_t)tid);
    }
    (void)closedir(folder);
    return ok || hb_fail(err, HB_ERR_INTERNAL, ENOMEM,
                         "cannot list the threads of process %u", tasks->pid);
}

/* The thread of the process that calls itself `inner`; 0 if none lives. */
static uint32_t find_living(const struct tasks *tasks, uint32_t inner)
{
    for (size_t i = 0; inner != 0 && i < tasks->count; i++) {
        struct hb_stat stat;
        char path[48];

        if (tasks->items[i].inner != inner) {
            continue;
        }
        (void)snprintf(path, sizeof(path), "%u/task/%u/stat", tasks->pid,
                       tasks->items[i].tid);
        bool lives =
            hb_stat_read(path, &stat) && stat.state != 'Z' && stat.state != 'X';
        return lives ? tasks->items[i].tid : 0;
    }
    return 0;
}

/* The next word of "202 0x7f12 0x80 ...". */
static bool take_word(const char **at, uint64_t *out_value)
{
    char word[24];
    size_t size = strcspn(*at, " \n");

    if (!hb_text_copy_bytes(word, sizeof(word), *at, size) ||
        !hb_parse_u64(word, out_value)) {
        return false;
    }
    *at += size + strspn(*at + size, " ");
    return true;
}

enum reading { UNREADABLE, OTHER_CALL, WAITING };

static enum reading read_wait(uint32_t pid, uint32_t tid, struct wait *out)
{
    char path[48];
    char text[256];
    const char *at = text;
    uint64_t number = 0;
    uint64_t value = 0;

    (void)snprintf(path, sizeof(path), "%u/task/%u/syscall", pid, tid);
    if (hb_proc_read(path, text, sizeof(text)) == 0) {
        return UNREADABLE;
    }
    *out = (struct wait){ .tid = tid };
    if (!take_word(&at, &number) || number != SYS_futex ||
        !take_word(&at, &out->address) || !take_word(&at, &out->operation) ||
        !take_word(&at, &value)) {
        return OTHER_CALL;
    }
    out->value = (uint32_t)value;
    return WAITING;
}

static uint32_t owner_of_plain(const struct tasks *tasks,
                               const struct mutex *mutex)
{
    if (mutex->lock != MUTEX_CONTENDED || mutex->users == 0 ||
        mutex->users > tasks->count ||
        (mutex->kind & ~MUTEX_PLAIN_KINDS) != 0) {
        return 0;
    }
    return find_living(tasks, mutex->owner);
}

/* The words of the memory at a futex, and what they make of the wait. */
static void judge(const struct tasks *tasks, const struct wait *wait,
                  const struct mutex *mutex, struct hb_found_lock *lock)
{
    uint64_t command = wait->operation &
                       ~(uint64_t)(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
    bool is_shared = (wait->operation & FUTEX_PRIVATE_FLAG) == 0;
    bool waits = command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET;
    const char *kind = "mutex";
    uint32_t owner = 0;

    if (command == FUTEX_LOCK_PI || command == FUTEX_LOCK_PI2) {
        owner = find_living(tasks, mutex->lock & FUTEX_TID_MASK);
    } else if (!waits || wait->value != mutex->lock) {
        owner = 0;
    } else if (wait->value == MUTEX_CONTENDED) {
        owner = owner_of_plain(tasks, mutex);
    } else if ((wait->value & FUTEX_WAITERS) != 0) {
        owner = find_living(tasks, wait->value & FUTEX_TID_MASK);
    } else if (is_shared) { /* the kernel clears it when the thread ends */
        owner = find_living(tasks, wait->value);
        kind = "join";
    }
    if (owner == wait->tid && strcmp(kind, "join") == 0) {
        owner = 0;
    }
    lock->owner = owner;
    (void)hb_text_copy(lock->kind, sizeof(lock->kind),
                       owner != 0 ? kind : "futex");
}

static void tell_wait(const struct tasks *tasks, const struct wait *wait,
                      struct hb_teller *teller)
{
    struct hb_found_lock lock = { .pid = tasks->pid,
                                  .tid = wait->tid,
                                  .address = wait->address };
    struct mutex mutex = { 0 };
    struct wait again;
    size_t got =
        hb_memory_read((pid_t)wait->tid, wait->address, &mutex, sizeof(mutex));

    if (read_wait(tasks->pid, wait->tid, &again) != WAITING ||
        again.address != wait->address) {
        return; /* it has gone on meanwhile */
    }
    (void)hb_text_copy(lock.kind, sizeof(lock.kind), "futex");
    if (got >= sizeof(mutex.lock)) {
        judge(tasks, wait, &mutex, &lock);
    }
    hb_tell_lock(teller, &lock);
}

bool hb_locks_tell(uint32_t pid, struct hb_teller *teller, struct hb_error *err)
{
    struct tasks tasks = { .pid = pid };
    size_t readable = 0;
    bool ok = list_tasks(&tasks, err);

    errno = 0;
    for (size_t i = 0; ok && i < tasks.count; i++) {
        struct wait wait;
        enum reading reading = read_wait(pid, tasks.items[i].tid, &wait);

        readable += reading != UNREADABLE;
        if (reading == WAITING) {
            tell_wait(&tasks, &wait, teller);
        }
    }
    if (ok && readable == 0) {
        ok =
            hb_fail(err, HB_ERR_READ, errno,
                    "cannot read what the threads of process %u wait for", pid);
    }
    free(tasks.items);
    return ok;
}
