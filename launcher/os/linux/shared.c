#include "os/shared.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "os/clock.h"
#include "os/linux/bytes.h"

/* There is no waiting with an end for this kind of lock. */
#define TRY_EVERY_NS 5000000

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

void hb_folder_list(const char *path, hb_tell_entry *tell, void *context)
{
    DIR *folder = opendir(path);
    const struct dirent *item;
    bool more = true;

    while (more && folder != NULL && (item = readdir(folder)) != NULL) {
        struct stat about;

        if (!is_dots(item->d_name) &&
            fstatat(dirfd(folder), item->d_name, &about, AT_SYMLINK_NOFOLLOW) ==
                0) {
            const struct hb_entry entry = {
                .name = item->d_name,
                .is_folder = S_ISDIR(about.st_mode),
                .is_file = S_ISREG(about.st_mode),
                .size = (uint64_t)about.st_size,
            };

            more = tell(context, &entry);
        }
    }
    if (folder != NULL) {
        (void)closedir(folder);
    }
}

bool hb_folder_room(const char *path, uint64_t *out_free, uint64_t *out_total)
{
    struct statvfs disk;

    if (statvfs(path, &disk) != 0) {
        return false;
    }
    *out_free = (uint64_t)disk.f_bavail * disk.f_frsize;
    *out_total = (uint64_t)disk.f_blocks * disk.f_frsize;
    return true;
}

bool hb_file_rename(const char *from, const char *to, struct hb_error *err)
{
    return rename(from, to) == 0 ||
           hb_fail(err, HB_ERR_WRITE, errno, "cannot make '%s'", to);
}

int64_t hb_file_time_ms(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 ? (int64_t)about.st_mtim.tv_sec * 1000 +
                                         about.st_mtim.tv_nsec / 1000000
                                   : 0;
}

struct hb_lock {
    int fd;
    char path[PATH_MAX];
};

/* The file may be removed between opening and locking: then it is nobody's. */
static bool is_still_there(const struct hb_lock *lock)
{
    struct stat ours;
    struct stat there;

    return fstat(lock->fd, &ours) == 0 && stat(lock->path, &there) == 0 &&
           ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

/* False with errno set; EWOULDBLOCK: another holds it. */
static bool try_once(struct hb_lock *lock)
{
    lock->fd =
        open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock->fd < 0) {
        return false;
    }
    if (flock(lock->fd, LOCK_EX | LOCK_NB) == 0) {
        if (is_still_there(lock)) {
            return true;
        }
        errno = EWOULDBLOCK;
    }
    int why = errno;

    (void)close(lock->fd);
    lock->fd = -1;
    errno = why;
    return false;
}

bool hb_lock_take(const char *path, uint32_t wait_ms, struct hb_lock **out_lock,
                  struct hb_error *err)
{
    uint64_t until_ms = hb_clock_ms() + wait_ms;
    const struct timespec pause = { .tv_nsec = TRY_EVERY_NS };
    struct hb_lock *lock = calloc(1, sizeof(*lock));

    if (lock == NULL) {
        return hb_fail_memory(err);
    }
    (void)hb_text_copy(lock->path, sizeof(lock->path), path);
    while (!try_once(lock)) {
        if (errno != EWOULDBLOCK || hb_clock_ms() >= until_ms) {
            int why = errno;

            free(lock);
            return hb_fail(err, HB_ERR_WRITE, why, "cannot lock '%s'", path);
        }
        (void)nanosleep(&pause, NULL);
    }
    *out_lock = lock;
    return true;
}

void hb_lock_free(struct hb_lock *lock, bool remove)
{
    if (lock == NULL) {
        return;
    }
    if (remove) {
        (void)unlink(lock->path);
    }
    (void)flock(lock->fd, LOCK_UN);
    (void)close(lock->fd);
    free(lock);
}

bool hb_lock_is_held(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0;

    if (fd >= 0) {
        (void)close(fd);
    }
    return held;
}
