#include <string.h>
#include <windows.h>

#include <psapi.h>

#include "os/clock.h"
#include "os/windows/process_type.h"
#include "os/windows/signals.h"

/* Between two looks at a process that has no name yet. */
#define SETTLE_WAIT_MS 5

static DWORD wait_time(uint64_t until_ms)
{
    uint64_t now_ms = hb_clock_ms();

    if (until_ms <= now_ms) {
        return 0;
    }
    uint64_t left = until_ms - now_ms;
    return left < 0x7FFFFFFFu ? (DWORD)left : 0x7FFFFFFFu;
}

static void note_stop(struct hb_process *process, DWORD kind)
{
    if (process->stop_count < HB_STOP_ROOM) {
        process->stops[process->stop_count++] = kind;
    }
}

struct packet {
    ULONG_PTR key;
    DWORD bytes;
    OVERLAPPED *overlapped;
    DWORD error;
};

static void absorb(struct hb_process *process, const struct packet *packet)
{
    switch (packet->key) {
    case HB_PACKET_JOB:
        hb_tree_message(&process->tree, packet->bytes,
                        (uint32_t)(uintptr_t)packet->overlapped);
        break;
    case HB_PACKET_ENDED:
        hb_tree_ended(&process->tree,
                      (struct hb_member *)(void *)packet->overlapped);
        break;
    case HB_PACKET_STOP:
        note_stop(process, packet->bytes);
        break;
    case HB_PACKET_READ + HB_STDOUT:
    case HB_PACKET_READ + HB_STDERR:
        hb_output_read(&process->outputs[packet->key - HB_PACKET_READ],
                       packet->error, packet->bytes);
        break;
    case HB_PACKET_HELPER_READ:
        hb_helper_read(&process->helper, packet->error, packet->bytes);
        break;
    case HB_PACKET_HELPER_ENDED:
        hb_helper_ended(&process->helper, &process->tree);
        break;
    default:
        hb_output_passed(&process->outputs[packet->key - HB_PACKET_PASSED]);
        break;
    }
}

/* False if there was no packet. */
static bool wait_for_packet(HANDLE port, DWORD time, struct packet *packet)
{
    *packet = (struct packet){ 0 };
    if (GetQueuedCompletionStatus(port, &packet->bytes, &packet->key,
                                  &packet->overlapped, time)) {
        return true;
    }
    packet->error = GetLastError();
    return packet->overlapped != NULL; /* a read that failed */
}

/* A wait may end a little before the clock says so, and no wait may be longer
 * than the port can count. */
bool hb_events_take(struct hb_process *process, uint64_t until_ms)
{
    struct packet packet;
    bool unsettled = hb_tree_settle(&process->tree);

    for (;;) {
        DWORD time = wait_time(until_ms);
        bool last = time == 0;

        if (unsettled && time > SETTLE_WAIT_MS) {
            time = SETTLE_WAIT_MS;
        }
        if (wait_for_packet(process->port, time, &packet)) {
            absorb(process, &packet);
            return true;
        }
        if (last || unsettled) {
            return !last; /* what settled is told now */
        }
    }
}

static bool tell_stop(struct hb_process *process, struct hb_event *event)
{
    if (process->stop_count == 0) {
        return false;
    }
    DWORD kind = process->stops[0];

    process->stop_count--;
    memmove(process->stops, process->stops + 1,
            process->stop_count * sizeof(process->stops[0]));
    event->kind = HB_EVENT_STOP_REQUEST;
    event->signal = hb_signal_read(kind, &event->signal_name);
    return true;
}

static bool tell_output(struct hb_process *process, size_t stream,
                        struct hb_event *event)
{
    static const enum hb_event_kind kinds[] = {
        [HB_OUTPUT_BYTES] = HB_EVENT_OUTPUT,
        [HB_OUTPUT_ENDED] = HB_EVENT_OUTPUT_CLOSED,
        [HB_OUTPUT_READER_GONE] = HB_EVENT_READER_GONE,
        [HB_OUTPUT_NOT_PASSED] = HB_EVENT_NOT_PASSED,
    };
    enum hb_output_news news =
        hb_output_step(&process->outputs[stream], &event->bytes, &event->size);

    if (news == HB_OUTPUT_NOTHING) {
        return false;
    }
    event->kind = kinds[news];
    event->stream = (enum hb_stream)stream;
    event->os_code = (long)process->outputs[stream].pass.error;
    return true;
}

static struct hb_exit exit_of(const struct hb_member *member)
{
    struct hb_exit exit = { 0 };

    if (member->has_status) {
        exit.kind = HB_EXIT_CODE;
        exit.value = member->status;
    }
    return exit;
}

static struct hb_resources resources_of(const struct hb_process *process)
{
    PROCESS_MEMORY_COUNTERS memory = { .cb = sizeof(memory) };
    struct hb_resources used = { .known = true };
    uint64_t user = 0;
    uint64_t kernel = 0;

    (void)hb_tree_time(&process->tree, &user, &kernel);
    used.user_ms = user / 10000;
    used.system_ms = kernel / 10000;
    if (K32GetProcessMemoryInfo(process->tree.members[0].handle, &memory,
                                sizeof(memory))) {
        used.max_rss_kib = memory.PeakWorkingSetSize / 1024;
    }
    return used;
}

static bool tell_exit(struct hb_process *process, struct hb_event *event)
{
    struct hb_member *first = &process->tree.members[0];

    if (first->pid == 0 || !first->ended || !first->told) {
        return false;
    }
    first->told = false; /* once */
    event->kind = HB_EVENT_EXIT;
    event->pid = first->pid;
    event->exit = exit_of(first);
    event->resources = resources_of(process);
    return true;
}

/* A process that appears and is gone by the time we look has both told. */
static bool tell_member(struct hb_process *process, struct hb_member *member,
                        struct hb_event *event)
{
    if (member->pid == 0) {
        return false;
    }
    if (member->nameless && !member->ended) {
        return false; /* told with its name, in a moment */
    }
    if (!member->told && !member->ours) {
        member->told = true;
        event->kind = HB_EVENT_CHILD;
        event->pid = member->pid;
        event->process = member->about;
        return true;
    }
    if (!member->ended) {
        return false;
    }
    bool tell = !member->ours;

    if (tell) {
        event->kind = HB_EVENT_CHILD_EXIT;
        event->pid = member->pid;
        event->process = member->about;
        event->exit = exit_of(member);
    }
    hb_tree_forget(&process->tree, member);
    return tell;
}

bool hb_events_tell(struct hb_process *process, struct hb_event *out_event)
{
    struct hb_event event = { 0 };
    bool found = tell_stop(process, &event);

    for (size_t i = 0; i < HB_STREAM_COUNT && !found; i++) {
        found = tell_output(process, i, &event);
    }
    for (size_t i = 1; i < process->tree.high && !found; i++) {
        found = tell_member(process, &process->tree.members[i], &event);
    }
    found = found || hb_helper_step(&process->helper, &event);
    found = found || tell_exit(process, &event);
    if (found) {
        *out_event = event;
    }
    return found;
}
