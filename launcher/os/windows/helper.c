#include "os/windows/helper.h"

#include <stdlib.h>

#include "os/windows/command_line.h"
#include "os/windows/pipe.h"
#include "os/windows/process_type.h"
#include "os/windows/spawn.h"

/* The status of what we end ourselves, as in tree.c. */
#define KILL_STATUS 0xC0DE0137u

static bool refused(struct hb_error *err, const char *what)
{
    return hb_fail(err, HB_ERR_INTERNAL, (long)GetLastError(),
                   "cannot make %s for a helper", what);
}

static void close_handle(HANDLE *handle)
{
    if (*handle != NULL) {
        (void)CloseHandle(*handle);
        *handle = NULL;
    }
}

static bool make_job(HANDLE *out_job, struct hb_error *err)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {
        .BasicLimitInformation = { .LimitFlags =
                                       JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE }
    };
    HANDLE job = CreateJobObjectW(NULL, NULL);

    if (job == NULL ||
        !SetInformationJobObject(job, JobObjectExtendedLimitInformation,
                                 &limits, sizeof(limits))) {
        (void)refused(err, "a job object");
        close_handle(&job);
        return false;
    }
    *out_job = job;
    return true;
}

/* Starts it with our own environment: nothing of the test's is its business. */
static bool start(struct hb_process *process, const char *const *command,
                  size_t count, HANDLE output, struct hb_error *err)
{
    struct hb_helper *helper = &process->helper;
    struct hb_spawn spawn = {
        .name = command[0],
        .job = helper->job,
        .late = process->late,
        .standard = { NULL, output, NULL },
    };
    DWORD pid = 0;
    HANDLE handle = NULL;
    bool ok = false;

    if (!hb_command_line_join(command, count, &spawn.line, err)) {
        return false;
    }
    if (!hb_spawn_start(&spawn, &pid, &handle)) {
        (void)hb_spawn_diagnose(&spawn, err);
        goto out;
    }
    helper->member = (struct hb_member){ .pid = pid,
                                         .handle = handle,
                                         .port = process->port,
                                         .key = HB_PACKET_HELPER_ENDED };
    ok = hb_member_watch(&helper->member) || refused(err, "a wait");

out:
    free(spawn.file);
    free(spawn.line);
    return ok;
}

bool hb_helper_start(struct hb_process *process, const char *const *command,
                     size_t count, struct hb_error *err)
{
    struct hb_helper *helper = &process->helper;
    HANDLE theirs = NULL;
    bool ok = false;

    if (helper->member.pid != 0) {
        return hb_fail(err, HB_ERR_INTERNAL, 0, "a helper runs already");
    }
    if (!make_job(&helper->job, err)) {
        goto out;
    }
    if (!hb_pipe_open(HB_HELPER_SIZE, &helper->out, &theirs) ||
        CreateIoCompletionPort(helper->out, process->port,
                               HB_PACKET_HELPER_READ, 0) == NULL) {
        (void)refused(err, "a pipe");
        goto out;
    }
    hb_suspended_note(&helper->before, &process->tree);
    ok = start(process, command, count, theirs, err);

out:
    close_handle(&theirs);
    if (!ok) {
        hb_helper_close(helper);
    }
    return ok;
}

void hb_helper_end(struct hb_process *process)
{
    if (process->helper.job != NULL) {
        (void)TerminateJobObject(process->helper.job, KILL_STATUS);
    }
}

void hb_helper_read(struct hb_helper *helper, DWORD error, DWORD size)
{
    if (!helper->reading) {
        return; /* a read that was called off */
    }
    helper->reading = false;
    if (error != ERROR_SUCCESS) {
        close_handle(&helper->out);
    } else {
        helper->size = size;
    }
}

/* It came to its own end, and undid what it had done. */
static bool has_finished(const struct hb_member *member)
{
    return member->has_status && member->status < 0x80000000u;
}

/* Whoever it left behind would keep the pipe open. */
void hb_helper_ended(struct hb_helper *helper, const struct hb_tree *tree)
{
    struct hb_member *member = &helper->member;

    if (member->pid == 0 || member->ended) {
        return;
    }
    member->ended = true;
    member->has_status =
        GetExitCodeProcess(member->handle, &member->status) != FALSE;
    (void)TerminateJobObject(helper->job, KILL_STATUS);
    if (!has_finished(member)) {
        hb_suspended_resume(&helper->before, tree);
    }
}

static void read_more(struct hb_helper *helper)
{
    helper->read = (OVERLAPPED){ 0 };
    helper->reading = true;
    if (!ReadFile(helper->out, helper->bytes, sizeof(helper->bytes), NULL,
                  &helper->read) &&
        GetLastError() != ERROR_IO_PENDING) {
        helper->reading = false; /* no packet comes */
        close_handle(&helper->out);
    }
}

static void tell_end(struct hb_helper *helper, struct hb_event *out_event)
{
    const struct hb_member *member = &helper->member;

    out_event->kind = HB_EVENT_HELPER_ENDED;
    if (member->has_status) {
        out_event->exit =
            (struct hb_exit){ .kind = HB_EXIT_CODE, .value = member->status };
    }
    hb_helper_close(helper);
}

bool hb_helper_step(struct hb_helper *helper, struct hb_event *out_event)
{
    if (helper->size > 0) {
        out_event->kind = HB_EVENT_HELPER_OUTPUT;
        out_event->bytes = helper->bytes;
        out_event->size = helper->size;
        helper->size = 0;
        return true;
    }
    if (helper->out != NULL && !helper->reading) {
        read_more(helper);
    }
    if (helper->out != NULL || !helper->member.ended) {
        return false;
    }
    tell_end(helper, out_event);
    return true;
}

/* Afterwards the system writes into the buffer no more. */
static void call_off_read(struct hb_helper *helper)
{
    DWORD got = 0;

    if (helper->reading) {
        helper->reading = false;
        (void)CancelIoEx(helper->out, &helper->read);
        (void)GetOverlappedResult(helper->out, &helper->read, &got, TRUE);
    }
}

void hb_helper_close(struct hb_helper *helper)
{
    if (helper->job != NULL) {
        (void)TerminateJobObject(helper->job, KILL_STATUS);
    }
    call_off_read(helper);
    close_handle(&helper->out);
    close_handle(&helper->job);
    hb_member_close(&helper->member);
    helper->member = (struct hb_member){ 0 };
    helper->size = 0;
}
