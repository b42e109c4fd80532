#include "run/look_command.h"

#include <inttypes.h>
#include <string.h>

#include "os/host.h"

/* Between the two looks at every stack. */
#define GAP_MS 200u

static void add(struct hb_look_command *command, const char *word)
{
    command->words[command->count++] = word;
}

static void add_number(struct hb_look_command *command, const char *name,
                       uint64_t value)
{
    char *digits = command->numbers[command->number_count++];

    (void)hb_text_format(digits, sizeof(command->numbers[0]), "%" PRIu64,
                         value);
    add(command, name);
    add(command, digits);
}

bool hb_look_program(char *target, size_t size, struct hb_error *err)
{
    static const char *const places[] = {
        "hbtest-postmortem", "../libexec/hbtest/hbtest-postmortem",
        "../postmortem/hbtest-postmortem", /* where it was built */
    };
    const char *given = hb_environment_get("HBTEST_POSTMORTEM");
    char folder[HB_PATH_SIZE];
    struct hb_host host;

    if (given != NULL && given[0] != '\0') {
        return hb_text_copy(target, size, given) ||
               hb_fail(err, HB_ERR_USAGE, 0, "HBTEST_POSTMORTEM is too long");
    }
    hb_host_read(&host);
    if (!hb_host_folder(folder, sizeof(folder), err)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (hb_text_format(target, size, "%s/%s%s", folder, places[i],
                           host.windows ? ".exe" : "") &&
            hb_file_exists(target)) {
            return true;
        }
    }
    return hb_fail(err, HB_ERR_NOT_FOUND, 0,
                   "hbtest-postmortem is neither in '%s' nor in "
                   "../libexec/hbtest",
                   folder);
}

/* It waits for us, so nothing moves: one look is enough. */
static void add_waiting(struct hb_look_command *command, struct hb_watch *watch)
{
    const struct hb_supervisor *supervisor = &watch->funnel.supervisor;
    const struct hb_finds *finds = &watch->funnel.result.finds;
    struct hb_look *look = &watch->look;
    uint32_t pid = supervisor->crashed_pid != 0 ? supervisor->crashed_pid
                                                : supervisor->left_pid;

    look->pids[look->pid_count++] = pid;
    add_number(command, "--pid", pid);
    if (supervisor->crashed_tid != 0) {
        add_number(command, "--crashed", supervisor->crashed_tid);
    }
    if (finds->has_exception && !watch->header.host.windows) {
        add_number(command, "--signal", finds->exception.code);
    }
    if (finds->exception.pid == supervisor->crashed_pid &&
        finds->exception.pointers != 0) {
        add_number(command, "--exception", finds->exception.pointers);
    }
}

/* The test program first. */
static void add_processes(struct hb_look_command *command,
                          struct hb_watch *watch)
{
    struct hb_tree_process found[HB_LOOK_PIDS_MAX];
    uint32_t first = watch->funnel.result.pid;
    size_t count = hb_process_tree(watch->process, found, HB_LOOK_PIDS_MAX);
    struct hb_look *look = &watch->look;

    count = count < HB_LOOK_PIDS_MAX ? count : HB_LOOK_PIDS_MAX;
    if (!watch->funnel.result.ended) {
        look->pids[look->pid_count++] = first;
    }
    for (size_t i = 0; i < count && look->pid_count < HB_LOOK_PIDS_MAX; i++) {
        if (found[i].pid != first) {
            look->pids[look->pid_count++] = found[i].pid;
        }
    }
    for (size_t i = 0; i < look->pid_count; i++) {
        add_number(command, "--pid", look->pids[i]);
    }
}

/* Where the system may have put cores of it. */
static void add_dead(struct hb_look_command *command, struct hb_watch *watch)
{
    struct hb_look *look = &watch->look;
    const struct hb_core_trace *cores = &look->cores;

    look->pids[look->pid_count++] = watch->funnel.result.pid;
    add_number(command, "--dead", watch->funnel.result.pid);
    add_number(command, "--since-ns", cores->since_ns);
    for (size_t i = 0; i < cores->folder_count; i++) {
        add(command, "--core-folder");
        add(command, cores->folders[i]);
    }
    if (cores->died && cores->flagged) {
        add(command, "--flagged");
    }
    if (!cores->raised) { /* they were there before us */
        add(command, "--core-stays");
    }
}

static void add_dump(struct hb_look_command *command, struct hb_watch *watch)
{
    const struct hb_options *options = &watch->settings->options;

    add(command, "--dump");
    add(command, options->dump == HB_DUMP_FULL ? "full" : "mini");
    add(command, "--folder");
    add(command, watch->artifacts.folder);
    add_number(command, "--dump-max", options->dump_budget);
    for (size_t i = 0; i < options->redact_count; i++) {
        add(command, "--redact");
        add(command, options->redact[i]);
    }
}

bool hb_look_command_make(struct hb_look_command *command,
                          struct hb_watch *watch, struct hb_error *err)
{
    const struct hb_look *look = &watch->look;
    bool waits = watch->funnel.supervisor.state == HB_STATE_WITNESS;

    memset(command, 0, sizeof(*command));
    if (!hb_look_program(command->program, sizeof(command->program), err)) {
        return false;
    }
    add(command, command->program);
    if (look->of_dead) {
        add_dead(command, watch);
    } else if (waits) {
        add_waiting(command, watch);
    } else {
        add_processes(command, watch);
    }
    if (look->wants_stacks) {
        add(command, "--stacks");
    }
    if (look->wants_stacks && !waits && !look->of_dead) {
        add(command, "--locks");
        add_number(command, "--samples", 2);
        add_number(command, "--gap-ms", GAP_MS);
    }
    if (look->wants_dump) {
        add_dump(command, watch);
    }
    add_number(command, "--limit-ms", look->limit_ms);
    return true;
}
