#include "os/linux/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/linux/bytes.h"
#include "os/linux/spawn.h"
#include "os/linux/state.h"

/* What was killed and cannot die in this time is left to others. */
#define REAP_WITHIN_MS 1000u

struct ends {
    int ours;
    int theirs;
    int nowhere;
};

static bool open_ends(struct ends *ends, struct hb_error *err)
{
    int pair[2];

    if (pipe2(pair, O_CLOEXEC) < 0) {
        return hb_fail(err, HB_ERR_INTERNAL, errno,
                       "cannot make a pipe for a helper");
    }
    ends->ours = pair[0];
    ends->theirs = pair[1];
    (void)fcntl(ends->ours, F_SETFL, O_NONBLOCK);
    ends->nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    return true;
}

static void shut(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

/* Starts it with our own environment: nothing of the test's is its business. */
static bool start(const char *const *command, size_t count,
                  const struct ends *ends, pid_t *out_pid, struct hb_error *err)
{
    char **words = calloc(count + 1, sizeof(*words));
    struct hb_spawn spawn = {
        .command = words,
        .environment = environ,
        .output = { ends->theirs, ends->nowhere },
        .kept = -1,
        .own_group = true,
        .parent = getpid(),
    };

    if (words == NULL) {
        return hb_fail_memory(err);
    }
    memcpy(words, command, count * sizeof(*words));
    bool ok = hb_spawn_start(&spawn, out_pid) || hb_spawn_diagnose(&spawn, err);
    free(words);
    return ok;
}

bool hb_helper_start(struct hb_process *process, const char *const *command,
                     size_t count, struct hb_error *err)
{
    struct hb_helper *helper = &process->helper;
    struct ends ends = { -1, -1, -1 };
    pid_t pid = 0;
    bool ok = false;

    if (helper->pid != 0 || helper->ended) {
        return hb_fail(err, HB_ERR_INTERNAL, 0, "a helper runs already");
    }
    if (!open_ends(&ends, err) || !start(command, count, &ends, &pid, err)) {
        goto out;
    }
    hb_tree_leave_out(pid);
    helper->pid = pid;
    helper->out = ends.ours;
    ends.ours = -1;
    ok = true;

out:
    shut(&ends.ours);
    shut(&ends.theirs);
    shut(&ends.nowhere);
    return ok;
}

void hb_helper_end(struct hb_process *process)
{
    if (process->helper.pid != 0) { /* ours to reap, so it is no other's */
        (void)kill(process->helper.pid, SIGKILL);
    }
}

bool hb_helper_reaped(struct hb_helper *helper, pid_t pid, struct hb_exit how)
{
    if (helper->pid == 0 || pid != helper->pid) {
        return false;
    }
    hb_tree_leave_out(0);
    helper->pid = 0;
    helper->ended = true;
    helper->exit = how;
    return true;
}

/* False if there is nothing to tell. Once it has ended only what is in the
 * pipe counts: another may hold the other end. */
static bool read_more(struct hb_helper *helper, struct hb_event *out_event)
{
    ssize_t got = read(helper->out, helper->bytes, sizeof(helper->bytes));

    if (got > 0) {
        out_event->kind = HB_EVENT_HELPER_OUTPUT;
        out_event->bytes = helper->bytes;
        out_event->size = (size_t)got;
        return true;
    }
    if (helper->ended || got == 0 || (errno != EAGAIN && errno != EINTR)) {
        shut(&helper->out);
    }
    return false;
}

bool hb_helper_step(struct hb_helper *helper, struct hb_event *out_event)
{
    if (helper->out >= 0 && read_more(helper, out_event)) {
        return true;
    }
    if (!helper->ended) {
        return false;
    }
    helper->ended = false;
    out_event->kind = HB_EVENT_HELPER_ENDED;
    out_event->exit = helper->exit;
    return true;
}

void hb_helper_close(struct hb_helper *helper)
{
    const uint64_t end_ms = hb_clock_ms() + REAP_WITHIN_MS;
    struct hb_reaped reaped;

    shut(&helper->out);
    if (helper->pid == 0) {
        return;
    }
    (void)kill(helper->pid, SIGKILL);
    while (!hb_tree_reap(helper->pid, &reaped) && hb_clock_ms() < end_ms) {
        hb_tree_wait();
    }
    hb_tree_leave_out(0);
    helper->pid = 0;
}
