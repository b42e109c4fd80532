#include "os/linux/target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/file.h"

bool hb_target_find(const char *path, char *target, struct hb_error *err)
{
    struct stat found;
    int length = snprintf(target, PATH_MAX, "%s", path);

    if (length < 0 || length >= PATH_MAX) {
        return hb_fail(err, HB_ERR_WRITE, 0, "path too long: '%.80s...'", path);
    }
    if (lstat(path, &found) < 0) {
        return true; /* it is made, or says itself why not */
    }
    if (S_ISLNK(found.st_mode) &&
        (realpath(path, target) == NULL || stat(target, &found) < 0)) {
        return hb_fail(err, HB_ERR_WRITE, errno,
                       "cannot replace '%s': a link to nothing", path);
    }
    return S_ISREG(found.st_mode) ||
           hb_fail(err, HB_ERR_WRITE, 0,
                   "cannot replace '%s': it is no regular file", path);
}

/* The name behind the last '/'; what stands before it goes to `folder`. */
static const char *split(const char *target, char *folder)
{
    const char *slash = strrchr(target, '/');

    if (slash == NULL) {
        (void)snprintf(folder, PATH_MAX, ".");
        return target;
    }
    (void)snprintf(folder, PATH_MAX, "%.*s",
                   slash == target ? 1 : (int)(slash - target), target);
    return slash + 1;
}

bool hb_file_check(const char *path, struct hb_error *err)
{
    struct stat about;
    char target[PATH_MAX];
    char folder[PATH_MAX];

    if (!hb_target_find(path, target, err)) {
        return false;
    }
    if (split(target, folder)[0] == '\0') {
        return hb_fail(err, HB_ERR_WRITE, 0,
                       "cannot write '%s': it is no name of a file", path);
    }
    if (stat(folder, &about) < 0) {
        return hb_fail(err, HB_ERR_WRITE, errno,
                       "cannot write '%s': its folder is missing", path);
    }
    if (!S_ISDIR(about.st_mode) || about.st_nlink == 0) {
        return hb_fail(err, HB_ERR_WRITE, 0, "cannot write '%s': %s", path,
                       S_ISDIR(about.st_mode) ? "its folder was removed"
                                              : "its folder is none");
    }
    return faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0 ||
           hb_fail(err, HB_ERR_WRITE, errno,
                   "cannot write '%s': its folder takes no files", path);
}

bool hb_file_same(const char *one, const char *other)
{
    const char *paths[2] = { one, other };
    const char *names[2];
    char targets[2][PATH_MAX];
    char folder[PATH_MAX];
    struct stat folders[2];
    struct hb_error ignored;

    for (int i = 0; i < 2; i++) {
        if (!hb_target_find(paths[i], targets[i], &ignored)) {
            return false;
        }
        names[i] = split(targets[i], folder);
        if (stat(folder, &folders[i]) < 0) {
            return false;
        }
    }
    return folders[0].st_dev == folders[1].st_dev &&
           folders[0].st_ino == folders[1].st_ino &&
           strcmp(names[0], names[1]) == 0;
}
