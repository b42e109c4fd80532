/*
 * A launcher without opinions: starts PROGRAM as hbtest-launch would, passes
 * its output on, and writes what it was told into the file named by
 * OS_LOOP_REPORT, one line an event. Ends as the program did.
 *
 *     os_loop [--guard] [--kill-at-request] [--drop] [--states] PROGRAM
 *             [ARG...]
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "os/clock.h"
#include "os/console.h"
#include "os/file.h"
#include "os/host.h"
#include "os/process.h"
#include "system.h"

static struct {
    bool guard;
    bool kill_at_request;
    bool drop; /* output, as soon as the program has ended */
    bool
        states; /* says on stderr when stdout is blocked, and who could write */
} options;

static struct hb_appender *report;
static uint64_t totals[HB_STREAM_COUNT];

static void tell(const char *format, const char *word, uint64_t number)
{
    char line[160];
    struct hb_error err;
    int length = snprintf(line, sizeof(line), "%s %s %" PRIu64 "\n", format,
                          word, number);

    if (report != NULL && length > 0) {
        (void)hb_appender_write(report, line, (size_t)length, NULL, &err);
    }
}

static const char *stream_name(enum hb_stream stream)
{
    return stream == HB_STDOUT ? "stdout" : "stderr";
}

static void take(struct hb_process *process, const struct hb_event *event,
                 bool *closed)
{
    struct hb_error err;

    switch (event->kind) {
    case HB_EVENT_OUTPUT:
        totals[event->stream] += event->size;
        break;
    case HB_EVENT_OUTPUT_CLOSED:
    case HB_EVENT_READER_GONE:
        closed[event->stream] = true;
        tell(event->kind == HB_EVENT_READER_GONE ? "gone" : "closed",
             stream_name(event->stream), totals[event->stream]);
        break;
    case HB_EVENT_NOT_PASSED:
        tell("not passed", stream_name(event->stream),
             (uint64_t)event->os_code);
        break;
    case HB_EVENT_STOP_REQUEST:
        tell("request", event->signal_name, event->pid);
        if (options.kill_at_request) {
            (void)hb_process_kill(process, &err);
        }
        break;
    case HB_EVENT_EXIT:
        tell("exit", event->exit.kind == HB_EXIT_CODE ? "code" : "other",
             event->exit.value);
        if (options.drop) {
            hb_process_drop_output(process);
        }
        break;
    default:
        break;
    }
}

static void say_state(const struct hb_process *process)
{
    static int before = -1;
    struct hb_output_state state = hb_process_output(process, HB_STDOUT);
    bool writable = hb_process_has_writer(process, HB_STDOUT);
    const char *line = writable ? "blocked, and written to\n"
                                : "blocked, and read to its end\n";

    if (state.waits_ms > 0 && before != writable) {
        before = writable;
        hb_console_error(line, strlen(line));
    }
}

static bool run(const struct hb_process_spec *spec, struct hb_exit *out_exit,
                struct hb_error *err)
{
    struct hb_process *process = NULL;
    bool closed[HB_STREAM_COUNT] = { false, false };
    bool ended = false;
    uint32_t pid = 0;
    bool ok = false;

    if (!hb_process_prepare(spec, &process, err) ||
        !hb_process_start(process, &pid, err)) {
        goto out;
    }
    tell("started", "program", pid);
    tell("started", "launcher", hb_host_pid());
    while (!ended || !closed[HB_STDOUT] || !closed[HB_STDERR]) {
        struct hb_event event;

        if (!hb_process_next(process,
                             options.states ? hb_clock_ms() + 5 : UINT64_MAX,
                             &event, err)) {
            goto out;
        }
        if (options.states) {
            say_state(process);
        }
        if (event.kind == HB_EVENT_EXIT) {
            ended = true;
            *out_exit = event.exit;
        }
        take(process, &event, closed);
    }
    ok = true;

out:
    hb_process_free(process);
    return ok;
}

static int take_options(int argc, char **argv)
{
    int i = 1;

    for (; i < argc && argv[i][0] == '-'; i++) {
        options.guard = options.guard || strcmp(argv[i], "--guard") == 0;
        options.drop = options.drop || strcmp(argv[i], "--drop") == 0;
        options.states = options.states || strcmp(argv[i], "--states") == 0;
        options.kill_at_request = options.kill_at_request ||
                                  strcmp(argv[i], "--kill-at-request") == 0;
    }
    return i;
}

int main(int argc, char **argv)
{
    struct hb_error err = { 0 };
    struct hb_exit how = { 0 };

    argv = system_arguments(&argc, argv);
    int first = take_options(argc, argv);
    struct hb_process_spec spec = {
        .command = (const char *const *)(argv + first),
        .count = (size_t)(argc - first),
        .recorder = true,
    };
    if (first == argc || (options.guard && !hb_guard_start(&err))) {
        return 125;
    }
    const char *path = hb_environment_get("OS_LOOP_REPORT");
    if (path != NULL && !hb_appender_open(path, &report, &err)) {
        return 125;
    }
    if (!run(&spec, &how, &err)) {
        hb_console_error(err.text, strlen(err.text));
        return 125;
    }
    hb_appender_close(report);
    if (how.kind == HB_EXIT_SIGNAL) {
        hb_console_die(how.value);
    }
    hb_console_exit(how.value);
}
