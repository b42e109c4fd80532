#include "postmortem/linux/dead_cores.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/text.h"
#include "core/elf_core.h"
#include "os/clock.h"
#include "os/reason.h"
#include "postmortem/linux/core_copy.h"
#include "postmortem/linux/inflate.h"

/* How long a service may take to store a core. */
#define SERVICE_MS 8000u
/* What is shown of a path. */
#define SHOWN_SIZE 160

struct finding {
    const struct hb_request_dead *dead;
    const struct hb_dead_place *place;
    struct hb_dead_cores *cores;
};

static void close_file(int fd)
{
    if (fd >= 0) {
        (void)close(fd);
    }
}

/* Whose core it is, if it is one of the tree: of the program, or of a process
 * in its group. */
static bool read_process(const struct finding *finding, int fd,
                         struct hb_elf_core_process *process)
{
    struct hb_elf_core core;
    struct hb_error ignored = { 0 };
    uint32_t pid = finding->dead->pid;

    return hb_core_read_file(fd, &core, &ignored) &&
           hb_elf_core_process(&core, process) &&
           (process->pid == pid || process->group == pid);
}

/* Takes the name off the file that is open, and off no other. */
static void remove_name(int fd, const char *path)
{
    struct stat opened;
    struct stat named;

    if (fstat(fd, &opened) == 0 && lstat(path, &named) == 0 &&
        opened.st_dev == named.st_dev && opened.st_ino == named.st_ino) {
        (void)unlink(path);
    }
}

/* The program's own moves to the front. */
static void keep(struct hb_dead_cores *cores, const struct hb_dead_core *core)
{
    if (cores->count == HB_DEAD_CORES_MAX) {
        cores->beyond++;
        close_file(core->is_main ? cores->items[0].fd : core->fd);
        if (core->is_main) {
            cores->items[0] = *core;
        }
        return;
    }
    cores->items[cores->count] = *core;
    if (core->is_main && cores->count > 0) {
        cores->items[cores->count] = cores->items[0];
        cores->items[0] = *core;
    }
    cores->count++;
}

/* A file may have become another since it was listed. */
static int open_core(const struct finding *finding, const char *path)
{
    struct stat about;
    struct hb_error ignored = { 0 };
    uid_t owner = finding->place->of_system ? 0 : geteuid();
    int fd =
        open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int plain = -1;

    if (fd < 0) {
        return -1;
    }
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode) ||
        about.st_uid != owner) {
        (void)close(fd);
        return -1;
    }
    if (!finding->place->of_system) {
        return fd;
    }
    return hb_inflate_opened(fd, path, &plain, &ignored) ? plain : -1;
}

static bool take(void *context, const char *path)
{
    struct finding *finding = context;
    struct hb_elf_core_process process;
    struct hb_dead_core core = { .fd = open_core(finding, path) };

    if (core.fd < 0) {
        return true;
    }
    if (!read_process(finding, core.fd, &process)) {
        (void)close(core.fd);
        return true;
    }
    core.pid = process.pid;
    core.is_main = process.pid == finding->dead->pid;
    (void)hb_text_copy(core.path, sizeof(core.path), path);
    if (finding->dead->stays || finding->place->of_system) {
        if (!core.is_main) { /* children's are where they always are */
            (void)close(core.fd);
            return true;
        }
    } else {
        remove_name(core.fd, path);
    }
    keep(finding->cores, &core);
    return true;
}

static bool has_main(const struct hb_dead_cores *cores)
{
    return cores->count > 0 && cores->items[0].is_main;
}

/* Waits for something new in the folder; false if time is up. */
static bool wait_for_change(int changes, uint64_t until_ms)
{
    char bytes[4096];
    struct pollfd entry = { changes, POLLIN, 0 };
    uint64_t now_ms = hb_clock_ms();

    if (now_ms >= until_ms || poll(&entry, 1, (int)(until_ms - now_ms)) <= 0) {
        return false;
    }
    return read(changes, bytes, sizeof(bytes)) > 0;
}

/* Tells of what comes into the folder; -1 if there is none. */
static int watch_folder(const struct hb_core_search *search)
{
    const uint32_t events =
        IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB;
    char folder[PATH_MAX];
    int changes = -1;

    if (hb_core_search_folder(search, "", folder, sizeof(folder))) {
        changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    }
    if (changes >= 0 && inotify_add_watch(changes, folder, events) < 0) {
        (void)close(changes);
        return -1;
    }
    return changes;
}

static void search_until(const struct hb_core_search *search,
                         struct finding *finding, uint64_t until_ms)
{
    int changes = finding->place->may_come ? watch_folder(search) : -1;

    do {
        (void)hb_core_search_visit(search, take, finding);
    } while (changes >= 0 && !has_main(finding->cores) &&
             wait_for_change(changes, until_ms));
    close_file(changes);
}

/* All cores have that name: who else was at work there? */
static void say_shared(const struct hb_request_dead *dead, const char *folder,
                       const char *name, struct hb_dead_cores *cores)
{
    char path[PATH_MAX];
    char shown[SHOWN_SIZE];
    struct stat about;

    (void)hb_text_format(path, sizeof(path), "%s/%s", folder, name);
    hb_text_copy_path(shown, sizeof(shown), path);
    if (lstat(path, &about) == 0) {
        (void)hb_text_format(cores->reason, sizeof(cores->reason),
                             "core: flagged, not found: '%s' is not of this "
                             "test: " HB_CORE_IN_THE_WAY,
                             shown);
        return;
    }
    (void)hb_text_format(
        cores->reason, sizeof(cores->reason),
        "core: flagged, not found: looked for '%s'%s; another "
        "test in the same folder may have taken or replaced "
        "it",
        shown, dead->folder_count > 1 ? " and where the test went" : "");
}

