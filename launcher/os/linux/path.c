#include "os/file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_folder(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static bool is_link(const char *path)
{
    struct stat about;

    return lstat(path, &about) == 0 && S_ISLNK(about.st_mode);
}

static bool make_one(const char *path, struct hb_error *err)
{
    if (mkdir(path, 0700) == 0) {
        return true;
    }
    int why = errno;
    if (is_folder(path)) { /* whatever mkdir said: EEXIST, EROFS, EACCES */
        return true;
    }
    if (why == EEXIST) {
        return hb_fail(err, HB_ERR_WRITE, 0,
                       "cannot make a folder of '%s': it is a %s", path,
                       is_link(path) ? "link that leads to no folder" : "file");
    }
    return hb_fail(err, HB_ERR_WRITE, why, "cannot make the folder '%s'", path);
}

/* From the top down: a file in the way is met before anything below it. */
static bool make_all(char *path, struct hb_error *err)
{
    for (char *at = path + 1; *at != '\0'; at++) {
        if (*at != '/' || at[-1] == '/') {
            continue;
        }
        *at = '\0';
        bool ok = make_one(path, err);
        *at = '/';
        if (!ok) {
            return false;
        }
    }
    return make_one(path, err);
}

bool hb_folder_make(const char *path, struct hb_error *err)
{
    char copy[PATH_MAX];
    size_t length = strlen(path);

    if (length == 0 || length >= sizeof(copy)) {
        return hb_fail(err, HB_ERR_WRITE, length == 0 ? ENOENT : ENAMETOOLONG,
                       "cannot make the folder '%.80s'", path);
    }
    if (mkdir(path, 0700) == 0) { /* mostly only the last one is missing */
        return true;
    }
    memcpy(copy, path, length + 1);
    return make_all(copy, err);
}

bool hb_path_current(char *target, size_t size, struct hb_error *err)
{
    char path[PATH_MAX];

    if (getcwd(path, sizeof(path)) == NULL) {
        return hb_fail(err, HB_ERR_READ, errno,
                       "cannot find the working directory");
    }
    if (strlen(path) >= size) {
        return hb_fail(err, HB_ERR_READ, 0, "path too long: '%.80s...'", path);
    }
    memcpy(target, path, strlen(path) + 1);
    return true;
}

bool hb_path_absolute(const char *path, char *target, size_t size,
                      struct hb_error *err)
{
    char base[PATH_MAX] = "";

    if (path[0] != '/' && getcwd(base, sizeof(base)) == NULL) {
        return hb_fail(err, HB_ERR_READ, errno,
                       "cannot tell where '%s' is: the working directory "
                       "cannot be found",
                       path);
    }
    while (path[0] == '.' && path[1] == '/') {
        path += 2;
    }
    const char *between = base[0] == '\0' || strcmp(base, "/") == 0 ? "" : "/";
    const char *root = strcmp(base, "/") == 0 ? "/" : base;
    char whole[2 * PATH_MAX];
    int length = snprintf(whole, sizeof(whole), "%s%s%s", root, between, path);

    if (length < 0 || (size_t)length >= sizeof(whole) ||
        (size_t)length >= size) {
        return hb_fail(err, HB_ERR_READ, 0, "path too long: '%.80s...'", path);
    }
    memcpy(target, whole, (size_t)length + 1);
    return true;
}
