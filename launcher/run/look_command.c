#include "run/look_command.h"

#include <inttypes.h>
#include <string.h>

#include "os/host.h"

/* Between the two looks at every stack. */
#define GAP_MS 200u

static bool waits_for_us(const struct hb_watch *watch)
{
    return watch->funnel.supervisor.state == HB_STATE_WITNESS;
}

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

/* Who crashed, or leaves too early, waits for us; else the whole tree, the test
 * program first. */
void hb_look_choose_processes(struct hb_watch *watch)
{
    struct hb_tree_process found[HB_LOOK_PIDS_MAX];
    uint32_t first = watch->funnel.result.pid;
    struct hb_look *look = &watch->look;
    size_t count;

    look->pid_count = 0;
    if (look->of_dead) {
        look->pids[look->pid_count++] = first;
        return;
    }
    if (waits_for_us(watch)) {
        const struct hb_supervisor *supervisor = &watch->funnel.supervisor;

        look->pids[look->pid_count++] = supervisor->crashed_pid != 0
                                            ? supervisor->crashed_pid
                                            : supervisor->left_pid;
        return;
    }
    count = hb_process_tree(watch->process, found, HB_LOOK_PIDS_MAX);
    count = count < HB_LOOK_PIDS_MAX ? count : HB_LOOK_PIDS_MAX;
    if (!watch->funnel.result.ended) {
        look->pids[look->pid_count++] = first;
    }
    for (size_t i = 0; i < count && look->pid_count < HB_LOOK_PIDS_MAX; i++) {
        if (found[i].pid != first) {
            look->pids[look->pid_count++] = found[i].pid;
        }
    }
}

/* It waits for us, so nothing moves: one look is enough. */
static void add_waiting(struct hb_look_command *command,
                        const struct hb_watch *watch)
{
    const struct hb_supervisor *supervisor = &watch->funnel.supervisor;
    const struct hb_finds *finds = &watch->funnel.result.finds;

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

/* Where the system may have put cores of it. */
static void add_dead(struct hb_look_command *command,
                     const struct hb_watch *watch)
{
    const struct hb_core_trace *cores = &watch->look.cores;

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
    add(command, options->dump != HB_DUMP_FULL ? "mini"
                 : watch->look.of_dead         ? "full"
                                               : "both");
    add(command, "--folder");
    add(command, watch->artifacts.folder);
    add_number(command, "--dump-max", watch->look.grant.bytes);
    if (watch->look.grant.disk_kept > 0) {
        add_number(command, "--disk-free", watch->look.grant.disk_kept);
    }
    for (size_t i = 0; i < options->redact_count && !options->no_redact; i++) {
        add(command, "--redact");
        add(command, options->redact[i]);
    }
    if (watch->mask_count > 0) {
        add(command, "--redact");
        add(command, "HBTEST_MASK_*");
    }
}

bool hb_look_command_make(struct hb_look_command *command,
                          struct hb_watch *watch, struct hb_error *err)
{
    const struct hb_look *look = &watch->look;
    bool waits = waits_for_us(watch);

    memset(command, 0, sizeof(*command));
    if (!hb_look_program(command->program, sizeof(command->program), err)) {
        return false;
    }
    add(command, command->program);
    for (size_t i = 0; i < look->pid_count && !look->of_dead; i++) {
        add_number(command, "--pid", look->pids[i]);
    }
    if (look->of_dead) {
        add_dead(command, watch);
    } else if (waits) {
        add_waiting(command, watch);
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
