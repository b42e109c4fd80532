#include "core/record_processes.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/status.h"

static struct hb_process_record *find_process(struct hb_result *result,
                                              uint32_t pid)
{
    for (size_t i = result->process_count; i > 0; i--) {
        struct hb_process_record *at = &result->processes[i - 1];

        if (at->process.pid == pid && at->ended_ms == HB_UNKNOWN_MS) {
            return at;
        }
    }
    return NULL;
}

static bool make_process_room(struct hb_result *result)
{
    size_t room = result->process_room == 0 ? 8 : result->process_room * 2;
    struct hb_process_record *processes;

    if (result->process_count < result->process_room) {
        return true;
    }
    processes = realloc(result->processes, room * sizeof(*processes));
    if (processes == NULL) {
        result->out_of_memory = true;
        return false;
    }
    result->processes = processes;
    result->process_room = room;
    return true;
}

static struct hb_process_record *add_process(struct hb_result *result,
                                             uint32_t pid)
{
    struct hb_process_record *made;

    if (result->process_count >= HB_PROCESSES_MAX ||
        !make_process_room(result)) {
        result->processes_beyond_cap++;
        return NULL;
    }
    made = &result->processes[result->process_count++];
    memset(made, 0, sizeof(*made));
    made->process.pid = pid;
    made->started_ms = HB_UNKNOWN_MS;
    made->ended_ms = HB_UNKNOWN_MS;
    made->source = HB_SOURCE_KERNEL;
    return made;
}

static struct hb_process_record *process_at(struct hb_result *result,
                                            uint32_t pid)
{
    struct hb_process_record *found = find_process(result, pid);

    return found != NULL ? found : add_process(result, pid);
}

void hb_processes_start(struct hb_result *result,
                        const struct hb_observation *seen)
{
    const struct hb_run_header *header = result->header;
    struct hb_process_record *made = add_process(result, seen->pid);

    if (made == NULL) {
        return;
    }
    made->started_ms = seen->at_ms;
    made->process.ppid = header->launcher.pid;
    if (header->command_count > 0) {
        (void)hb_text_copy(
            made->process.image, sizeof(made->process.image),
            hb_text_base_name(header->command[0], header->host.windows));
    }
}

void hb_processes_child(struct hb_result *result,
                        const struct hb_observation *seen, bool left)
{
    struct hb_process_record *at;

    if (seen->process == NULL) {
        return;
    }
    at = process_at(result, seen->process->pid);
    if (at == NULL) {
        result->left_beyond_cap += left;
        return;
    }
    at->process = *seen->process;
    at->left_behind = at->left_behind || left;
    if (!left && at->started_ms == HB_UNKNOWN_MS) {
        at->started_ms = seen->at_ms;
    }
}

size_t hb_processes_left(const struct hb_result *result)
{
    size_t left = (size_t)result->left_beyond_cap;

    for (size_t i = 0; i < result->process_count; i++) {
        left += result->processes[i].left_behind;
    }
    return left;
}

void hb_processes_end(struct hb_result *result,
                      const struct hb_observation *seen)
{
    struct hb_process_record *at = process_at(result, seen->pid);

    if (at != NULL) {
        at->exit = hb_exit_read(seen->exit, result->header->host.windows);
        at->ended_ms = seen->at_ms;
    }
}