static void say_not_found(const struct hb_request_dead *dead,
                          const struct hb_core_search *search,
                          struct hb_dead_cores *cores)
{
    char folder[PATH_MAX] = "a folder that cannot be told";
    const char *working = dead->folder_count > 0 ? dead->folders[0] : "";
    const char *slash = strrchr(search->pattern->text, '/');
    const char *only = hb_core_pattern_only_name(search->pattern);

    if (hb_core_search_folder(search, working, folder, sizeof(folder)) &&
        only != NULL) {
        say_shared(dead, folder, only, cores);
        return;
    }
    (void)hb_text_format(cores->reason, sizeof(cores->reason),
                         "core: flagged, not found: looked for '%s' in '%s'%s",
                         slash != NULL ? slash + 1 : search->pattern->text,
                         folder,
                         dead->folder_count > 1 ? " and where it went" : "");
}

void hb_dead_cores_find_in(const struct hb_request_dead *dead,
                           const struct hb_dead_place *place, uint64_t until_ms,
                           struct hb_dead_cores *out_cores)
{
    static const char *const nowhere[] = { "" };
    struct utsname names;
    struct hb_core_search search = {
        .pattern = &place->pattern,
        .folders = dead->folder_count > 0 ? dead->folders : nowhere,
        .folder_count = dead->folder_count > 0 ? dead->folder_count : 1,
        .since_ns = dead->since_ns,
        .of_system = place->of_system,
    };
    struct finding finding = { dead, place, out_cores };

    if (uname(&names) == 0) {
        search.facts.host = names.nodename;
    }
    if (place->of_system) { /* of the program alone */
        search.facts.pid = dead->pid;
    }
    search_until(&search, &finding, until_ms);
    out_cores->reason[0] = '\0';
    if (!has_main(out_cores)) {
        say_not_found(dead, &search, out_cores);
    }
}

/* Services of systems, and the names that they give to cores. */
static const struct {
    const char *program;
    const char *pattern;
    const char *sign; /* of its running; NULL: it has stored all by now */
} services[] = {
    { "systemd-coredump", "/var/lib/systemd/coredump/core.%e.%u.%e.%p.%t.zst",
      "/run/systemd/coredump" },
    { "systemd-coredump", "/var/lib/systemd/coredump/core.%e.%u.%e.%p.%t",
      NULL },
    { "apport", "/var/lib/apport/coredump/core.%e.%u.%e.%p.%t", NULL },
};

static void ask_services(const struct hb_request_dead *dead, const char *name,
                         uint64_t until_ms, struct hb_dead_cores *cores)
{
    uint64_t wait_ms = hb_clock_ms() + SERVICE_MS;
    struct hb_dead_place place = { .of_system = true };

    for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
        const char *pattern = services[i].pattern;
        const char *sign = services[i].sign;

        if (strcmp(services[i].program, name) != 0 || has_main(cores)) {
            continue;
        }
        hb_core_pattern_read(pattern, strlen(pattern), false, &place.pattern);
        place.may_come = sign != NULL && access(sign, F_OK) == 0;
        hb_dead_cores_find_in(dead, &place,
                              wait_ms < until_ms ? wait_ms : until_ms, cores);
    }
}

void hb_dead_cores_find(const struct hb_request_dead *dead, uint64_t until_ms,
                        struct hb_dead_cores *out_cores)
{
    struct hb_dead_place place = { 0 };
    struct hb_error err = { 0 };
    char program[HB_CORE_PATTERN_SIZE];
    char why[HB_REASON_SIZE];

    memset(out_cores, 0, sizeof(*out_cores));
    if (!hb_core_pattern_of_system(&place.pattern, &err)) {
        hb_reason_say(&err, why, sizeof(why));
        (void)hb_text_format(out_cores->reason, sizeof(out_cores->reason),
                             "core: flagged, not found: %s", why);
        return;
    }
    if (place.pattern.way == HB_CORE_FILE) {
        hb_dead_cores_find_in(dead, &place, until_ms, out_cores);
        return;
    }
    if (place.pattern.way == HB_CORE_SOCKET) {
        (void)hb_text_format(out_cores->reason, sizeof(out_cores->reason),
                             "core: flagged, not found: core_pattern hands "
                             "cores to the server at '%s'",
                             place.pattern.text);
        return;
    }
    if (hb_core_pattern_program(&place.pattern, program, sizeof(program))) {
        (void)hb_text_format(out_cores->reason, sizeof(out_cores->reason),
                             "core: flagged, not found: core_pattern hands "
                             "cores to '%s', which is not known to us",
                             program);
        ask_services(dead, hb_text_base_name(program, false), until_ms,
                     out_cores);
    }
}

void hb_dead_cores_close(struct hb_dead_cores *cores)
{
    for (size_t i = 0; i < cores->count; i++) {
        close_file(cores->items[i].fd);
    }
    cores->count = 0;
}
