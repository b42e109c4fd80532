#include "os/linux/core_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "os/linux/stat.h"

bool hb_core_pattern_of_system(struct hb_core_pattern *out_pattern,
                               struct hb_error *err)
{
    char text[HB_CORE_PATTERN_SIZE];
    char uses_pid[8];

    errno = 0;
    if (hb_proc_read("sys/kernel/core_pattern", text, sizeof(text)) == 0) {
        return hb_fail(err, HB_ERR_READ, errno, "core_pattern cannot be read");
    }
    (void)hb_proc_read("sys/kernel/core_uses_pid", uses_pid, sizeof(uses_pid));
    hb_core_pattern_read(text, strlen(text),
                         uses_pid[0] != '0' && uses_pid[0] != '\0',
                         out_pattern);
    return true;
}

bool hb_core_search_folder(const struct hb_core_search *search,
                           const char *working, char *target, size_t size)
{
    char own[PATH_MAX];

    if (!hb_core_pattern_folder(search->pattern, &search->facts, own,
                                sizeof(own))) {
        return false;
    }
    return own[0] == '/' ? hb_text_copy(target, size, own)
                         : hb_text_format(target, size, "%s%s%s", working,
                                          own[0] != '\0' ? "/" : "", own);
}

static uint64_t changed_ns(const struct stat *about)
{
    return (uint64_t)about->st_mtim.tv_sec * 1000000000u +
           (uint64_t)about->st_mtim.tv_nsec;
}

static bool is_core_like(const struct hb_core_search *search, int folder,
                         const char *name)
{
    struct stat about;

    return hb_core_pattern_fits(search->pattern, &search->facts, name) &&
           fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(about.st_mode) &&
           about.st_uid == (search->of_system ? 0 : geteuid()) &&
           about.st_nlink == 1 && changed_ns(&about) >= search->since_ns;
}

struct visitor {
    bool (*visit)(void *context, const char *path);
    void *context;
    bool goes_on;
    size_t count;
};

static void visit_file(const char *folder, const char *name,
                       struct visitor *visitor)
{
    char path[PATH_MAX];

    if (hb_text_format(path, sizeof(path), "%s/%s", folder, name)) {
        visitor->count++;
        visitor->goes_on = visitor->visit(visitor->context, path);
    }
}

/* A folder in which nothing was made since then is not read: it may hold very
 * many files. */
static void visit_folder(const struct hb_core_search *search,
                         const char *folder, struct visitor *visitor)
{
    const char *only = hb_core_pattern_only_name(search->pattern);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat about;
    DIR *names = NULL;

    if (fd < 0) {
        return;
    }
    if (only != NULL) {
        if (is_core_like(search, fd, only)) {
            visit_file(folder, only, visitor);
        }
    } else if (fstat(fd, &about) == 0 &&
               changed_ns(&about) >= search->since_ns) {
        names = fdopendir(fd);
    }
    for (struct dirent *entry; names != NULL && visitor->goes_on &&
                               (entry = readdir(names)) != NULL;) {
        if (is_core_like(search, fd, entry->d_name)) {
            visit_file(folder, entry->d_name, visitor);
        }
    }
    if (names != NULL) {
        (void)closedir(names);
    } else {
        (void)close(fd);
    }
}

size_t hb_core_search_visit(const struct hb_core_search *search,
                            bool (*visit)(void *context, const char *path),
                            void *context)
{
    struct visitor visitor = { .visit = visit,
                               .context = context,
                               .goes_on = true };
    char folders[2][PATH_MAX] = { "", "" };

    if (search->pattern->way != HB_CORE_FILE) {
        return 0;
    }
    for (size_t i = 0; i < search->folder_count && i < 2; i++) {
        if (hb_core_search_folder(search, search->folders[i], folders[i],
                                  sizeof(folders[i])) &&
            (i == 0 || strcmp(folders[0], folders[1]) != 0)) {
            visit_folder(search, folders[i], &visitor);
        }
    }
    return visitor.count;
}
