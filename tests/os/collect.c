#include "collect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "os/clock.h"
#include "os/helper.h"

#define WORDS_MOST 16
#define LIMIT_MS 20000

const char *collect_child_path(void)
{
    return OS_CHILD_PATH;
}

const char *collect_loop_path(void)
{
    return OS_LOOP_PATH;
}

void collect_start_command(struct collect *run, const char *const *command,
                           struct hb_process_spec spec)
{
    struct hb_error err = { 0 };

    memset(run, 0, sizeof(*run));
    spec.command = command;
    while (command[spec.count] != NULL) {
        spec.count++;
    }
    if (!hb_process_prepare(&spec, &run->process, &err) ||
        !hb_process_start(run->process, &run->pid, &err)) {
        fail_msg("%s", err.text);
    }
}

void collect_start(struct collect *run, const char *const *words)
{
    const char *command[WORDS_MOST + 2] = { collect_child_path() };
    size_t count = 0;

    for (; words[count] != NULL; count++) {
        assert_true(count < WORDS_MOST);
        command[count + 1] = words[count];
    }
    collect_start_command(
        run, command,
        (struct hb_process_spec){ .recorder = true, .notify = true });
}

void collect_start_helper(struct collect *run, const char *const *words)
{
    const char *command[WORDS_MOST + 2] = { collect_child_path() };
    struct hb_error err = { 0 };
    size_t count = 1;

    for (; words[count - 1] != NULL; count++) {
        assert_true(count <= WORDS_MOST);
        command[count] = words[count - 1];
    }
    run->helper_ended = false;
    run->helper_kept = 0;
    run->helper_total = 0;
    memset(run->helper_output, 0, sizeof(run->helper_output));
    if (!hb_helper_start(run->process, command, count, &err)) {
        fail_msg("%s", err.text);
    }
}

static void take_helper(struct collect *run, const struct hb_event *event)
{
    size_t room = COLLECT_KEPT - run->helper_kept;
    size_t part = event->size < room ? event->size : room;

    assert_false(run->helper_ended); /* its end is the last of it */
    if (event->kind == HB_EVENT_HELPER_ENDED) {
        run->helper_ended = true;
        run->helper_exit = event->exit;
        return;
    }
    memcpy(run->helper_output + run->helper_kept, event->bytes, part);
    run->helper_kept += part;
    run->helper_total += event->size;
}

static void take_output(struct collect *run, const struct hb_event *event)
{
    enum hb_stream i = event->stream;
    size_t room = COLLECT_KEPT - run->kept[i];
    size_t part = event->size < room ? event->size : room;

    memcpy(run->output[i] + run->kept[i], event->bytes, part);
    run->kept[i] += part;
    run->total[i] += event->size;
    run->output_after_end = run->output_after_end || run->ended;
}

static void take_tree(struct collect *run, const struct hb_event *event)
{
    if (event->kind == HB_EVENT_CHILD && run->child_count < COLLECT_ROOM) {
        run->children[run->child_count++] = event->process;
    }
    if (event->kind == HB_EVENT_CHILD_EXIT && run->end_count < COLLECT_ROOM) {
        run->ends[run->end_count].pid = event->pid;
        run->ends[run->end_count++].exit = event->exit;
    }
}

static void take(struct collect *run, const struct hb_event *event)
{
    switch (event->kind) {
    case HB_EVENT_OUTPUT:
        take_output(run, event);
        break;
    case HB_EVENT_OUTPUT_CLOSED:
        assert_false(run->closed[event->stream]); /* told once */
        run->closed[event->stream] = true;
        break;
    case HB_EVENT_READER_GONE:
        run->closed[event->stream] = true;
        run->gone[event->stream] = true;
        break;
    case HB_EVENT_EXIT:
        assert_false(run->ended); /* told once */
        assert_int_equal(event->pid, run->pid);
        run->ended = true;
        run->exit = event->exit;
        run->resources = event->resources;
        break;
    case HB_EVENT_NOTIFY:
        (void)snprintf(run->notify, sizeof(run->notify), "%.*s",
                       (int)event->size, event->bytes);
        run->notify_pid = event->pid;
        break;
    case HB_EVENT_HELPER_OUTPUT:
    case HB_EVENT_HELPER_ENDED:
        take_helper(run, event);
        break;
    default:
        take_tree(run, event);
        break;
    }
}

static enum hb_event_kind take_next(struct collect *run, uint64_t until_ms)
{
    struct hb_event event = { 0 };
    struct hb_error err = { 0 };

    if (!hb_process_next(run->process, until_ms, &event, &err)) {
        fail_msg("%s", err.text);
    }
    take(run, &event);
    return event.kind;
}

static void take_in_time(struct collect *run, uint64_t until_ms,
                         enum hb_event_kind *out_kind)
{
    *out_kind = take_next(run, until_ms);
    if (*out_kind == HB_EVENT_NONE) {
        fail_msg("nothing happened in %d ms; stdout was '%s'", LIMIT_MS,
                 run->output[HB_STDOUT]);
    }
}

void collect_until(struct collect *run, enum hb_event_kind kind)
{
    uint64_t until_ms = hb_clock_ms() + LIMIT_MS;

    for (enum hb_event_kind got = HB_EVENT_NONE; got != kind;) {
        take_in_time(run, until_ms, &got);
    }
}

void collect_until_line(struct collect *run, const char *text)
{
    uint64_t until_ms = hb_clock_ms() + LIMIT_MS;

    while (strstr(run->output[HB_STDOUT], text) == NULL) {
        enum hb_event_kind got;

        take_in_time(run, until_ms, &got);
    }
}

void collect_until_helper_line(struct collect *run, const char *text)
{
    uint64_t until_ms = hb_clock_ms() + LIMIT_MS;

    while (strstr(run->helper_output, text) == NULL) {
        enum hb_event_kind got;

        take_in_time(run, until_ms, &got);
    }
}

void collect_all(struct collect *run)
{
    uint64_t until_ms = hb_clock_ms() + LIMIT_MS;

    while (!run->ended || !run->closed[HB_STDOUT] || !run->closed[HB_STDERR]) {
        enum hb_event_kind got;

        take_in_time(run, until_ms, &got);
    }
}

void collect_now(struct collect *run)
{
    while (take_next(run, 0) != HB_EVENT_NONE) {
    }
}

void collect_free(struct collect *run)
{
    hb_process_free(run->process);
    run->process = NULL;
}

void collect_run(struct collect *run, const char *const *words)
{
    collect_start(run, words);
    collect_all(run);
}
