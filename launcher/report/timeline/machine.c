#include "report/timeline/machine.h"

#include <string.h>

#include "report/timeline/put.h"

/* A number of a struct, and what it is called. One table serves both ways. */
struct member {
    const char *key;
    size_t place;
};

struct table {
    const struct member *members;
    size_t count;
};

#define NUMBERS(of, name) offsetof(struct of, name)
#define TABLE(list)                                                            \
    {                                                                          \
        (list), sizeof(list) / sizeof((list)[0])                               \
    }

static const struct member load[] = {
    { "percent_1m", NUMBERS(hb_machine, load_1m_percent) },
    { "percent_5m", NUMBERS(hb_machine, load_5m_percent) },
    { "percent_15m", NUMBERS(hb_machine, load_15m_percent) },
};
static const struct member memory[] = {
    { "total_kib", NUMBERS(hb_machine, memory_total_kib) },
    { "available_kib", NUMBERS(hb_machine, memory_available_kib) },
    { "swap_total_kib", NUMBERS(hb_machine, swap_total_kib) },
    { "swap_free_kib", NUMBERS(hb_machine, swap_free_kib) },
    { "commit_limit_kib", NUMBERS(hb_machine, commit_limit_kib) },
    { "commit_free_kib", NUMBERS(hb_machine, commit_free_kib) },
};
static const struct member container[] = {
    { "memory_limit_kib", NUMBERS(hb_machine, limit_memory_kib) },
    { "memory_used_kib", NUMBERS(hb_machine, limit_used_kib) },
    { "memory_peak_kib", NUMBERS(hb_machine, limit_peak_kib) },
    { "memory_limit_hits", NUMBERS(hb_machine, limit_hit_count) },
    { "memory_kills", NUMBERS(hb_machine, limit_kill_count) },
    { "cpu_limit_percent", NUMBERS(hb_machine, limit_cpu_percent) },
    { "cpu_throttled_ms", NUMBERS(hb_machine, limit_throttled_ms) },
};
static const struct member launcher[] = {
    { "ran_ms", NUMBERS(hb_machine, launcher_ran_ms) },
    { "waited_ms", NUMBERS(hb_machine, launcher_waited_ms) },
};
static const struct member pressure[] = {
    { "some_10s_permille", NUMBERS(hb_pressure, some_10s_permille) },
    { "some_60s_permille", NUMBERS(hb_pressure, some_60s_permille) },
    { "full_10s_permille", NUMBERS(hb_pressure, full_10s_permille) },
    { "full_60s_permille", NUMBERS(hb_pressure, full_60s_permille) },
};
static const struct member space[] = {
    { "free_kib", NUMBERS(hb_space, free_kib) },
    { "total_kib", NUMBERS(hb_space, total_kib) },
};
static const struct member process[] = {
    { "pid", NUMBERS(hb_busy_process, pid) },
    { "rss_kib", NUMBERS(hb_busy_process, rss_kib) },
    { "cpu_ms", NUMBERS(hb_busy_process, cpu_ms) },
    { "age_ms", NUMBERS(hb_busy_process, age_ms) },
};
static const struct member handle[] = {
    { "number", NUMBERS(hb_open_handle, number) },
};
static const struct member opened[] = {
    { "handles_pid", NUMBERS(hb_machine, handle_pid) },
    { "handles_total", NUMBERS(hb_machine, handle_total) },
    { "handles_limit", NUMBERS(hb_machine, handle_limit) },
};

static const struct {
    const char *key;
    struct table table;
} groups[] = {
    { "load", TABLE(load) },
    { "memory", TABLE(memory) },
    { "container", TABLE(container) },
    { "launcher", TABLE(launcher) },
};

static const struct table of_pressure = TABLE(pressure);
static const struct table of_space = TABLE(space);
static const struct table of_process = TABLE(process);
static const struct table of_handle = TABLE(handle);
static const struct table of_opened = TABLE(opened);

/* Writing */

static uint64_t number_at(const void *base, const struct member *member)
{
    return *(const uint64_t *)(const void *)((const char *)base +
                                             member->place);
}

static void put_text(struct hb_emit *emit, bool exactly, const char *key,
                     const char *text)
{
    if (exactly) {
        hb_put_some_text(emit, key, text);
    } else {
        hb_emit_known_text(emit, key, text);
    }
}

static void put_numbers(struct hb_emit *emit, bool exactly, const void *base,
                        const struct table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        uint64_t value = number_at(base, &table->members[i]);

        if (value != HB_NOT_KNOWN && exactly) {
            hb_put_number(emit, table->members[i].key, value);
        } else {
            hb_emit_known_number(emit, table->members[i].key, value);
        }
    }
}

static bool has_any(const void *base, const struct table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        if (number_at(base, &table->members[i]) != HB_NOT_KNOWN) {
            return true;
        }
    }
    return false;
}

