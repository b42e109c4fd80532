#include "os/process.h"

#include <stdlib.h>

#include "os/clock.h"
#include "os/door.h"
#include "os/windows/cores.h"
#include "os/windows/process_type.h"
#include "os/windows/signals.h"
#include "os/windows/spawn.h"
#include "os/windows/system.h"
#include "os/windows/threads.h"
#include "os/windows/widen.h"

#define KILL_LIMIT_MS 5000u
#define SETTLE_LIMIT_MS 250u

/* Our own: no box that nobody sees stops the launcher. The program gets one of
 * its own (spawn.c). */
#define ERROR_MODE SEM_FAILCRITICALERRORS

static void close_handle(HANDLE *handle)
{
    if (*handle != NULL) {
        (void)CloseHandle(*handle);
        *handle = NULL;
    }
}

/* Our copies of what the program has inherited. The pipes end only when all
 * copies are closed. The recorder's handle stays: who did not inherit it may
 * have it from us. */
static void close_test_ends(struct hb_process *process)
{
    for (size_t i = 0; i < 3; i++) {
        close_handle(&process->standard[i]);
    }
    for (size_t i = 0; i < HB_STREAM_COUNT; i++) {
        close_handle(&process->outputs[i].test_end);
    }
}

static void describe(struct hb_process *process, struct hb_spawn *spawn)
{
    bool plain = process->plain;

    spawn->name = process->name;
    spawn->line = process->line;
    spawn->environment = process->environment;
    spawn->job = process->tree.job;
    spawn->late = process->late;
    spawn->shares_group = plain;
    spawn->standard[0] = process->standard[0];
    for (size_t i = 0; i < HB_STREAM_COUNT; i++) {
        spawn->standard[i + 1] =
            plain ? process->standard[i + 1] : process->outputs[i].test_end;
    }
    spawn->extra = process->mapping;
}

bool hb_process_start(struct hb_process *process, uint32_t *out_pid,
                      struct hb_error *err)
{
    struct hb_spawn spawn = { 0 };
    HANDLE handle = NULL;
    DWORD pid = 0;
    bool ok = false;

    describe(process, &spawn);
    if (process->cores) {
        hb_cores_begin(process, process->name);
    }
    (void)SetErrorMode(ERROR_MODE);
    if (!hb_spawn_start(&spawn, &pid, &handle)) {
        (void)hb_spawn_diagnose(&spawn, err);
        goto out;
    }
    process->started = true;
    if (!hb_tree_add_first(&process->tree, pid, handle)) {
        (void)hb_fail(err, HB_ERR_INTERNAL, (long)GetLastError(),
                      "cannot watch '%s'", process->name);
        goto out;
    }
    *out_pid = pid;
    ok = true;

out:
    close_test_ends(process);
    free(spawn.file);
    return ok;
}

bool hb_process_next(struct hb_process *process, uint64_t until_ms,
                     struct hb_event *out_event, struct hb_error *err)
{
    struct hb_event event = { 0 };

    (void)err; /* there is no way to fail */
    while (!hb_events_tell(process, &event) &&
           hb_events_take(process, until_ms)) {
    }
    *out_event = event;
    return true;
}

/* There is nothing like it: the fixture alone holds a program. */
const char *hb_process_hold_warning(const struct hb_process *process)
{
    if (process->exit_monitor && process->reports.why_no_exits[0] != '\0') {
        return process->reports.why_no_exits;
    }
    return process->hold_exit
               ? "--hold-exit=on: Windows holds no program from outside; only "
                 "the fixture does"
               : NULL;
}

void hb_process_let_leave(struct hb_process *process)
{
    (void)process;
}

/* Who waits there looks at it himself, every few milliseconds. */
void hb_process_wake(volatile uint32_t *word)
{
    (void)word;
}

/* Wine tells the caller's own time as that of any process; that of living
 * threads it knows. */
static bool time_of_threads(const struct hb_tree *tree, uint64_t *out_us)
{
    struct hb_nt_process *snapshot = hb_nt_snapshot();
    uint64_t sum = 0;

    for (size_t i = 0; snapshot != NULL && i < tree->high; i++) {
        const struct hb_member *member = &tree->members[i];
        const struct hb_nt_process *seen = NULL;

        if (!member->ours && hb_member_is_alive(member)) {
            seen = hb_nt_find(snapshot, member->pid);
        }
        for (ULONG j = 0; seen != NULL && j < seen->thread_count; j++) {
            sum += (uint64_t)(seen->threads[j].user_time.QuadPart +
                              seen->threads[j].kernel_time.QuadPart);
        }
    }
    *out_us = sum / 10;
    free(snapshot);
    return snapshot != NULL;
}

