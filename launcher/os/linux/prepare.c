#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <hbtest/protocol.h>

#include "os/linux/bytes.h"
#include "os/linux/signals.h"
#include "os/linux/state.h"

/* Programs that close "all" descriptors often stop at a small number. */
#define HIGH_DESCRIPTOR 100

#define RECORDER_PREFIX HBTEST_RECORDER_ENV "="
#define NOTIFY_PREFIX "NOTIFY_SOCKET="

static int move_up(int fd)
{
    int high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_DESCRIPTOR);

    if (high < 0) {
        return fd; /* the limit of descriptors is lower than that */
    }
    (void)close(fd);
    return high;
}

/* Sealed, or a test could shrink it and our next look at it would be SIGBUS. */
static bool size_and_seal(int fd)
{
    return ftruncate(fd, HBTEST_RECORDER_SIZE) == 0 &&
           fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) ==
               0;
}

static void open_recorder(struct hb_process *process)
{
    int fd = memfd_create("hbtest-recorder", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    void *memory = MAP_FAILED;

    if (fd < 0) {
        return;
    }
    if (size_and_seal(fd)) {
        memory = mmap(NULL, HBTEST_RECORDER_SIZE, PROT_READ | PROT_WRITE,
                      MAP_SHARED, fd, 0);
    }
    if (memory == MAP_FAILED) {
        (void)close(fd);
        return;
    }
    fd = move_up(fd);
    process->memory = fd;
    process->recorder = memory;
    (void)snprintf(process->recorder_variable,
                   sizeof(process->recorder_variable),
                   RECORDER_PREFIX "%u:%d:%u:%llx:%ld:%d",
                   HBTEST_PROTOCOL_MAJOR, fd, HBTEST_RECORDER_SIZE,
                   (unsigned long long)process->spec.token, (long)getpid(), fd);
}

static bool begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Our own environment with these two variables replaced or left out: those of
 * a launcher or service manager around us are not meant for this test. */
static bool make_environment(struct hb_process *process, struct hb_error *err)
{
    size_t count = 0;
    size_t kept = 0;

    while (environ != NULL && environ[count] != NULL) {
        count++;
    }
    char **list = calloc(count + 3, sizeof(*list));
    if (list == NULL) {
        return hb_fail_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        bool ours = begins(environ[i], RECORDER_PREFIX) ||
                    (process->notify >= 0 && begins(environ[i], NOTIFY_PREFIX));
        if (!ours) {
            list[kept++] = environ[i];
        }
    }
    if (process->recorder != NULL) {
        list[kept++] = process->recorder_variable;
    }
    if (process->notify >= 0) {
        list[kept++] = process->notify_variable;
    }
    process->environment = list;
    return true;
}

static bool prepare_outputs(struct hb_process *process, struct hb_error *err)
{
    for (int i = 0; i < HB_STREAM_COUNT; i++) {
        if (!hb_output_open(&process->outputs[i], 1 + i)) {
            return hb_fail(err, HB_ERR_INTERNAL, errno,
                           "cannot make a pipe for the test's output");
        }
    }
    return true;
}

static bool prepare_signals(struct hb_process *process, struct hb_error *err)
{
    sigset_t held;

    hb_signals_take();
    hb_signals_held(&held);
    process->signals = signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK);
    if (process->signals < 0) {
        return hb_fail(err, HB_ERR_INTERNAL, errno, "cannot receive signals");
    }
    /* All that the test leaves behind comes to us. */
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) {
        return hb_fail(err, HB_ERR_INTERNAL, errno,
                       "cannot become the parent of orphans");
    }
    return true;
}

bool hb_process_prepare(const struct hb_process_spec *spec,
                        struct hb_process **out_process, struct hb_error *err)
{
    struct hb_process *process = calloc(1, sizeof(*process));
    bool ok = false;

    if (process == NULL) {
        return hb_fail_memory(err);
    }
    process->spec = *spec;
    process->signals = -1;
    process->notify = -1;
    process->memory = -1;
    process->helper.out = -1;
    for (int i = 0; i < HB_STREAM_COUNT; i++) {
        process->outputs[i].fd = -1;
        process->outputs[i].test_end = -1;
    }
    hb_standard_streams_fill();
    if (!prepare_signals(process, err)) {
        goto out;
    }
    if (!spec->plain) {
        if (!prepare_outputs(process, err)) {
            goto out;
        }
        if (spec->recorder) {
            open_recorder(process); /* without one the test is watched less */
        }
        if (spec->notify) {
            (void)hb_notify_open(process);
        }
        if (!make_environment(process, err)) {
            goto out;
        }
    }
    *out_process = process;
    process = NULL;
    ok = true;

out:
    hb_process_free(process);
    return ok;
}
