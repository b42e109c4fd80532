#include "os/windows/output.h"

#include <stdlib.h>
#include <string.h>

#include "os/clock.h"
#include "os/windows/pipe.h"

/* A reader that takes nothing for so long at the very end is given up. */
#define PATIENCE_MS 10000

bool hb_output_open(struct hb_output *output, DWORD stream, HANDLE port,
                    struct hb_output_keys keys)
{
    hb_pass_init(&output->pass, stream, port, keys.pass);
    output->key = keys.read;
    return hb_pipe_open(HB_OUTPUT_SIZE, &output->pipe, &output->test_end) &&
           CreateIoCompletionPort(output->pipe, port, keys.read, 0) != NULL;
}

/* The test then sees what a gone reader looks like. */
static void shut(struct hb_output *output)
{
    if (output->pipe != NULL) {
        (void)CloseHandle(output->pipe);
        output->pipe = NULL;
    }
}

static void end(struct hb_output *output)
{
    shut(output);
    output->tell_end = true;
}

static void read_more(struct hb_output *output)
{
    output->read = (OVERLAPPED){ 0 };
    output->reading = true;
    if (!ReadFile(output->pipe, output->buffer, sizeof(output->buffer), NULL,
                  &output->read) &&
        GetLastError() != ERROR_IO_PENDING) {
        output->reading = false;
        end(output); /* no packet comes */
    }
}

void hb_output_read(struct hb_output *output, DWORD error, DWORD size)
{
    if (!output->reading) {
        return; /* a read that was called off */
    }
    output->reading = false;
    if (error != ERROR_SUCCESS) {
        end(output);
        return;
    }
    if (size == 0) {
        return; /* the test wrote nothing, which wakes a reader too */
    }
    output->size = size;
    output->passing = !hb_pass_write(&output->pass, output->buffer, size);
    output->passing_at_ms = hb_clock_ms();
    output->full = !output->passing;
    output->tell_gone = output->full && output->pass.gone;
}

void hb_output_passed(struct hb_output *output)
{
    if (!output->passing) {
        return;
    }
    hb_pass_done(&output->pass);
    output->passing = false;
    output->passing_ms += hb_clock_ms() - output->passing_at_ms;
    output->full = !output->told; /* told all the same: the log has a reader */
    output->told = false;
    output->tell_gone = output->pass.gone && !output->dropped;
}

/* Reads what is in the pipe, without waiting, to the end of the backlog. */
static size_t read_backlog(struct hb_output *output)
{
    DWORD inside = 0;
    DWORD got = 0;
    HANDLE event = NULL;
    size_t size = 0;

    if (!PeekNamedPipe(output->pipe, NULL, 0, NULL, &inside, NULL) ||
        inside == 0) {
        return 0;
    }
    char *more = realloc(output->backlog, output->backlog_size + inside);
    if (more == NULL) {
        return 0; /* out of memory loses it */
    }
    output->backlog = more;
    event = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (event != NULL) {
        /* The lowest bit says: no packet for the port. */
        OVERLAPPED read = { .hEvent = (HANDLE)((ULONG_PTR)event | 1) };

        if (ReadFile(output->pipe, more + output->backlog_size, inside, NULL,
                     &read) ||
            GetLastError() == ERROR_IO_PENDING) {
            (void)GetOverlappedResult(output->pipe, &read, &got, TRUE);
        }
        size = got;
        (void)CloseHandle(event);
    }
    output->backlog_size += size;
    return size;
}

static enum hb_output_news
step_dropped(struct hb_output *output, const char **out_bytes, size_t *out_size)
{
    if (output->passing && !output->told) {
        output->told = true;
        *out_bytes = output->buffer;
        *out_size = output->size;
        return HB_OUTPUT_BYTES;
    }
    if (output->pipe == NULL) {
        return HB_OUTPUT_NOTHING;
    }
    size_t size = read_backlog(output);
    end(output);
    if (size > 0) {
        *out_bytes = output->backlog + output->backlog_size - size;
        *out_size = size;
        return HB_OUTPUT_BYTES;
    }
    output->tell_end = false;
    return HB_OUTPUT_ENDED;
}

enum hb_output_news hb_output_step(struct hb_output *output,
                                   const char **out_bytes, size_t *out_size)
{
    if (output->pipe != NULL && !output->reading && !output->passing &&
        !output->full && !output->tell_gone && !output->dropped) {
        read_more(output);
    }
    if (output->full) {
        output->full = false;
        *out_bytes = output->buffer;
        *out_size = output->size;
        return HB_OUTPUT_BYTES;
    }
    if (output->pass.error != ERROR_SUCCESS && !output->told_error) {
        output->told_error = true;
        return HB_OUTPUT_NOT_PASSED;
    }
    if (output->tell_gone) {
        output->tell_gone = false;
        shut(output);
        return HB_OUTPUT_READER_GONE;
    }
    if (output->tell_end) {
        output->tell_end = false;
        return HB_OUTPUT_ENDED;
    }
    return output->dropped ? step_dropped(output, out_bytes, out_size)
                           : HB_OUTPUT_NOTHING;
}

struct hb_output_state hb_output_state(const struct hb_output *output)
{
    struct hb_output_state state = {
        .blocked_ms = output->passing_ms,
    };

    if (output->passing) {
        state.waits_ms = hb_clock_ms() - output->passing_at_ms;
        state.blocked_ms += state.waits_ms;
    }
    return state;
}

bool hb_output_has_writer(const struct hb_output *output)
{
    return output->pipe != NULL && hb_pipe_has_writer(output->pipe);
}

/* Afterwards the system writes into the buffer no more. What the read had got
 * by then is kept. */
static void call_off_read(struct hb_output *output)
{
    DWORD got = 0;

    if (!output->reading) {
        return;
    }
    (void)CancelIoEx(output->pipe, &output->read);
    BOOL ok = GetOverlappedResult(output->pipe, &output->read, &got, TRUE);
    hb_output_read(output, ok ? ERROR_SUCCESS : ERROR_OPERATION_ABORTED, got);
}

void hb_output_drop(struct hb_output *output)
{
    if (!output->dropped) {
        output->dropped = true;
        call_off_read(output);
        output->tell_gone = false;
    }
}

bool hb_output_close(struct hb_output *output)
{
    if (output->pipe != NULL) {
        output->dropped = true;
        call_off_read(output);
    }
    hb_pass_finish(&output->pass, output->backlog, output->backlog_size,
                   PATIENCE_MS);
    bool stopped = hb_pass_close(&output->pass);
    if (stopped) {
        free(output->backlog);
        output->backlog = NULL;
    }
    output->backlog_size = 0;
    shut(output);
    if (output->test_end != NULL) {
        (void)CloseHandle(output->test_end);
        output->test_end = NULL;
    }
    return stopped;
}