bool hb_process_cpu_us(struct hb_process *process, uint64_t *out_us)
{
    uint64_t user = 0;
    uint64_t kernel = 0;

    if (hb_system_wine() != NULL) {
        return time_of_threads(&process->tree, out_us);
    }
    *out_us = hb_tree_time(&process->tree, &user, &kernel) / 10;
    return true;
}

/* Everything that is known by now. */
static void catch_up(struct hb_process *process)
{
    while (hb_events_take(process, 0)) {
    }
}

size_t hb_process_tree(struct hb_process *process,
                       struct hb_tree_process *processes, size_t room)
{
    struct hb_tree *tree = &process->tree;
    size_t count = 0;

    catch_up(process);
    hb_tree_refresh(tree);
    for (size_t i = 0; i < tree->high; i++) {
        const struct hb_member *member = &tree->members[i];

        if (member->ours || !hb_member_is_alive(member)) {
            continue;
        }
        if (count < room) {
            processes[count] = member->about;
        }
        count++;
    }
    return count;
}

bool hb_process_stop(struct hb_process *process, struct hb_error *err)
{
    DWORD group = process->tree.members[0].pid;

    if (!GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, group)) {
        return hb_fail(err, HB_ERR_INTERNAL, (long)GetLastError(),
                       "cannot send Ctrl-Break to '%s'", process->name);
    }
    return true;
}

/* There are none. */
bool hb_process_signal(struct hb_process *process, uint32_t signal)
{
    (void)process;
    (void)signal;
    return false;
}

/* The server of Wine 8 crashes, and all programs with it, if a process is
 * killed before it has begun to run. Nothing on Windows has to settle. */
static void let_settle(struct hb_process *process)
{
    uint64_t end_ms = hb_clock_ms() + SETTLE_LIMIT_MS;

    catch_up(process);
    while (hb_tree_settle(&process->tree) && hb_clock_ms() < end_ms) {
        (void)hb_events_take(process, end_ms);
    }
}

bool hb_process_kill(struct hb_process *process, struct hb_error *err)
{
    uint64_t end_ms = hb_clock_ms() + KILL_LIMIT_MS;
    uint64_t now_ms = 0;

    let_settle(process);
    /* What is in the job by then includes what was started meanwhile. */
    do {
        now_ms = hb_clock_ms();
        hb_tree_terminate(&process->tree,
                          now_ms < end_ms ? (DWORD)(end_ms - now_ms) : 0);
        catch_up(process);
        if (hb_tree_is_empty(&process->tree)) {
            return true;
        }
    } while (now_ms < end_ms);
    return hb_fail(err, HB_ERR_INTERNAL, 0, "a process of '%s' does not end",
                   process->name);
}

void hb_process_release(struct hb_process *process)
{
    process->released = true;
    hb_tree_release(&process->tree);
}

struct hb_output_state hb_process_output(const struct hb_process *process,
                                         enum hb_stream stream)
{
    return hb_output_state(&process->outputs[stream]);
}

bool hb_process_has_writer(const struct hb_process *process,
                           enum hb_stream stream)
{
    return hb_output_has_writer(&process->outputs[stream]);
}

void hb_process_drop_output(struct hb_process *process)
{
    for (size_t i = 0; i < HB_STREAM_COUNT; i++) {
        hb_output_drop(&process->outputs[i]);
    }
}

void hb_process_free(struct hb_process *process)
{
    struct hb_error ignored;
    bool unused = true;

    if (process == NULL) {
        return;
    }
    hb_helper_close(&process->helper);
    if (process->started && !process->released) {
        (void)hb_process_kill(process, &ignored);
    }
    hb_reports_end(&process->reports);
    hb_wer_end(&process->wer);
    hb_signals_leave();
    close_test_ends(process);
    for (size_t i = 0; i < HB_STREAM_COUNT; i++) {
        unused = hb_output_close(&process->outputs[i]) && unused;
    }
    hb_tree_close(&process->tree);
    if (process->recorder != NULL) {
        (void)UnmapViewOfFile(process->recorder);
    }
    close_handle(&process->mapping);
    free(process->environment);
    free(process->line);
    free(process->name);
    if (unused) { /* else a stuck writer still looks into it */
        close_handle(&process->port);
        free(process);
    }
}
