#include "core/machine.h"

#include <inttypes.h>
#include <string.h>

/* From here on somebody who looks for the reason of a hang would want to know.
 * Pressure is told in thousandths of the last ten seconds. */
#define CPU_PERMILLE 500u
#define MEMORY_PERMILLE 100u
#define IO_PERMILLE 400u
#define AVAILABLE_PERCENT 5u
#define LIMIT_PERCENT 95u
#define LOAD_FACTOR 3u /* as many threads want each processor */
#define DISK_KIB ((uint64_t)64 * 1024u)
#define HANDLES_PERCENT 90u
#define WAITED_MS 1000u

bool hb_machine_wanted(const struct hb_result *result,
                       const struct hb_supervisor *supervisor)
{
    bool interrupted =
        result->interrupted_by[0] != '\0' && supervisor->fired == HB_LIMIT_NONE;
    enum hb_completion_when when = result->header->policy.completion;

    if (result->machine != NULL || result->pid == 0 || interrupted) {
        return false;
    }
    if (!result->ended || result->exit.kind != HB_EXIT_CODE ||
        result->premature_file || result->bad_text[0] != '\0') {
        return true;
    }
    for (size_t i = 0; i < HB_SOURCE_COUNT; i++) {
        if (supervisor->complete[i]) {
            return false;
        }
    }
    return when == HB_COMPLETION_ALWAYS ||
           (when == HB_COMPLETION_AUTO &&
            (result->attached || result->dialect_seen));
}

bool hb_machine_matters(const struct hb_result *result)
{
    return result->machine != NULL &&
           (result->verdict == HB_VERDICT_CRASH ||
            result->verdict == HB_VERDICT_HANG ||
            result->verdict == HB_VERDICT_TIMEOUT ||
            result->verdict == HB_VERDICT_SILENT_DEATH);
}

/* `part` is known, and at least this much of the whole. */
static bool is_part(uint64_t part, uint64_t whole, uint64_t percent)
{
    return part != HB_NOT_KNOWN && whole != HB_NOT_KNOWN && whole != 0 &&
           part / percent >= whole / 100;
}

static void separate(struct hb_buffer *out)
{
    if (out->size > 0) {
        hb_buffer_text(out, ", ");
    }
}

static void tell_memory(const struct hb_machine *machine, struct hb_buffer *out)
{
    uint64_t total_kib = machine->memory_total_kib;
    uint64_t left_kib = machine->memory_available_kib;

    if (total_kib != HB_NOT_KNOWN && left_kib != HB_NOT_KNOWN &&
        left_kib < total_kib / 100 * AVAILABLE_PERCENT) {
        separate(out);
        hb_buffer_format(out, "%" PRIu64 " of %" PRIu64 " MiB memory available",
                         left_kib / 1024, total_kib / 1024);
    }
    if (is_part(machine->limit_used_kib, machine->limit_memory_kib,
                LIMIT_PERCENT)) {
        separate(out);
        hb_buffer_format(
            out,
            "the container uses %" PRIu64 " of the %" PRIu64 " MiB that it may",
            machine->limit_used_kib / 1024, machine->limit_memory_kib / 1024);
    }
    if (machine->limit_kill_count != HB_NOT_KNOWN &&
        machine->limit_kill_count > 0) {
        separate(out);
        hb_buffer_format(out,
                         "the kernel has ended %" PRIu64
                         " of the container's processes for want of memory "
                         "since it began",
                         machine->limit_kill_count);
    }
}

static uint64_t bar_of(const char *name)
{
    if (strstr(name, "cpu") != NULL) {
        return CPU_PERMILLE;
    }
    return strstr(name, "memory") != NULL ? MEMORY_PERMILLE : IO_PERMILLE;
}

static void tell_pressure(const struct hb_machine *machine,
                          struct hb_buffer *out)
{
    for (size_t i = 0; i < machine->pressure_count; i++) {
        const struct hb_pressure *pressure = &machine->pressures[i];
        uint64_t permille = pressure->some_10s_permille;

        if (permille != HB_NOT_KNOWN && permille >= bar_of(pressure->name)) {
            separate(out);
            hb_buffer_format(
                out, "tasks waited for %s in %" PRIu64 " %% of the last 10 s",
                pressure->name, permille / 10);
        }
    }
}

static void tell_load(const struct hb_result *result, struct hb_buffer *out)
{
    const struct hb_machine *machine = result->machine;
    uint64_t cpus = result->header->host.cpus;
    uint64_t load = machine->load_1m_percent;
    uint64_t waited_ms = machine->launcher_waited_ms;

    if (load != HB_NOT_KNOWN && cpus > 0 && load / 100 >= cpus * LOAD_FACTOR) {
        separate(out);
        hb_buffer_format(out, "load %" PRIu64 " on %" PRIu64 " processors",
                         load / 100, cpus);
    }
    if (waited_ms != HB_NOT_KNOWN && waited_ms >= WAITED_MS &&
        waited_ms > machine->launcher_ran_ms) {
        separate(out);
        hb_buffer_format(
            out, "the launcher itself waited %" PRIu64 " ms for a processor",
            waited_ms);
    }
}

static void tell_spaces(const struct hb_machine *machine, struct hb_buffer *out)
{
    for (size_t i = 0; i < machine->space_count; i++) {
        const struct hb_space *space = &machine->spaces[i];

        if (space->free_kib != HB_NOT_KNOWN && space->free_kib < DISK_KIB) {
            separate(out);
            hb_buffer_format(out, "%" PRIu64 " MiB free on the disk of '%s'",
                             space->free_kib / 1024, space->path);
        }
    }
    if (is_part(machine->handle_total, machine->handle_limit,
                HANDLES_PERCENT)) {
        separate(out);
        hb_buffer_format(
            out, "the test has %" PRIu64 " of %" PRIu64 " descriptors open",
            machine->handle_total, machine->handle_limit);
    }
}

void hb_machine_describe(const struct hb_result *result, struct hb_buffer *out)
{
    if (!hb_machine_matters(result)) {
        return;
    }
    tell_memory(result->machine, out);
    tell_pressure(result->machine, out);
    tell_load(result, out);
    tell_spaces(result->machine, out);
}
