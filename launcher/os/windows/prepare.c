#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hbtest/protocol.h>

#include "os/host.h"
#include "os/windows/command_line.h"
#include "os/windows/environment.h"
#include "os/windows/private.h"
#include "os/windows/process_type.h"
#include "os/windows/signals.h"
#include "os/windows/widen.h"

static const DWORD stream_ids[] = { STD_INPUT_HANDLE, STD_OUTPUT_HANDLE,
                                    STD_ERROR_HANDLE };

static bool refused(struct hb_error *err, const char *what)
{
    return hb_fail(err, HB_ERR_INTERNAL, (long)GetLastError(), "cannot make %s",
                   what);
}

static bool copy_command(struct hb_process *process,
                         const struct hb_process_spec *spec,
                         struct hb_error *err)
{
    size_t size = strlen(spec->command[0]) + 1;

    process->name = malloc(size);
    if (process->name == NULL) {
        return hb_fail_memory(err);
    }
    memcpy(process->name, spec->command[0], size);
    return hb_command_line_join(spec->command, spec->count, &process->line,
                                err);
}

/* A twin that the program may inherit; what we were given may be closed to
 * heirs. A stream that we lack, the program lacks too. */
static bool twin(HANDLE ours, HANDLE *out_twin)
{
    HANDLE self = GetCurrentProcess();

    if (ours == NULL || ours == INVALID_HANDLE_VALUE) {
        *out_twin = NULL;
        return true;
    }
    if (!DuplicateHandle(self, ours, self, out_twin, 0, TRUE,
                         DUPLICATE_SAME_ACCESS)) {
        *out_twin = NULL; /* a handle that is closed already */
        return GetLastError() == ERROR_INVALID_HANDLE;
    }
    return true;
}

static bool prepare_streams(struct hb_process *process, struct hb_error *err)
{
    size_t inherited = process->plain ? 3 : 1;

    for (size_t i = 0; i < inherited; i++) {
        if (!twin(GetStdHandle(stream_ids[i]), &process->standard[i])) {
            return refused(err, "a standard stream for the test");
        }
    }
    for (size_t i = 0; !process->plain && i < HB_STREAM_COUNT; i++) {
        struct hb_output_keys keys = { HB_PACKET_READ + i,
                                       HB_PACKET_PASSED + i };

        if (!hb_output_open(&process->outputs[i], stream_ids[i + 1],
                            process->port, keys)) {
            return refused(err, "a pipe for the output");
        }
    }
    return true;
}

static bool prepare_recorder(struct hb_process *process, struct hb_error *err)
{
    SECURITY_ATTRIBUTES inherited = { .nLength = sizeof(inherited),
                                      .bInheritHandle = TRUE };
    SECURITY_ATTRIBUTES *ours = hb_private_attributes();

    if (ours != NULL) {
        inherited.lpSecurityDescriptor = ours->lpSecurityDescriptor;
    }
    process->mapping =
        CreateFileMappingW(INVALID_HANDLE_VALUE, &inherited, PAGE_READWRITE, 0,
                           HBTEST_RECORDER_SIZE, NULL);
    if (process->mapping != NULL) {
        process->recorder = MapViewOfFile(
            process->mapping, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, 0);
    }
    return process->recorder != NULL ||
           refused(err, "the memory of the recorder");
}

/* Its module is for programs that have a recorder. */
static void prepare_reporting(struct hb_process *process)
{
    static HKEY user = HKEY_CURRENT_USER;
    const struct hb_registry registry = hb_registry_of(&user);
    wchar_t path[HB_REGISTRY_NAME_MAX];

    if (process->mapping != NULL) {
        hb_wer_ask(&process->wer, &registry, hb_wer_find(path) ? path : NULL);
    }
}

/* A recorder of a launcher around us is none of this test's business. */
static bool prepare_environment(struct hb_process *process, uint64_t token,
                                struct hb_error *err)
{
    char value[128];
    char module[HB_REGISTRY_NAME_MAX * 3];
    /* An inherited handle has the same number on both sides. */
    unsigned long long handle = (unsigned long long)(uintptr_t)process->mapping;
    const struct hb_variable variables[] = {
        { L"" HBTEST_RECORDER_ENV, process->mapping == NULL ? NULL : value },
        { L"HBTEST_WER_MODULE", process->wer.lent ? module : NULL },
    };

    (void)snprintf(value, sizeof(value), "%u:%llu:%u:%llx:%lu:%llu",
                   HBTEST_PROTOCOL_MAJOR, handle,
                   (unsigned)HBTEST_RECORDER_SIZE, (unsigned long long)token,
                   GetCurrentProcessId(), handle);
    hb_narrow_into(module, sizeof(module), process->wer.path);
    process->environment = hb_environment_block(
        variables, sizeof(variables) / sizeof(variables[0]));
    return process->environment != NULL || hb_fail_memory(err);
}

static bool prepare(struct hb_process *process,
                    const struct hb_process_spec *spec, struct hb_error *err)
{
    process->plain = spec->plain;
    process->hold_exit = spec->hold_exit;
    process->cores = spec->cores && !spec->plain;
    process->exit_monitor = spec->exit_monitor;
    if (!copy_command(process, spec, err)) {
        return false;
    }
    process->port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    if (process->port == NULL) {
        return refused(err, "a completion port");
    }
    if (!hb_tree_open(&process->tree, process->port, HB_PACKET_JOB,
                      HB_PACKET_ENDED)) {
        return refused(err, "a job object");
    }
    if (!prepare_streams(process, err)) {
        return false;
    }
    if (spec->recorder && !spec->plain && !prepare_recorder(process, err)) {
        return false;
    }
    prepare_reporting(process);
    return prepare_environment(process, spec->token, err);
}

bool hb_process_prepare(const struct hb_process_spec *spec,
                        struct hb_process **out_process, struct hb_error *err)
{
    struct hb_process *process = calloc(1, sizeof(*process));

    if (process == NULL) {
        return hb_fail_memory(err);
    }
    if (!prepare(process, spec, err)) {
        hb_process_free(process);
        return false;
    }
    hb_signals_take(process->port, HB_PACKET_STOP);
    *out_process = process;
    return true;
}

void *hb_process_recorder(struct hb_process *process, size_t *out_size)
{
    if (process->recorder != NULL) {
        *out_size = HBTEST_RECORDER_SIZE;
    }
    return process->recorder;
}
