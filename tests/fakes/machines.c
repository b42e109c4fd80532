#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "fakes/observations.h"
#include "fakes/random.h"

#define SET(field, text) (void)hb_text_copy((field), sizeof(field), (text))

/* All numbers that stand in it by themselves. */
#define NUMBERS(machine)                                                       \
    {                                                                          \
        &(machine)->load_1m_percent, &(machine)->load_5m_percent,              \
            &(machine)->load_15m_percent, &(machine)->memory_total_kib,        \
            &(machine)->memory_available_kib, &(machine)->swap_total_kib,      \
            &(machine)->swap_free_kib, &(machine)->commit_limit_kib,           \
            &(machine)->commit_free_kib, &(machine)->limit_memory_kib,         \
            &(machine)->limit_used_kib, &(machine)->limit_peak_kib,            \
            &(machine)->limit_hit_count, &(machine)->limit_kill_count,         \
            &(machine)->limit_cpu_percent, &(machine)->limit_throttled_ms,     \
            &(machine)->launcher_ran_ms, &(machine)->launcher_waited_ms,       \
            &(machine)->handle_pid, &(machine)->handle_limit,                  \
            &(machine)->handle_total                                           \
    }
#define NUMBER_COUNT 21u

void sample_machine(struct hb_machine *machine)
{
    uint64_t *const numbers[NUMBER_COUNT] = NUMBERS(machine);

    memset(machine, 0, sizeof(*machine));
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        *numbers[i] = 100 * (i + 1);
    }
    machine->commit_limit_kib = HB_NOT_KNOWN;
    machine->commit_free_kib = HB_NOT_KNOWN;
    machine->memory_available_kib = 3 * 1024;
    machine->memory_total_kib = 8000 * 1024;
    machine->limit_memory_kib = 2000 * 1024;
    machine->limit_used_kib = 1999 * 1024;
    machine->limit_peak_kib = 2000 * 1024;
    machine->limit_kill_count = 1;
    machine->handle_pid = 5000;
    machine->pressure_count = 1;
    machine->pressures[0] = (struct hb_pressure){ "memory", 412, 90, 10, 0 };
    machine->space_count = 1;
    machine->spaces[0] =
        (struct hb_space){ "temp", "/tmp", 1024, 9 * 1024 * 1024 };
    machine->process_count = 1;
    machine->processes[0] =
        (struct hb_busy_process){ "server", 5001, 2048, 125, 90000 };
    machine->handle_total = 990;
    machine->handle_limit = 1024;
    machine->handle_count = 2;
    machine->handles[0] = (struct hb_open_handle){ 0, "device", "/dev/null" };
    machine->handles[1] = (struct hb_open_handle){ 3, "file", "/t/\xff\"a\"" };
    SET(machine->handles_missing, "only the first are listed");
}

static uint64_t some_number(uint64_t *random)
{
    return random_chance(random) ? HB_NOT_KNOWN : random_number(random);
}

void random_machine_make(struct hb_machine *machine, uint64_t *random)
{
    uint64_t *const numbers[NUMBER_COUNT] = NUMBERS(machine);

    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        *numbers[i] = some_number(random);
    }
    machine->pressure_count = random_below(random, HB_PRESSURES_MAX + 1);
    for (size_t i = 0; i < machine->pressure_count; i++) {
        struct hb_pressure *pressure = &machine->pressures[i];

        random_fill(random, pressure->name, sizeof(pressure->name));
        pressure->some_10s_permille = some_number(random);
        pressure->some_60s_permille = some_number(random);
        pressure->full_10s_permille = some_number(random);
        pressure->full_60s_permille = some_number(random);
    }
    machine->space_count = random_below(random, HB_SPACES_MAX + 1);
    for (size_t i = 0; i < machine->space_count; i++) {
        struct hb_space *space = &machine->spaces[i];

        random_fill(random, space->name, sizeof(space->name));
        random_fill(random, space->path, sizeof(space->path));
        space->free_kib = some_number(random);
        space->total_kib = some_number(random);
    }
    machine->process_count = random_below(random, HB_BUSY_MAX + 1);
    for (size_t i = 0; i < machine->process_count; i++) {
        struct hb_busy_process *process = &machine->processes[i];

        random_fill(random, process->name, sizeof(process->name));
        process->pid = some_number(random);
        process->rss_kib = some_number(random);
        process->cpu_ms = some_number(random);
        process->age_ms = some_number(random);
    }
    machine->handle_count = random_below(random, 4);
    for (size_t i = 0; i < machine->handle_count; i++) {
        struct hb_open_handle *handle = &machine->handles[i];

        handle->number = some_number(random);
        random_fill(random, handle->type, sizeof(handle->type));
        random_fill(random, handle->name, sizeof(handle->name));
    }
    random_fill(random, machine->handles_missing,
                sizeof(machine->handles_missing));
}

static void assert_same_lists(const struct hb_machine *a,
                              const struct hb_machine *b)
{
    for (size_t i = 0; i < a->pressure_count; i++) {
        const struct hb_pressure *one = &a->pressures[i];
        const struct hb_pressure *other = &b->pressures[i];

        assert_string_equal(one->name, other->name);
        assert_true(one->some_10s_permille == other->some_10s_permille);
        assert_true(one->some_60s_permille == other->some_60s_permille);
        assert_true(one->full_10s_permille == other->full_10s_permille);
        assert_true(one->full_60s_permille == other->full_60s_permille);
    }
    for (size_t i = 0; i < a->space_count; i++) {
        assert_string_equal(a->spaces[i].name, b->spaces[i].name);
        assert_string_equal(a->spaces[i].path, b->spaces[i].path);
        assert_true(a->spaces[i].free_kib == b->spaces[i].free_kib);
        assert_true(a->spaces[i].total_kib == b->spaces[i].total_kib);
    }
    for (size_t i = 0; i < a->process_count; i++) {
        const struct hb_busy_process *one = &a->processes[i];
        const struct hb_busy_process *other = &b->processes[i];

        assert_string_equal(one->name, other->name);
        assert_true(one->pid == other->pid);
        assert_true(one->rss_kib == other->rss_kib);
        assert_true(one->cpu_ms == other->cpu_ms);
        assert_true(one->age_ms == other->age_ms);
    }
    for (size_t i = 0; i < a->handle_count; i++) {
        assert_true(a->handles[i].number == b->handles[i].number);
        assert_string_equal(a->handles[i].type, b->handles[i].type);
        assert_string_equal(a->handles[i].name, b->handles[i].name);
    }
}

void assert_same_machine(const struct hb_machine *a, const struct hb_machine *b)
{
    const uint64_t *const ones[NUMBER_COUNT] = NUMBERS(a);
    const uint64_t *const others[NUMBER_COUNT] = NUMBERS(b);

    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        assert_true(*ones[i] == *others[i]);
    }
    assert_int_equal(a->pressure_count, b->pressure_count);
    assert_int_equal(a->space_count, b->space_count);
    assert_int_equal(a->process_count, b->process_count);
    assert_int_equal(a->handle_count, b->handle_count);
    assert_same_lists(a, b);
    assert_string_equal(a->handles_missing, b->handles_missing);
}
