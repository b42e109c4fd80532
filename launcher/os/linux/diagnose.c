/*
 * Why a program could not be started. The kernel has one word for many
 * things: "no such file" also means that the interpreter is missing, "too many
 * links" that scripts name each other as theirs, and "exec format error" that
 * the program is for another machine.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "os/linux/image.h"
#include "os/linux/spawn.h"

static bool not_executable(const char *path, int error, const char *why,
                           struct hb_error *err)
{
    return hb_fail(err, HB_ERR_NOT_EXECUTABLE, error,
                   "cannot execute '%.150s': %s", path, why);
}

/* "#!" and nothing behind it, of which kernels say this or that. */
static const char names_none[] = "its interpreter line (#!) names none";

/* What is wrong with the interpreter `name` of a file that is there. */
static const char *interpreter_trouble(const char *name, int error)
{
    if (access(name, F_OK) < 0) {
        error = errno;
        return error == ELOOP ? "leads in a circle" : "is missing";
    }
    return error == ELOOP ? "is a script, and so on in a circle"
                          : "has none itself";
}

static bool fail_of_interpreter(const char *path, int error,
                                struct hb_error *err)
{
    struct hb_image image;
    char name[160];
    char why[240];

    hb_image_read(path, &image);
    hb_image_interpreter(&image, name, sizeof(name));
    if (hb_image_has_windows_line(&image)) {
        return not_executable(
            path, error, "the interpreter line ends in CR (Windows line ends)",
            err);
    }
    if (name[0] == '\0') {
        return not_executable(path, error,
                              hb_image_is_script(&image)
                                  ? names_none
                                  : "its interpreter is missing",
                              err);
    }
    (void)snprintf(why, sizeof(why), "its %s '%s' %s",
                   hb_image_is_script(&image) ? "interpreter" : "loader", name,
                   interpreter_trouble(name, error));
    return not_executable(path, error, why, err);
}

/* A script of which the kernel says "exec format error". */
static bool fail_of_script(const char *path, const struct hb_image *image,
                           struct hb_error *err)
{
    char name[160];
    char why[240];

    hb_image_interpreter(image, name, sizeof(name));
    if (name[0] == '\0') {
        return not_executable(path, ENOEXEC, names_none, err);
    }
    if (hb_image_is_cut(image)) {
        return not_executable(
            path, ENOEXEC,
            "its interpreter line is longer than what the kernel reads", err);
    }
    (void)snprintf(why, sizeof(why), "its interpreter '%s' is no program",
                   name);
    return not_executable(path, ENOEXEC, why, err);
}

static bool fail_of_format(const char *path, struct hb_error *err)
{
    struct hb_image image;
    char why[96] = "it is not a program that this system knows";

    hb_image_read(path, &image);
    if (hb_image_is_script(&image)) {
        return fail_of_script(path, &image, err);
    }
    if (hb_image_is_elf(&image) && hb_image_foreign_machine(&image) != NULL) {
        (void)snprintf(why, sizeof(why),
                       "wrong architecture: it is built for %s",
                       hb_image_foreign_machine(&image));
    } else if (hb_image_begins_as_elf(&image)) {
        (void)snprintf(why, sizeof(why), "it is damaged, or not a program");
    } else if (memcmp(image.bytes, "MZ", 2) == 0) {
        (void)snprintf(why, sizeof(why),
                       "wrong architecture: it is a Windows program");
    } else if (image.size == 0) {
        (void)snprintf(why, sizeof(why), "it is empty");
    } else if (hb_image_is_text(&image)) {
        (void)snprintf(why, sizeof(why),
                       "a script without an interpreter line (#!)");
    }
    return not_executable(path, ENOEXEC, why, err);
}

/* The first thing on the way to the last name of `path` that is no folder, or
 * none that we may pass. False if the way is free. */
static bool find_obstacle(const char *path, char *target, size_t size)
{
    for (const char *at = strchr(path + (path[0] == '/'), '/'); at != NULL;
         at = strchr(at + 1, '/')) {
        struct stat about;

        if (!hb_text_copy_bytes(target, size, path, (size_t)(at - path)) ||
            stat(target, &about) < 0 || !S_ISDIR(about.st_mode) ||
            access(target, X_OK) < 0) {
            return true;
        }
    }
    return false;
}

/* A file that we may execute, and what it is run by may not. */
static bool fail_of_right(const char *path, struct hb_error *err)
{
    struct hb_image image;
    char name[160];
    char why[240] = "no permission; is its file system mounted with noexec?";

    hb_image_read(path, &image);
    hb_image_interpreter(&image, name, sizeof(name));
    if (name[0] == '\0' && hb_image_is_script(&image)) {
        return not_executable(path, EACCES, names_none, err);
    }
    if (name[0] != '\0' && access(name, X_OK) < 0) {
        (void)snprintf(why, sizeof(why),
                       "no permission to execute its interpreter '%s'", name);
    }
    return not_executable(path, EACCES, why, err);
}

