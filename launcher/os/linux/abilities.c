#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/text.h"
#include "os/host.h"
#include "os/linux/core_files.h"
#include "os/linux/stat.h"
#include "os/reason.h"

#define CAPABILITY_PTRACE 19u

struct list {
    struct hb_ability *items;
    size_t room;
    size_t count;
};

static void add(struct list *list, const char *name, bool available,
                const char *detail)
{
    if (list->count < list->room) {
        struct hb_ability *item = &list->items[list->count++];

        *item = (struct hb_ability){ .available = available };
        (void)hb_text_copy(item->name, sizeof(item->name), name);
        (void)hb_text_copy(item->detail, sizeof(item->detail), detail);
    }
}

/* Asked on every run, so it costs one cheap look each. `path` NULL: always
 * there, or never if there is a reason. */
static const struct {
    const char *name;
    const char *path;
    const char *missing;
} plain[] = {
    { "process_tree", "/proc/self/stat",
      "/proc is not mounted: processes below the test's own cannot be listed" },
    { "recorder", NULL, NULL },
    { "notify_socket", NULL, NULL },
    { "thread_states", "/proc/self/stat", "/proc is not mounted" },
    { "wait_channels", "/proc/self/syscall",
      "the kernel does not show system calls (HAVE_ARCH_TRACEHOOK)" },
    { "list_of_children", "/proc/thread-self/children",
      "the kernel has no PROC_CHILDREN; all of /proc is read instead" },
    { "dialogs", NULL, "message boxes are looked for on Windows only" },
    { "etw", NULL, "Windows only" },
};

static void add_plain(struct list *list)
{
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        bool available = plain[i].path != NULL
                             ? access(plain[i].path, R_OK) == 0
                             : plain[i].missing == NULL;

        add(list, plain[i].name, available, available ? "" : plain[i].missing);
    }
}

/* CAP_SYS_PTRACE, as /proc/self/status has it. */
static bool may_trace_all(void)
{
    char text[4096];
    const char *at;
    uint64_t bits = 0;

    if (hb_proc_read("self/status", text, sizeof(text)) == 0 ||
        (at = strstr(text, "\nCapEff:\t")) == NULL ||
        strlen(at) < sizeof("\nCapEff:\t") + 15) {
        return false;
    }
    at += sizeof("\nCapEff:\t") - 1;
    for (size_t i = 0; i < 16; i++) {
        bits = bits << 4 |
               (uint64_t)(at[i] <= '9' ? at[i] - '0' : at[i] - 'a' + 10);
    }
    return (bits >> CAPABILITY_PTRACE & 1u) != 0;
}

/* Whether the helper may look at the test. */
static void add_tracing(struct list *list)
{
    char scope[8];
    bool has_yama =
        hb_proc_read("sys/kernel/yama/ptrace_scope", scope, sizeof(scope)) > 0;

    if (has_yama && scope[0] == '3') {
        add(list, "tracing", false,
            "kernel.yama.ptrace_scope is 3: nobody may trace");
    } else if (has_yama && scope[0] == '2' && !may_trace_all()) {
        add(list, "tracing", false,
            "kernel.yama.ptrace_scope is 2: needs CAP_SYS_PTRACE");
    } else {
        add(list, "tracing", true,
            has_yama && scope[0] == '1' ? "the test itself, not its children "
                                          "(kernel.yama.ptrace_scope is 1)"
                                        : "");
    }
}

#define SETTING "sysctl -w kernel.core_pattern=core.%p"
#define ADVICE "a file: " SETTING

static void describe_pipe(const struct hb_core_pattern *pattern,
                          struct hb_ability *ability)
{
    char program[HB_CORE_PATTERN_SIZE] = "";
    const char *name;

    (void)hb_core_pattern_program(pattern, program, sizeof(program));
    name = hb_text_base_name(program, false);
    if (strcmp(name, "systemd-coredump") == 0) {
        ability->available =
            access("/var/lib/systemd/coredump", R_OK | X_OK) == 0;
    } else if (strcmp(name, "apport") == 0) {
        ability->available =
            access("/var/lib/apport/coredump", R_OK | X_OK) == 0;
    }
    (void)hb_text_format(ability->detail, sizeof(ability->detail), "%s%.40s%s",
                         ability->available ? "by " : "core_pattern is of ",
                         name, ability->available ? "" : "; " ADVICE);
}

/* Cores of the kernel, of programs that crash and link nothing. */
static void add_cores(struct list *list)
{
    struct hb_ability ability = { .name = "kernel_cores" };
    struct hb_core_pattern pattern;
    struct hb_error err = { 0 };
    struct rlimit limit;

    if (getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0) {
        add(list, ability.name, false,
            "the hard limit on cores is 0 (ulimit -Hc)");
        return;
    }
    if (!hb_core_pattern_of_system(&pattern, &err)) {
        hb_reason_say(&err, ability.detail, sizeof(ability.detail));
        add(list, ability.name, false, ability.detail);
        return;
    }
    if (pattern.way == HB_CORE_FILE) {
        bool one = hb_core_pattern_only_name(&pattern) != NULL;

        ability.available = true;
        (void)hb_text_format(ability.detail, sizeof(ability.detail),
                             "files '%.40s'%s", pattern.text,
                             one ? ", one a folder; for more: " SETTING : "");
    } else if (pattern.way == HB_CORE_PIPE) {
        describe_pipe(&pattern, &ability);
    } else if (pattern.way == HB_CORE_SOCKET) {
        (void)hb_text_copy(ability.detail, sizeof(ability.detail),
                           "core_pattern is of a server; " ADVICE);
    } else {
        (void)hb_text_copy(ability.detail, sizeof(ability.detail),
                           "core_pattern is empty; " ADVICE);
    }
    add(list, ability.name, ability.available, ability.detail);
}

size_t hb_host_abilities(struct hb_ability *abilities, size_t room)
{
    struct list list = { abilities, room, 0 };

    add_plain(&list);
    add_tracing(&list);
    add_cores(&list);
    return list.count;
}