static void put_lists(struct hb_emit *emit, const struct hb_machine *machine,
                      bool exactly)
{
    hb_emit_array(emit, "pressure");
    for (size_t i = 0; i < machine->pressure_count; i++) {
        hb_emit_object(emit, NULL);
        put_text(emit, exactly, "name", machine->pressures[i].name);
        put_numbers(emit, exactly, &machine->pressures[i], &of_pressure);
        hb_emit_end_object(emit);
    }
    hb_emit_end_array(emit);
    hb_emit_array(emit, "disks");
    for (size_t i = 0; i < machine->space_count; i++) {
        hb_emit_object(emit, NULL);
        put_text(emit, exactly, "name", machine->spaces[i].name);
        put_text(emit, exactly, "path", machine->spaces[i].path);
        put_numbers(emit, exactly, &machine->spaces[i], &of_space);
        hb_emit_end_object(emit);
    }
    hb_emit_end_array(emit);
    hb_emit_array(emit, "processes");
    for (size_t i = 0; i < machine->process_count; i++) {
        hb_emit_object(emit, NULL);
        put_text(emit, exactly, "name", machine->processes[i].name);
        put_numbers(emit, exactly, &machine->processes[i], &of_process);
        hb_emit_end_object(emit);
    }
    hb_emit_end_array(emit);
}

static void put_handles(struct hb_emit *emit, const struct hb_machine *machine,
                        bool exactly)
{
    put_numbers(emit, exactly, machine, &of_opened);
    put_text(emit, exactly, "handles_missing", machine->handles_missing);
    hb_emit_array(emit, "handles");
    for (size_t i = 0; i < machine->handle_count; i++) {
        hb_emit_object(emit, NULL);
        put_numbers(emit, exactly, &machine->handles[i], &of_handle);
        put_text(emit, exactly, "type", machine->handles[i].type);
        put_text(emit, exactly, "name", machine->handles[i].name);
        hb_emit_end_object(emit);
    }
    hb_emit_end_array(emit);
}

void hb_machine_put(struct hb_emit *emit, const struct hb_machine *machine,
                    bool exactly)
{
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if (has_any(machine, &groups[i].table)) {
            hb_emit_object(emit, groups[i].key);
            put_numbers(emit, exactly, machine, &groups[i].table);
            hb_emit_end_object(emit);
        }
    }
    put_lists(emit, machine, exactly);
    put_handles(emit, machine, exactly);
}

/* Reading */

static void read_numbers(struct hb_fields *fields, void *base,
                         const struct table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        const char *key = table->members[i].key;
        uint64_t *number =
            (uint64_t *)(void *)((char *)base + table->members[i].place);

        *number = hb_field_exists(fields, key)
                      ? hb_field_number(fields, key, UINT64_MAX)
                      : HB_NOT_KNOWN;
    }
}

/* The items of a list: `read` fills the one of a number. */
typedef void read_item(struct hb_fields *fields, struct hb_machine *out,
                       size_t i);

static size_t read_list(struct hb_fields *fields, const char *key, size_t most,
                        read_item *read, struct hb_machine *out)
{
    size_t count = 0;
    cJSON *item = hb_field_array(fields, key, &count);

    count = count < most ? count : most;
    for (size_t i = 0; i < count; i++, item = item->next) {
        struct hb_fields inner = { .tree = item };

        read(&inner, out, i);
        hb_field_leave(fields, &inner);
    }
    return count;
}

static void read_pressure(struct hb_fields *fields, struct hb_machine *out,
                          size_t i)
{
    hb_field_copy(fields, "name", out->pressures[i].name,
                  sizeof(out->pressures[i].name));
    read_numbers(fields, &out->pressures[i], &of_pressure);
}

static void read_space(struct hb_fields *fields, struct hb_machine *out,
                       size_t i)
{
    hb_field_copy(fields, "name", out->spaces[i].name,
                  sizeof(out->spaces[i].name));
    hb_field_copy(fields, "path", out->spaces[i].path,
                  sizeof(out->spaces[i].path));
    read_numbers(fields, &out->spaces[i], &of_space);
}

static void read_process(struct hb_fields *fields, struct hb_machine *out,
                         size_t i)
{
    hb_field_copy(fields, "name", out->processes[i].name,
                  sizeof(out->processes[i].name));
    read_numbers(fields, &out->processes[i], &of_process);
}

static void read_handle(struct hb_fields *fields, struct hb_machine *out,
                        size_t i)
{
    hb_field_copy(fields, "type", out->handles[i].type,
                  sizeof(out->handles[i].type));
    hb_field_copy(fields, "name", out->handles[i].name,
                  sizeof(out->handles[i].name));
    read_numbers(fields, &out->handles[i], &of_handle);
}

void hb_machine_get(struct hb_fields *fields, struct hb_machine *out)
{
    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        struct hb_fields inner = { .tree = NULL };

        (void)hb_field_enter(fields, groups[i].key, &inner);
        read_numbers(&inner, out, &groups[i].table);
        hb_field_leave(fields, &inner);
    }
    read_numbers(fields, out, &of_opened);
    hb_field_copy(fields, "handles_missing", out->handles_missing,
                  sizeof(out->handles_missing));
    out->pressure_count =
        read_list(fields, "pressure", HB_PRESSURES_MAX, read_pressure, out);
    out->space_count =
        read_list(fields, "disks", HB_SPACES_MAX, read_space, out);
    out->process_count =
        read_list(fields, "processes", HB_BUSY_MAX, read_process, out);
    out->handle_count =
        read_list(fields, "handles", HB_HANDLES_MAX, read_handle, out);
}