static bool fail_of_access(const char *path, struct hb_error *err)
{
    struct stat about;
    char folder[PATH_MAX];
    char why[240];

    if (find_obstacle(path, folder, sizeof(folder))) {
        (void)snprintf(why, sizeof(why), "no permission to enter '%.180s'",
                       folder);
        return not_executable(path, EACCES, why, err);
    }
    if (stat(path, &about) < 0) {
        return not_executable(path, EACCES, "permission denied", err);
    }
    if (S_ISDIR(about.st_mode)) {
        return not_executable(path, EACCES, "it is a folder", err);
    }
    if (!S_ISREG(about.st_mode)) {
        return not_executable(path, EACCES, "it is not a file", err);
    }
    if ((about.st_mode & 0111) == 0 || access(path, X_OK) < 0) {
        return not_executable(path, EACCES, "no permission to execute it", err);
    }
    return fail_of_right(path, err);
}

/* The first file of that name in PATH that could be meant, for a failure that
 * may be its interpreter's. */
static bool find_existing(const struct hb_spawn *spawn, char *target,
                          size_t size)
{
    const char *name = spawn->command[0];
    const char *from = spawn->search != NULL ? spawn->search : HB_SPAWN_SEARCH;

    if (strchr(name, '/') != NULL) {
        return hb_text_copy(target, size, name) && access(target, F_OK) == 0;
    }
    while (name[0] != '\0') {
        size_t length = strcspn(from, ":");

        if (hb_text_format(target, size, "%.*s%s%s", (int)length, from,
                           length > 0 ? "/" : "", name) &&
            access(target, X_OK) == 0) {
            return true;
        }
        if (from[length] == '\0') {
            break;
        }
        from += length + 1;
    }
    return false;
}

static bool not_found(const char *path, int error, const char *why,
                      struct hb_error *err)
{
    return hb_fail(err, HB_ERR_NOT_FOUND, error, "cannot find '%.150s'%s%s",
                   path, why[0] != '\0' ? ": " : "", why);
}

/* A path that leads to no file. */
static bool fail_of_path(const char *path, int error, struct hb_error *err)
{
    char on_the_way[PATH_MAX];
    char why[240] = "";

    if (error == ENAMETOOLONG) {
        (void)snprintf(why, sizeof(why),
                       "the path is too long (a name has at most %d bytes, a "
                       "path %d)",
                       NAME_MAX, PATH_MAX - 1);
        return not_found(path, error, why, err);
    }
    bool blocked = find_obstacle(path, on_the_way, sizeof(on_the_way));
    if (error == ELOOP) { /* the link is there: no question of not found */
        (void)snprintf(why, sizeof(why),
                       "the symbolic link '%.180s' leads in a circle",
                       blocked ? on_the_way : path);
        return not_executable(path, error, why, err);
    }
    if (error == ENOTDIR && blocked) {
        (void)snprintf(why, sizeof(why), "'%.180s' is no folder", on_the_way);
    }
    return not_found(path, error, why, err);
}

static bool fail_of_absence(const struct hb_spawn *spawn, struct hb_error *err)
{
    const char *name = spawn->command[0];
    char path[PATH_MAX];

    if (find_existing(spawn, path, sizeof(path))) {
        return fail_of_interpreter(path, spawn->error, err);
    }
    if (name[0] == '\0' || strchr(name, '/') != NULL ||
        strlen(name) > NAME_MAX) {
        return fail_of_path(name, spawn->error, err);
    }
    return hb_fail(err, HB_ERR_NOT_FOUND, ENOENT,
                   "cannot find '%.200s' in PATH", name);
}

/* "." and ".." are looked for in PATH, and found in each of its folders. */
static bool is_folder_name(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

bool hb_spawn_diagnose(const struct hb_spawn *spawn, struct hb_error *err)
{
    const char *name = spawn->command[0];

    switch (spawn->error) {
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case ENAMETOOLONG:
        return fail_of_absence(spawn, err);
    case ENOEXEC:
        return fail_of_format(spawn->attempted, err);
    case EACCES:
        return fail_of_access(is_folder_name(name) ? name : spawn->attempted,
                              err);
    case ELIBBAD:
    case EINVAL:
        return not_executable(spawn->attempted, spawn->error,
                              "its loader is damaged", err);
    case ETXTBSY:
        return not_executable(spawn->attempted, spawn->error,
                              "another process has it open for writing", err);
    case E2BIG:
        return hb_fail(err, HB_ERR_START, spawn->error,
                       "cannot start '%.200s': its arguments and environment "
                       "are too long",
                       spawn->command[0]);
    default:
        return hb_fail(err, HB_ERR_START, spawn->error, "cannot start '%.300s'",
                       spawn->command[0]);
    }
}
