#include "os/machine.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

/* In a report a handle takes this much besides its name, and a byte of a name
 * that is escaped six. All of them, with the rest of what is told of the
 * machine, stay below 64 KiB. */
#define HANDLE_COST 110u
#define HANDLES_COST_MAX ((size_t)48 * 1024u)

void hb_machine_clear(struct hb_machine *machine)
{
    uint64_t *const numbers[] = {
        &machine->load_1m_percent,      &machine->load_5m_percent,
        &machine->load_15m_percent,     &machine->memory_total_kib,
        &machine->memory_available_kib, &machine->swap_total_kib,
        &machine->swap_free_kib,        &machine->commit_limit_kib,
        &machine->commit_free_kib,      &machine->limit_memory_kib,
        &machine->limit_used_kib,       &machine->limit_peak_kib,
        &machine->limit_hit_count,      &machine->limit_kill_count,
        &machine->limit_cpu_percent,    &machine->limit_throttled_ms,
        &machine->launcher_ran_ms,      &machine->launcher_waited_ms,
        &machine->handle_pid,           &machine->handle_limit,
        &machine->handle_total,
    };

    memset(machine, 0, sizeof(*machine));
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        *numbers[i] = HB_NOT_KNOWN;
    }
}

static size_t cost_of(const struct hb_open_handle *handle)
{
    size_t cost = HANDLE_COST;

    for (const char *at = handle->name; *at != '\0'; at++) {
        bool plain = *at >= ' ' && *at <= '~' && *at != '"' && *at != '\\';

        cost += plain ? 1 : 6;
    }
    return cost;
}

void hb_machine_keep_handle(struct hb_machine *machine,
                            const struct hb_open_handle *handle, size_t *used)
{
    size_t cost = cost_of(handle);

    if (machine->handle_count == HB_HANDLES_MAX ||
        *used + cost > HANDLES_COST_MAX) {
        (void)hb_text_copy(machine->handles_missing,
                           sizeof(machine->handles_missing),
                           "only the first are listed");
        *used = HANDLES_COST_MAX; /* the list has no holes */
        return;
    }
    *used += cost;
    machine->handles[machine->handle_count++] = *handle;
}

/* Thousandths of one processor, over its life. */
static uint64_t share_of(const struct hb_busy_process *process)
{
    return process->age_ms == 0 || process->cpu_ms > UINT64_MAX / 1000
               ? 0
               : process->cpu_ms * 1000 / process->age_ms;
}

static bool is_larger(const struct hb_busy_process *one,
                      const struct hb_busy_process *other)
{
    return one->rss_kib > other->rss_kib;
}

static bool is_busier(const struct hb_busy_process *one,
                      const struct hb_busy_process *other)
{
    return share_of(one) > share_of(other);
}

/* A list of the first few, in order. */
static void insert(struct hb_busy_process *list, size_t *count,
                   const struct hb_busy_process *process,
                   bool (*comes_before)(const struct hb_busy_process *one,
                                        const struct hb_busy_process *other))
{
    size_t at = *count;

    while (at > 0 && comes_before(process, &list[at - 1])) {
        at--;
    }
    if (at == HB_BUSY_MAX / 2) {
        return;
    }
    if (*count < HB_BUSY_MAX / 2) {
        (*count)++;
    }
    memmove(&list[at + 1], &list[at], (*count - at - 1) * sizeof(*list));
    list[at] = *process;
}

void hb_busy_tell(struct hb_busy *busy, const struct hb_busy_process *process)
{
    insert(busy->largest, &busy->largest_count, process, is_larger);
    if (share_of(process) > 0) {
        insert(busy->busiest, &busy->busiest_count, process, is_busier);
    }
}

static void keep(struct hb_machine *machine,
                 const struct hb_busy_process *process)
{
    for (size_t i = 0; i < machine->process_count; i++) {
        if (machine->processes[i].pid == process->pid) {
            return;
        }
    }
    machine->processes[machine->process_count++] = *process;
}

void hb_busy_finish(const struct hb_busy *busy, struct hb_machine *machine)
{
    machine->process_count = 0;
    for (size_t i = 0; i < busy->largest_count; i++) {
        keep(machine, &busy->largest[i]);
    }
    for (size_t i = 0; i < busy->busiest_count; i++) {
        keep(machine, &busy->busiest[i]);
    }
}
