#include "os/machine.h"

#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "base/text.h"
#include "os/windows/handles.h"
#include "os/windows/threads.h"
#include "os/windows/widen.h"

/* Place of WorkingSetSize in the snapshot's counters. */
#define WORKING_SET 4u
#define TICKS_PER_MS 10000u

static void read_memory(struct hb_machine *machine)
{
    MEMORYSTATUSEX memory = { .dwLength = sizeof(memory) };

    if (GlobalMemoryStatusEx(&memory)) {
        machine->memory_total_kib = memory.ullTotalPhys / 1024;
        machine->memory_available_kib = memory.ullAvailPhys / 1024;
        machine->commit_limit_kib = memory.ullTotalPageFile / 1024;
        machine->commit_free_kib = memory.ullAvailPageFile / 1024;
    }
}

/* Of the job that we ourselves are in, if there is one: a container, or what
 * the CI runner put around us. */
static void read_job(struct hb_machine *machine)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits;

    memset(&limits, 0, sizeof(limits));
    if (QueryInformationJobObject(NULL, JobObjectExtendedLimitInformation,
                                  &limits, sizeof(limits), NULL) &&
        (limits.BasicLimitInformation.LimitFlags &
         JOB_OBJECT_LIMIT_JOB_MEMORY) != 0) {
        machine->limit_memory_kib = limits.JobMemoryLimit / 1024;
        machine->limit_peak_kib = limits.PeakJobMemoryUsed / 1024;
    }
}

static void read_space(const char *name, const wchar_t *path,
                       struct hb_machine *machine)
{
    struct hb_space *space = &machine->spaces[machine->space_count];
    ULARGE_INTEGER free_bytes;
    ULARGE_INTEGER total;

    if (path == NULL || !GetDiskFreeSpaceExW(path, &free_bytes, &total, NULL)) {
        return;
    }
    (void)hb_text_copy(space->name, sizeof(space->name), name);
    hb_narrow_into(space->path, sizeof(space->path), path);
    space->free_kib = free_bytes.QuadPart / 1024;
    space->total_kib = total.QuadPart / 1024;
    machine->space_count++;
}

static void read_spaces(const char *folder, struct hb_machine *machine)
{
    wchar_t temp[MAX_PATH + 2] = L"";
    wchar_t *wide = hb_widen(folder);

    read_space("artifacts", wide, machine);
    if (GetTempPathW(MAX_PATH + 1, temp) != 0) {
        read_space("temp", temp, machine);
    }
    free(wide);
}

static void tell_process(struct hb_busy *busy, const struct hb_nt_process *seen,
                         uint64_t now)
{
    struct hb_busy_process process = { .pid = (uintptr_t)seen->pid };
    uint64_t began = (uint64_t)seen->create_time.QuadPart;
    wchar_t name[HB_IMAGE_SIZE] = L"";
    size_t units = seen->name_bytes / sizeof(wchar_t);

    if (seen->pid == NULL) { /* who is idle */
        return;
    }
    units = units < HB_IMAGE_SIZE ? units : HB_IMAGE_SIZE - 1;
    if (seen->name != NULL) {
        memcpy(name, seen->name, units * sizeof(wchar_t));
    }
    hb_narrow_into(process.name, sizeof(process.name), name);
    process.rss_kib = seen->memory[WORKING_SET] / 1024;
    process.cpu_ms =
        (uint64_t)(seen->user_time.QuadPart + seen->kernel_time.QuadPart) /
        TICKS_PER_MS;
    process.age_ms =
        began != 0 && now > began ? (now - began) / TICKS_PER_MS : 0;
    hb_busy_tell(busy, &process);
}

static void read_processes(struct hb_machine *machine)
{
    struct hb_busy busy = { .largest_count = 0 };
    struct hb_nt_process *snapshot = hb_nt_snapshot();
    const struct hb_nt_process *at = snapshot;
    FILETIME file_time;
    uint64_t now;

    GetSystemTimeAsFileTime(&file_time);
    now = (uint64_t)file_time.dwHighDateTime << 32 | file_time.dwLowDateTime;
    while (at != NULL) {
        tell_process(&busy, at, now);
        at = at->next == 0
                 ? NULL
                 : (const struct hb_nt_process *)(const void *)((const char *)
                                                                    at +
                                                                at->next);
    }
    free(snapshot);
    hb_busy_finish(&busy, machine);
}

uint64_t hb_machine_rss_kib(const uint32_t *pids, size_t count)
{
    struct hb_nt_process *snapshot = hb_nt_snapshot();
    uint64_t sum_kib = 0;

    for (size_t i = 0; snapshot != NULL && i < count; i++) {
        const struct hb_nt_process *seen = hb_nt_find(snapshot, pids[i]);

        sum_kib += seen != NULL ? seen->memory[WORKING_SET] / 1024 : 0;
    }
    free(snapshot);
    return sum_kib;
}

void hb_machine_read(const char *folder, uint32_t pid,
                     struct hb_machine *out_machine)
{
    hb_machine_clear(out_machine);
    read_memory(out_machine);
    read_job(out_machine);
    read_spaces(folder, out_machine);
    read_processes(out_machine);
    if (pid != 0) {
        hb_machine_read_handles(pid, out_machine);
    }
}
